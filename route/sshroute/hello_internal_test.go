package sshroute

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// FuzzHello: whichever way the bytes come, the same is understood.
func FuzzHello(f *testing.F) {
	list := "a," + kexStrict
	packet := append(append(make([]byte, 5), append([]byte{msgKexInit}, make([]byte, 16)...)...), 0, 0, 0, byte(len(list)))
	f.Add([]byte("hi\r\nSSH-2.0-x\r\n"+string(packet)+list), uint8(3))
	f.Add([]byte("SSH-2.0-x\n"+string(packet)), uint8(1))
	f.Fuzz(func(t *testing.T, p []byte, piece uint8) {
		defer fuzzlimit.Input(t)()
		var whole, split hello
		whole.add(p)
		for c := range slices.Chunk(p, int(piece)+1) {
			split.add(c)
		}
		if whole.version != split.version || !slices.Equal(whole.kex, split.kex) {
			t.Errorf("%q: %v, in pieces %v", p, whole, split)
		}
	})
}

// TestStrict: H06, CVE-2023-48795: without strict key exchange only ciphers are
// used from whose stream nothing can be removed.
func TestStrict(t *testing.T) {
	for _, test := range []struct {
		cipher, mac string
		strict, ok  bool
	}{
		{cipher: ssh.CipherChaCha20Poly1305},
		{cipher: ssh.CipherChaCha20Poly1305, strict: true, ok: true},
		{cipher: ssh.CipherAES128CTR, mac: ssh.HMACSHA256ETM},
		{cipher: ssh.CipherAES128CTR, mac: ssh.HMACSHA256ETM, strict: true, ok: true},
		{cipher: ssh.CipherAES128CTR, mac: ssh.HMACSHA256, ok: true},
		{cipher: ssh.CipherAES128GCM, ok: true},
	} {
		a := authenticator{link: &guard{}}
		if test.strict {
			a.link.hello.kex = []string{"a", kexStrict}
		}
		used := ssh.DirectionAlgorithms{Cipher: test.cipher, MAC: test.mac}
		err := a.checkAlgorithms(ssh.NegotiatedAlgorithms{Read: used, Write: ssh.DirectionAlgorithms{Cipher: ssh.CipherAES128GCM}})
		if errors.Is(err, errWeakStream) == test.ok {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
