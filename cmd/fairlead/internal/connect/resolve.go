package connect

import (
	"net"
	"net/netip"
	"strings"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

// resolveTable is --resolve: addresses by "host:port", "*:port" for any host.
type resolveTable map[string][]string

func (t resolveTable) lookUp(addr string) ([]string, bool) {
	if to, ok := t[strings.ToLower(addr)]; ok {
		return to, true
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, false
	}
	to, ok := t["*:"+port]
	return to, ok
}

func parseResolve(entries []string) (resolveTable, error) {
	table := resolveTable{}
	for _, entry := range entries {
		host, rest, ok := cutHost(strings.TrimPrefix(entry, "+"))
		port, list, ok2 := strings.Cut(rest, ":")
		if !ok || !ok2 || host == "" || port == "" || list == "" {
			return nil, exit.Usagef("--resolve: expected HOST:PORT:ADDRESS[,ADDRESS]")
		}
		key := net.JoinHostPort(strings.ToLower(host), port)
		var to []string
		for a := range strings.SplitSeq(list, ",") {
			ip, err := netip.ParseAddr(strings.Trim(a, "[]"))
			if err != nil {
				return nil, exit.Usagef("--resolve: %q is not an IP address", a)
			}
			to = append(to, net.JoinHostPort(ip.String(), port))
		}
		table[key] = to
	}
	return table, nil
}

// rewrite is one --connect-to. What is empty stands for anything on the left
// and leaves it on the right.
type rewrite struct{ host, port, toHost, toPort string }

func parseConnectTo(entries []string) ([]rewrite, error) {
	var all []rewrite
	for _, entry := range entries {
		var r rewrite
		var ok [3]bool
		rest := entry
		r.host, rest, ok[0] = cutHost(rest)
		r.port, rest, ok[1] = strings.Cut(rest, ":")
		r.toHost, r.toPort, ok[2] = cutHost(rest)
		if ok != [3]bool{true, true, true} {
			return nil, exit.Usagef("--connect-to: expected HOST1:PORT1:HOST2:PORT2")
		}
		all = append(all, r)
	}
	return all, nil
}

func (r rewrite) apply(addr string) (string, bool) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || r.host != "" && !strings.EqualFold(r.host, host) || r.port != "" && r.port != port {
		return "", false
	}
	if r.toHost != "" {
		host = r.toHost
	}
	if r.toPort != "" {
		port = r.toPort
	}
	return net.JoinHostPort(host, port), true
}

// cutHost cuts at the colon behind a host, which may be an IPv6 address in
// brackets.
func cutHost(text string) (host, rest string, ok bool) {
	if inner, isBracket := strings.CutPrefix(text, "["); isBracket {
		host, rest, ok = strings.Cut(inner, "]")
		if !ok {
			return "", "", false
		}
		rest, ok = strings.CutPrefix(rest, ":")
		return host, rest, ok
	}
	return strings.Cut(text, ":")
}
