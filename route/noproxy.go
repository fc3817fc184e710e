package route

import (
	"net"
	"net/netip"
	"strings"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// isLocal reports whether a is on this machine (RFC 6761 section 6.3).
func (a hostPort) isLocal() bool {
	if a.ip.IsValid() {
		return a.ip.Unmap().IsLoopback()
	}
	return underDomain(plainName(a.host), "localhost", false)
}

// noProxy reports whether list excepts the target. An entry that cannot be
// understood excepts nothing.
func noProxy(list string, target hostPort) bool {
	entries := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r <= ' ' })
	for _, entry := range entries {
		if excepts(entry, target) {
			return true
		}
	}
	return false
}

func excepts(entry string, target hostPort) bool {
	if entry == "*" {
		return true
	}
	// No port is looked for in a bare IPv6 address.
	if _, err := netip.ParseAddr(entry); err != nil {
		if host, port, err := net.SplitHostPort(entry); err == nil {
			n, err := parsePort(port)
			if err != nil || n != target.port {
				return false
			}
			entry = host
		}
	}
	entry = strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]")
	if target.ip.IsValid() {
		// An address is never compared with names: the zone of one can look
		// like a domain.
		ip := target.ip.WithZone("").Unmap()
		if prefix, err := netip.ParsePrefix(entry); err == nil {
			return prefix.Contains(ip)
		}
		other, err := netip.ParseAddr(entry)
		return err == nil && other.WithZone("").Unmap() == ip
	}
	domain, below := strings.CutPrefix(strings.TrimPrefix(entry, "*"), ".")
	return underDomain(plainName(target.host), plainName(domain), below)
}

// plainName is name without the dot of the root.
func plainName(name string) string { return strings.TrimSuffix(name, ".") }

// underDomain reports whether name is below domain or, unless only those below
// count, domain itself. The case of letters makes no difference.
func underDomain(name, domain string, below bool) bool {
	if domain == "" || len(name) < len(domain) {
		return false
	}
	cut := len(name) - len(domain)
	if !http1.EqualFold(name[cut:], domain) {
		return false
	}
	return cut == 0 && !below || cut > 0 && name[cut-1] == '.'
}
