package route

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// HTTPProxyOptions are the settings of [HTTPProxy]. They are read when it is
// called; later changes have no effect.
type HTTPProxyOptions struct {
	// TLS makes the connection to the proxy one of TLS, as [TLS] does it: the
	// certificate must be that of the proxy's host, unless ServerName says
	// otherwise. It has nothing to do with the TLS of a wss URL, which goes
	// through the tunnel. Default: nil, in the clear.
	TLS *tls.Config

	// Auth proves to the proxy who asks, at once or when it demands so (407).
	// Nothing of it goes to the server. Default: nil, such a demand is refused.
	Auth auth.Credentials

	// Header has more fields for the CONNECT request. Host, Proxy-Connection,
	// Content-Length and Transfer-Encoding may not be among them, nor control
	// characters: then every dial fails before it begins. The fields do not go
	// to the server. Default: none; not even a User-Agent.
	Header http.Header
}

// HTTPProxy is an HTTP proxy at addr, "host:port", that is asked for a tunnel
// with CONNECT (RFC 9110 section 9.3.6), also for ws URLs. The proxy looks up
// the server's name. Opts may be nil.
//
// Any answer 2xx opens the tunnel; bytes that came with it are the first of the
// connection. To 407 the credentials are asked for another request, 4 requests
// at most, on the same connection if the proxy keeps it and the body is no
// longer than 64 KiB, else on a new one. Everything else is refused, redirects
// too. The answer is limited to 64 KiB, 128 fields and 8 interim responses; its
// time is that of the context.
//
// The error is an *[Error] with the phase "proxy" that holds a *[ProxyError],
// with the phase "tls" when TLS to the proxy fails, or that of the dial to the
// proxy. In the clear the proxy's network can read credentials of the scheme
// Basic.
func HTTPProxy(addr string, opts *HTTPProxyOptions) Layer {
	kind := "http"
	if opts != nil && opts.TLS != nil {
		kind = "https"
	}
	p := httpProxy{hop: newHop(kind, addr)}
	if opts != nil {
		p.auth = opts.Auth
		if opts.TLS != nil {
			p.tls = opts.TLS.Clone()
		}
		p.header = opts.Header.Clone()
	}
	if err := checkConnectHeader(p.header); err != nil && p.bad == nil {
		p.bad = &Error{Phase: PhaseProxy, Addr: p.addr.String(), Err: err}
	}
	return func(next Dialer) Dialer {
		p := p
		p.hop = p.over(next)
		return &p
	}
}

type httpProxy struct {
	hop
	tls    *tls.Config // nil: in the clear
	auth   auth.Credentials
	header http.Header
}

// connectFields are fields that would change what the request means.
var connectFields = []string{"Host", "Proxy-Connection", "Content-Length", "Transfer-Encoding"}

func checkConnectHeader(header http.Header) error {
	for name, values := range header {
		switch {
		case !http1.ValidFieldName(name):
			return errors.New("a name in HTTPProxyOptions.Header is not a token (RFC 9110 section 5.6.2)")
		case slices.ContainsFunc(connectFields, func(f string) bool { return http1.EqualFold(f, name) }):
			return errors.New("HTTPProxyOptions.Header may not have the field " + name)
		case slices.ContainsFunc(values, func(v string) bool { return !http1.ValidFieldValue(v) }):
			return errors.New("HTTPProxyOptions.Header has a control character in the value of a field")
		}
	}
	return nil
}

// DialContext opens a tunnel to addr.
func (p *httpProxy) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return p.run(ctx, network, addr, func(target hostPort) (net.Conn, string, error) {
		c := connect{httpProxy: p, network: network, target: target}
		conn, err := c.open(ctx)
		return conn, c.status, err
	})
}

// reach connects to the proxy, with TLS if it is wanted.
func (p *httpProxy) reach(ctx context.Context, network string) (net.Conn, error) {
	conn, err := p.hop.reach(ctx, network)
	if err != nil || p.tls == nil {
		return conn, err
	}
	tlsConn, err := TLS(ctx, conn, p.tls, p.addr.host)
	if err != nil {
		return nil, err
	}
	return tlsConn, nil
}

// private reports whether nobody on the way to the proxy can read.
func (p *httpProxy) private() bool {
	switch p.next.(type) {
	case TCP:
		return p.tls != nil || p.addr.ip.IsLoopback()
	case Unix:
		return true
	}
	return p.tls != nil
}

// request returns the bytes of the next CONNECT.
func (p *httpProxy) request(ctx context.Context, target hostPort, exchange auth.Exchange, challenges []string) ([]byte, error) {
	authority := target.String()
	header := p.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if exchange != nil {
		r := auth.Request{Method: http.MethodConnect, URL: &url.URL{Host: authority}, Header: header, Proxy: true, Private: p.private()}
		if err := exchange.Authorize(ctx, &r, challenges); err != nil {
			return nil, err
		}
	}
	fields := []http1.Field{{Name: "Host", Value: authority}}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			fields = append(fields, http1.Field{Name: textproto.CanonicalMIMEHeaderKey(name), Value: value})
		}
	}
	return http1.AppendRequest(nil, http.MethodConnect, authority, fields)
}

// statusLine is the first line of resp, for a trace.
func statusLine(resp *http1.Response) string {
	const most = 128 // bytes; a reason phrase can have thousands
	line := fmt.Sprintf("HTTP/1.%d %d %s", resp.Minor, resp.Status, resp.Reason)
	return line[:min(len(line), most)]
}
