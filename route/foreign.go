package route

import (
	"strconv"
	"strings"
)

// foreignBytes bounds what an error repeats of an answer that is not the
// protocol's.
const foreignBytes = 32

// foreignHint is how many bytes tell each protocol that hint knows.
const foreignHint = 5

// foreignError says that the peer speaks another protocol than the hop's.
type foreignError struct {
	protocol string // ours
	begin    []byte // of the answer
}

func (e *foreignError) Error() string {
	return "the answer is not " + e.protocol + e.hint() + ": it begins with " +
		strconv.QuoteToASCII(string(e.begin[:min(len(e.begin), foreignBytes)]))
}

// hint recognises what often listens on the port of a proxy.
func (e *foreignError) hint() string {
	begins := func(prefix string) bool { return strings.HasPrefix(string(e.begin), prefix) }
	switch {
	case begins("HTTP/"):
		return "; an HTTP server or proxy answers on this port (http://)"
	case begins("SSH-"):
		return "; an SSH server answers on this port (ssh://)"
	case begins("\x15\x03"), begins("\x16\x03"):
		return "; the port speaks TLS (https://)"
	case begins("\x05"):
		return "; a SOCKS5 proxy answers on this port (socks5://)"
	case begins("\x00\x5a"), begins("\x00\x5b"), begins("\x04"):
		return "; a SOCKS4 proxy answers on this port (socks4://)"
	}
	return ""
}
