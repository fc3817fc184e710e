package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/route"
	_ "github.com/fairlead-ws/fairlead/route/sshroute" // the scheme ssh
)

// way is the route of the flags.
type way struct {
	base      route.Dialer  // to the first hop
	hops      []route.Layer // --via
	proxy     route.Layer   // --proxy
	noProxy   string
	local     bool // a Unix socket: the environment's proxies are not asked
	connectTo []rewrite
	rate      int64

	mu     sync.Mutex
	secure map[string]bool // by address: which variable of the environment counts
}

func (f *Flags) way() (*way, error) {
	w := &way{noProxy: f.noProxy, rate: int64(f.limitRate), secure: map[string]bool{}}
	var err error
	if w.base, w.local, err = f.base(); err != nil {
		return nil, err
	}
	for _, u := range f.via {
		layer, err := route.LayerFromURL(u)
		if err != nil {
			return nil, exit.Usagef("--via: %w", err)
		}
		w.hops = append(w.hops, layer)
	}
	if w.proxy, err = f.proxyLayer(); err != nil {
		return nil, err
	}
	w.connectTo, err = parseConnectTo(f.connectTo)
	return w, err
}

// note remembers by which scheme an address is reached.
func (w *way) note(u *url.URL) {
	secure, addr := secureAndAddr(u)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secure[addr] = secure
}

// DialContext goes the way. It is asked for each redirect, too.
func (w *way) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	layers := append([]route.Layer{func(route.Dialer) route.Dialer { return w.base }}, w.hops...)
	proxy := w.proxy
	if proxy == nil && len(w.hops) == 0 && !w.local {
		w.mu.Lock()
		secure := w.secure[addr]
		w.mu.Unlock()
		var err error
		if proxy, err = route.LayerFromEnvironment(secure, addr); err != nil {
			return nil, &route.Error{Phase: route.PhaseProxy, Addr: "of the environment", Err: err}
		}
	}
	if proxy != nil && !route.NoProxy(w.noProxy, addr) {
		layers = append(layers, proxy)
	}
	if w.rate > 0 {
		layers = append(layers, route.Throttle(w.rate, w.rate))
	}
	for _, r := range w.connectTo {
		if to, ok := r.apply(addr); ok {
			addr = to
			break
		}
	}
	conn, err := route.Through(layers...).DialContext(ctx, network, addr)
	var step *route.Error
	if errors.As(err, &step) && step.Phase == route.PhaseResolve && step.Addr != addr {
		err = exit.With(exit.ResolveProxy, err)
	}
	return conn, err
}

// base returns how the first hop, or the server, is reached.
func (f *Flags) base() (base route.Dialer, local bool, err error) {
	if f.unix != "" && f.abstract != "" {
		return nil, false, exit.Usagef("--unix-socket and --abstract-unix-socket exclude each other")
	}
	if f.ipv4 && f.ipv6 {
		return nil, false, exit.Usagef("--ipv4 and --ipv6 exclude each other")
	}
	if f.unix != "" {
		return route.Unix{Path: f.unix}, true, nil
	}
	if f.abstract != "" {
		return route.Unix{Path: "@" + f.abstract}, true, nil
	}
	var tcp route.TCP
	if f.iface != "" {
		if tcp.LocalAddr, err = f.localAddr(); err != nil {
			return nil, false, err
		}
	}
	table, err := parseResolve(f.resolve)
	if err != nil {
		return nil, false, err
	}
	version := ""
	switch {
	case f.ipv4:
		version = "4"
	case f.ipv6:
		version = "6"
	}
	return route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
		if version != "" {
			network = "tcp" + version
		}
		to, ok := table.lookUp(addr)
		if !ok {
			return tcp.DialContext(ctx, network, addr)
		}
		var conn net.Conn
		var err error
		for _, a := range to {
			if conn, err = tcp.DialContext(ctx, network, a); err == nil || ctx.Err() != nil {
				break
			}
		}
		return conn, err
	}), false, nil
}

// localAddr is an address, or one of the interface of that name.
func (f *Flags) localAddr() (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(f.iface); err == nil {
		return netip.AddrPortFrom(a, 0), nil
	}
	iface, err := net.InterfaceByName(f.iface)
	if err != nil {
		return netip.AddrPort{}, exit.Usagef("--interface: %q is neither an address nor an interface of this machine", f.iface)
	}
	addrs, err := iface.Addrs()
	if err != nil {
		return netip.AddrPort{}, exit.With(exit.Connect, err)
	}
	var found netip.Addr
	for _, a := range addrs {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		ip := prefix.Addr()
		if ip.Is6() && ip.IsLinkLocalUnicast() || f.ipv4 && ip.Is6() || f.ipv6 && ip.Is4() {
			continue
		}
		if !found.IsValid() || found.Is6() && ip.Is4() {
			found = ip
		}
	}
	if !found.IsValid() {
		return netip.AddrPort{}, exit.With(exit.Connect, exit.Usagef("--interface: %s has no address that would do", f.iface))
	}
	return netip.AddrPortFrom(found, 0), nil
}

// proxyLayer is that of --proxy with what belongs to it.
func (f *Flags) proxyLayer() (route.Layer, error) {
	if f.proxy == "" {
		if f.proxyUser != "" || len(f.proxyHeader) > 0 {
			return nil, exit.Usagef("--proxy-user and --proxy-header need --proxy")
		}
		return nil, nil //nolint:nilnil // no proxy
	}
	raw := f.proxy
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	if err == nil && f.proxyUser != "" {
		value, err := secret("proxy-user", f.proxyUser)
		if err != nil {
			return nil, err
		}
		user, password, _ := strings.Cut(value, ":")
		u.User = url.UserPassword(user, password)
		raw = u.String()
	}
	if err != nil || len(f.proxyHeader) == 0 {
		layer, err := route.LayerFromURL(raw)
		if err != nil {
			return nil, exit.Usagef("--proxy: %w", err)
		}
		return layer, nil
	}
	return httpProxyWithFields(u, f.proxyHeader)
}

func httpProxyWithFields(u *url.URL, lines []string) (route.Layer, error) {
	opts := &route.HTTPProxyOptions{Header: http.Header{}}
	if err := addFields(opts.Header, "proxy-header", lines); err != nil {
		return nil, err
	}
	port := "80"
	switch u.Scheme {
	case "http":
	case "https":
		port = "443"
		opts.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	default:
		return nil, exit.Usagef("--proxy-header is for http and https proxies only")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	if u.User != nil {
		password, _ := u.User.Password()
		opts.Auth = auth.Password{Username: u.User.Username(), Password: password}
	}
	return route.HTTPProxy(net.JoinHostPort(u.Hostname(), port), opts), nil
}
