package chilkat

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// target is a server as Connect was told of it.
type target struct {
	host          string // in ASCII, without brackets
	port          int
	tls           bool
	autoReconnect bool
	relayed       bool // through a proxy, which connects from where it is
	sheltered     bool // through SSH
}

const hostnameAdvice = `Pass a name or an address, such as "example.com" or "::1"; port, tls and the path are arguments of their own.`

// newTarget judges the arguments of Connect. Errors name the argument, never its
// value: a URL may carry credentials anywhere. reason is the ConnectFailReason.
func newTarget(hostname string, port int, tls, autoReconnect bool) (t target, reason int, err error) {
	if hostname == "" {
		return t, connectEmptyHost, fail("the argument hostname is empty", hostnameAdvice)
	}
	if port < 1 || port > 65535 {
		return t, connectRefused, fail("the argument port is not from 1 to 65535", "Pass the port of the server: 443 is usual with TLS, 80 without.")
	}
	host, wrong := canonicalHost(hostname)
	if wrong != "" {
		return t, connectRefused, fail("the argument hostname "+wrong, hostnameAdvice)
	}
	return target{host: host, port: port, tls: tls, autoReconnect: autoReconnect}, connectOK, nil
}

// canonicalHost gives a name in lower case ASCII, an address without brackets.
func canonicalHost(hostname string) (host, wrong string) {
	switch {
	case strings.ContainsFunc(hostname, func(c rune) bool { return c <= ' ' || c == 0x7f }):
		return "", "has a space or a control character"
	case strings.Contains(hostname, "://"):
		return "", "is a URL"
	case strings.Contains(hostname, "@"):
		return "", "has a user name in it"
	case strings.ContainsAny(hostname, `/\?#`):
		return "", "has a path in it"
	}
	bare := hostname
	if inner, ok := strings.CutPrefix(hostname, "["); ok {
		bare, ok = strings.CutSuffix(inner, "]")
		if addr, err := netip.ParseAddr(bare); !ok || err != nil || !addr.Is6() {
			return "", "has brackets around what is no IPv6 address"
		}
	}
	if addr, err := netip.ParseAddr(bare); err == nil {
		return addr.String(), ""
	}
	if strings.Contains(bare, ":") {
		return "", "has a port in it, or is a broken IPv6 address"
	}
	// Names in ASCII pass as they are: those of local networks have underscores,
	// which idna refuses.
	name := strings.ToLower(bare)
	if strings.ContainsFunc(bare, func(c rune) bool { return c > 0x7f }) {
		ascii, err := idna.Lookup.ToASCII(bare)
		if err != nil {
			return "", "is not a valid host name"
		}
		name = ascii
	}
	if len(name) > 253 || !labels.MatchString(name) {
		return "", "is not a valid host name"
	}
	return name, ""
}

// labels is RFC 1035 section 2.3.1, with the underscore, and with digits where
// RFC 1123 section 2.1 allows them.
var labels = regexp.MustCompile(`^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$`)

func (t target) addr() string { return net.JoinHostPort(t.host, strconv.Itoa(t.port)) }

// hostField is the value of the field Host (RFC 9110 section 7.2). The zone of
// an IPv6 address is of no use to the server.
func (t target) hostField() string {
	host, _, _ := strings.Cut(t.host, "%")
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if t.tls && t.port == 443 || !t.tls && t.port == 80 {
		return host
	}
	return host + ":" + strconv.Itoa(t.port)
}

// private reports whether nobody else can read what goes to the server, or, with
// SSH, to the SSH server. Seen from a proxy, localhost is another machine.
func (t target) private() bool {
	addr, err := netip.ParseAddr(t.host)
	loopback := t.host == "localhost" || err == nil && addr.IsLoopback()
	return t.tls || t.sheltered || loopback && !t.relayed
}
