package route

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// lookup asks the resolver for the addresses of host. Network is "ip", "ip4" or
// "ip6".
func lookup(ctx context.Context, resolver *net.Resolver, network, host string) ([]netip.Addr, error) {
	trace := wstrace.FromContext(ctx)
	wstrace.Call(trace.ResolveStart, wstrace.ResolveStart{Host: host})
	start := time.Now()
	ips, err := resolver.LookupNetIP(ctx, network, host)
	done := wstrace.ResolveDone{Host: host, Duration: time.Since(start), Err: err}
	for i := range ips {
		ips[i] = ips[i].Unmap()
		done.Addrs = append(done.Addrs, ips[i].String())
	}
	wstrace.Call(trace.ResolveDone, done)
	return ips, err
}

// interleave puts the addresses into the order of RFC 8305 section 4: the two
// versions of IP by turns, otherwise as they came.
func interleave(ips []netip.Addr, prefer Preference) []netip.Addr {
	first := prefer == PreferIPv4
	if prefer == PreferResolved && len(ips) > 0 {
		first = ips[0].Is4()
	}
	var front, back []netip.Addr
	for _, ip := range ips {
		if ip.Is4() == first {
			front = append(front, ip)
		} else {
			back = append(back, ip)
		}
	}
	sorted := make([]netip.Addr, 0, len(ips))
	for len(front) > 0 && len(back) > 0 {
		sorted = append(sorted, front[0], back[0])
		front, back = front[1:], back[1:]
	}
	return append(append(sorted, front...), back...)
}
