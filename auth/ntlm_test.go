package auth_test

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/fairlead-ws/fairlead/auth"
)

// The values of MS-NLMP section 4.2.1 and what section 4.2.2.1 and 4.2.4 compute
// of them.
const (
	nlmpPassword  = "Password"
	nlmpNTHash    = "a4f49c406510bdcab6824ee7c30fd852"
	nlmpV2Hash    = "0c868a403bfd7a93a3001ef22ef02e3f"
	nlmpProof     = "68cd0ab851e51c96aabc927bebef6a1c"
	nlmpChallenge = "0123456789abcdef"
	nlmpInfo      = "02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000"
)

func utf16le(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func hmacMD5(key []byte, parts ...[]byte) []byte {
	h := hmac.New(md5.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// ntowfv2 is NTOWFv2 of MS-NLMP section 3.3.2 for the published password.
func ntowfv2(t *testing.T, user, domain string) []byte {
	t.Helper()
	return hmacMD5(unhex(t, nlmpNTHash), utf16le(strings.ToUpper(user)+domain))
}

// The computation that the tests below judge by gives the published values.
func TestNTLMReference(t *testing.T) {
	key := ntowfv2(t, "User", "Domain")
	if got := hex.EncodeToString(key); got != nlmpV2Hash {
		t.Errorf("NTOWFv2 is %s", got)
	}
	temp := unhex(t, "0101000000000000"+"0000000000000000"+"aaaaaaaaaaaaaaaa"+"00000000"+nlmpInfo+"00000000")
	if got := hex.EncodeToString(hmacMD5(key, unhex(t, nlmpChallenge), temp)); got != nlmpProof {
		t.Errorf("NTProofStr is %s", got)
	}
}

// type2 is a CHALLENGE_MESSAGE (MS-NLMP section 2.2.1.2) with the published
// challenge.
func type2(t *testing.T, flags uint32, info []byte) []byte {
	t.Helper()
	target := utf16le("Server")
	b := append([]byte("NTLMSSP\x00"), 2, 0, 0, 0)
	field := func(n, at int) {
		b = binary.LittleEndian.AppendUint16(b, uint16(n))
		b = binary.LittleEndian.AppendUint16(b, uint16(n))
		b = binary.LittleEndian.AppendUint32(b, uint32(at))
	}
	field(len(target), 48)
	b = binary.LittleEndian.AppendUint32(b, flags)
	b = append(b, unhex(t, nlmpChallenge)...)
	b = append(b, make([]byte, 8)...)
	field(len(info), 48+len(target))
	return append(append(b, target...), info...)
}

// Flags of a server that speaks UTF-16 and NTLMv2 (MS-NLMP section 2.2.2.5).
const ntlmFlags = 0x00000001 | 0x00000200 | 0x00008000 | 0x00080000 | 0x00800000

// payload reads a field of a message.
func payload(t *testing.T, message []byte, at int) []byte {
	t.Helper()
	n, from := int(binary.LittleEndian.Uint16(message[at:])), int(binary.LittleEndian.Uint32(message[at+4:]))
	if from+n > len(message) {
		t.Fatalf("the field at %d ends outside of the message", at)
	}
	return message[from : from+n]
}

func ntlmMessage(t *testing.T, value string, kind byte) []byte {
	t.Helper()
	text, ok := strings.CutPrefix(value, "NTLM ")
	message, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(message) < 32 || string(message[:8]) != "NTLMSSP\x00" || message[8] != kind {
		t.Fatalf("not a message of type %d: %q", kind, value)
	}
	return message
}

func ntlmField(message []byte) string { return "NTLM " + base64.StdEncoding.EncodeToString(message) }

func TestNTLM(t *testing.T) {
	info := unhex(t, nlmpInfo)
	stamped := append(unhex(t, "07000800"+"1122334455667788"), info...)
	for _, c := range []struct {
		name         string
		n            auth.NTLM
		info         []byte
		user, domain string
	}{
		{"MS-NLMP 4.2.4", auth.NTLM{Username: "User", Domain: "Domain", Workstation: "COMPUTER"}, info, "User", "Domain"},
		{"time of the server", auth.NTLM{Username: "User", Domain: "Domain"}, stamped, "User", "Domain"},
		{"domain in the name", auth.NTLM{Username: `Domain\User`}, info, "User", "Domain"},
		{"principal name", auth.NTLM{Username: "User@Domain"}, info, "User@Domain", ""},
		{"no domain", auth.NTLM{Username: "User"}, info, "User", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.n.Password = nlmpPassword
			for _, r := range []*auth.Request{get(t, "ws://h/"), connect("h:443")} {
				sent, err := play(c.n, r, ask("Negotiate", ntlmField(type2(t, ntlmFlags, c.info))))
				if err != nil || len(sent) != 2 {
					t.Fatalf("got %q, %v", sent, err)
				}
				if m := ntlmMessage(t, sent[0], 1); len(m) != 40 {
					t.Errorf("the first message tells more than it must: %q", m)
				}
				m := ntlmMessage(t, sent[1], 3)
				domain, user, workstation := payload(t, m, 28), payload(t, m, 36), payload(t, m, 44)
				if string(domain) != string(utf16le(c.domain)) || string(user) != string(utf16le(c.user)) || string(workstation) != string(utf16le(c.n.Workstation)) {
					t.Errorf("domain %q, user %q, workstation %q", domain, user, workstation)
				}
				response := payload(t, m, 20)
				proof, temp := response[:16], response[16:]
				if string(proof) != string(hmacMD5(ntowfv2(t, c.user, c.domain), unhex(t, nlmpChallenge), temp)) {
					t.Error("the proof is wrong")
				}
				if string(temp[:8]) != "\x01\x01\x00\x00\x00\x00\x00\x00" || !strings.Contains(string(temp[28:]), string(c.info)) {
					t.Errorf("the response is malformed: %x", response)
				}
				if stamp := hex.EncodeToString(temp[8:16]); len(c.info) == len(stamped) && stamp != "1122334455667788" {
					t.Errorf("the time is %s, not the server's", stamp)
				}
			}
		})
	}
	// L50: the nonces of two dials differ.
	challenge := ask(ntlmField(type2(t, ntlmFlags, stamped)))
	n := auth.NTLM{Username: "User", Password: nlmpPassword}
	a, _ := play(n, get(t, "ws://h/"), challenge)
	b, _ := play(n, get(t, "ws://h/"), challenge)
	if a[1] == b[1] {
		t.Error("two dials gave the same proof")
	}
}

func TestNTLMErrors(t *testing.T) {
	good := type2(t, ntlmFlags, unhex(t, nlmpInfo))
	n := auth.NTLM{Username: "User", Password: canary, Domain: "D", Workstation: "W"}
	for _, c := range []struct {
		row     string
		answers [][]string
		target  error
		says    string
	}{
		{"F02 again", [][]string{ask(ntlmField(good)), ask("NTLM")}, auth.ErrRefused, "after it got NTLM"},
		{"F02 another challenge", [][]string{ask(ntlmField(good)), ask(ntlmField(good))}, auth.ErrRefused, "after it got NTLM"},
		{"began anew", [][]string{ask("NTLM")}, auth.ErrRefused, "connection"},
		{"F06 no field", [][]string{nil}, auth.ErrNotOffered, "no scheme"},
		{"other schemes", [][]string{ask("Basic, Negotiate")}, auth.ErrNotOffered, "basic, negotiate"},
		{"not Base64", [][]string{ask("NTLM TlRM=")}, nil, "not Base64"},
		{"not a message", [][]string{ask("NTLM " + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00\xff\n", 20))))}, nil, "type 2"},
		{"type 1 instead", [][]string{ask(ntlmField(append([]byte("NTLMSSP\x00\x01"), make([]byte, 60)...)))}, nil, "type 2"},
		{"oversized", [][]string{ask("NTLM " + strings.Repeat("A", 16<<10+4))}, nil, "16384"},
		{"no UTF-16", [][]string{ask(ntlmField(type2(t, ntlmFlags&^1, unhex(t, nlmpInfo))))}, nil, "unicode"},
		{"key exchange", [][]string{ask(ntlmField(type2(t, ntlmFlags|0x40000000, unhex(t, nlmpInfo))))}, nil, "key exchange"},
		{"NTLMv1", [][]string{ask(ntlmField(type2(t, ntlmFlags|0x80, unhex(t, nlmpInfo))))}, nil, "v1"},
		{"target info without end", [][]string{ask(ntlmField(type2(t, ntlmFlags, []byte{1, 0, 0xff, 0xff})))}, nil, "type 2"},
	} {
		t.Run(c.row, func(t *testing.T) {
			_, err := play(n, connect("h:443"), c.answers...)
			fails(t, err, c.target, c.says)
		})
	}
	for cut := range good {
		_, err := play(n, get(t, "ws://h/"), ask(ntlmField(good[:cut])))
		if cut == 0 {
			fails(t, err, auth.ErrRefused, "connection")
		} else {
			fails(t, err, nil, "type 2")
		}
	}
	for _, c := range []struct {
		row  string
		n    auth.NTLM
		says string
	}{
		{"L32 user", auth.NTLM{Username: "a\n", Password: canary}, "user name"},
		{"L32 password", auth.NTLM{Username: "a", Password: canary + "\x00"}, "password"},
		{"L32 domain", auth.NTLM{Username: "a", Password: canary, Domain: "\r"}, "domain"},
		{"L32 workstation", auth.NTLM{Username: "a", Password: canary, Workstation: "\x7f"}, "workstation"},
		{"no user", auth.NTLM{Password: canary}, "needs a user name"},
	} {
		t.Run(c.row, func(t *testing.T) {
			_, err := play(c.n, get(t, "wss://h/"))
			fails(t, err, nil, c.says)
		})
	}
}
