package sshroute

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// kexStrict is how a server says that it resets and checks sequence numbers, so
// that nobody can remove packets from the beginning of the encrypted stream
// (OpenSSH's PROTOCOL, section 1.10).
const kexStrict = "kex-strict-s-v00@openssh.com"

// msgKexInit is SSH_MSG_KEXINIT (RFC 4253 section 7.1).
const msgKexInit = 20

// hello collects what a server sends in the clear: its version and the first
// packet, which lists its algorithms.
type hello struct {
	version bool   // the line has come
	rest    []byte // what is not understood yet
	done    bool
	kex     []string // algorithms for the key exchange
}

func (h *hello) add(p []byte) {
	if h.done {
		return
	}
	h.rest = append(h.rest, p...)
	for !h.version {
		line, rest, ok := bytes.Cut(h.rest, []byte("\n"))
		if !ok {
			return
		}
		h.version, h.rest = bytes.HasPrefix(line, []byte("SSH-")), rest
	}
	// The length of the packet and that of its padding, the type, a cookie of
	// 16 bytes, the length of the list.
	const before = 4 + 1 + 1 + 16
	if len(h.rest) < before+4 {
		return
	}
	list := h.rest[before+4:]
	length := uint64(binary.BigEndian.Uint32(h.rest[before:]))
	switch {
	case h.rest[5] != msgKexInit: // the library complains
	case uint64(len(list)) < length:
		return
	default:
		h.kex = strings.Split(string(list[:length]), ",")
	}
	h.done, h.rest = true, nil
}

func (h *hello) strict() bool { return slices.Contains(h.kex, kexStrict) }

// cuttable tells of ciphers from whose stream packets can be removed unseen when
// the server is not strict (CVE-2023-48795).
func cuttable(algorithms ssh.NegotiatedAlgorithms) bool {
	return slices.ContainsFunc([]ssh.DirectionAlgorithms{algorithms.Read, algorithms.Write}, func(d ssh.DirectionAlgorithms) bool {
		return d.Cipher == ssh.CipherChaCha20Poly1305 || strings.Contains(d.MAC, "-etm@")
	})
}
