package fairlead

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

const (
	bodyMax = 64 << 10
	// bodyWait bounds the wait for the body of a refusal, so that a refused dial
	// returns at once also when the server lets the body hang.
	bodyWait = 75 * time.Millisecond
)

// Dialer holds what a dial may need. The zero value is useful. A Dialer may be
// used by many goroutines, and is not changed by Dial.
type Dialer struct {
	// Header has fields to add to the request of the opening handshake. A Host
	// field takes the place of the one from the URL. Fields that belong to the
	// handshake (Connection, Upgrade, Sec-WebSocket-*, Content-Length,
	// Transfer-Encoding) are refused.
	Header http.Header
	// Subprotocols are offered in this order. Default: none.
	Subprotocols []string
	// Route says how bytes reach the server. It is asked for "tcp" and the
	// host:port of the URL. Default: route.TCP{}.
	Route route.Dialer
	// TLS is the configuration for wss URLs: roots, client certificates,
	// versions. It is cloned. Default: the system's roots, TLS 1.2 or later,
	// the host of the URL as server name.
	TLS *tls.Config
	// Timeout bounds the whole dial where the context has no deadline.
	// Default: 30 s.
	Timeout time.Duration
	// Compression says whether permessage-deflate is offered, and which kind.
	// Default: CompressionOff.
	Compression Compression
	// Limits bounds what the server can make grow. Default: see Limits.
	Limits Limits
	// Policy says what is answered by itself. Default: everything.
	Policy *Policy
	// IdleTimeout is that of the connection, see Conn.SetIdleTimeout. Default:
	// none.
	IdleTimeout time.Duration
	// WriteTimeout and CloseTimeout are those of ConnConfig. Defaults: 30 s, 5 s.
	WriteTimeout, CloseTimeout time.Duration
	// Trace watches the dial and the connection, together with a Trace that ctx
	// carries. Default: none.
	Trace *wstrace.Trace
}

// Dial opens a WebSocket connection with the zero Dialer. See Dialer.Dial.
func Dial(ctx context.Context, url string) (*Conn, error) { return (&Dialer{}).Dial(ctx, url) }

// Dial opens a WebSocket connection to url, which begins with ws:// or wss://
// (http:// and https:// mean the same). ctx bounds the dial, not the connection.
// The error is a *HandshakeError, whose Phase says how far it came.
func (d *Dialer) Dial(ctx context.Context, url string) (*Conn, error) {
	if ctx == nil {
		return nil, &HandshakeError{Phase: PhaseURL, Err: errNilContext}
	}
	if d == nil {
		d = &Dialer{}
	}
	t, err := parseURL(url)
	if err != nil {
		return nil, &HandshakeError{Phase: PhaseURL, Err: err}
	}
	offer := handshake.Offer{Key: newKey(), Subprotocols: slices.Clone(d.Subprotocols), Extensions: d.Compression.offer()}
	req, head, err := d.request(t, offer)
	if err != nil {
		return nil, &HandshakeError{Phase: PhaseURL, Err: err}
	}
	if d.Trace != nil {
		ctx = wstrace.WithTrace(ctx, d.Trace)
	}
	trace := wstrace.FromContext(ctx)
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cmp.Or(d.Timeout, DefaultDialTimeout))
		defer cancel()
	}
	nc, err := d.connect(ctx, t)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = nc.Close() })
	c, err := d.open(ctx, nc, trace, offer, req, head)
	if !stop() && err == nil {
		err = &HandshakeError{Phase: PhaseResponse, Err: ctx.Err()}
	}
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return c, nil
}

// request builds the bytes of the opening handshake and what the trace may see
// of them.
func (d *Dialer) request(t target, offer handshake.Offer) ([]byte, wstrace.Head, error) {
	req := handshake.Request{Host: t.hdr, Target: t.path, Offer: offer}
	names := make([]string, 0, len(d.Header))
	for name := range d.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range d.Header[name] {
			if http.CanonicalHeaderKey(name) == "Host" {
				req.Host = value
				continue
			}
			req.Fields = append(req.Fields, handshake.Field{Name: name, Value: value})
		}
	}
	b, err := req.Append(nil)
	if err != nil {
		return nil, wstrace.Head{}, err
	}
	fields := []wstrace.Field{{Name: "Host", Value: req.Host}}
	for _, f := range slices.Concat(offer.Fields(), req.Fields) {
		fields = append(fields, wstrace.Field(f))
	}
	return b, wstrace.NewRequestHead("GET", t.path, fields...), nil
}

// connect reaches the server, through TLS for a wss URL.
func (d *Dialer) connect(ctx context.Context, t target) (net.Conn, error) {
	var via route.Dialer = route.TCP{}
	if d.Route != nil {
		via = d.Route
	}
	nc, err := via.DialContext(ctx, "tcp", t.addr)
	if err == nil && nc == nil {
		err = errors.New("the Route returned neither a connection nor an error")
	}
	if err == nil && t.tls {
		nc, err = route.TLS(ctx, nc, d.TLS, t.host)
	}
	if err == nil {
		return nc, nil
	}
	phase := PhaseConnect
	if re, ok := errors.AsType[*route.Error](err); ok {
		phase = re.Phase
	}
	return nil, &HandshakeError{Phase: phase, Err: err}
}

// open performs the opening handshake on nc.
func (d *Dialer) open(ctx context.Context, nc net.Conn, trace *wstrace.Trace, offer handshake.Offer, req []byte, head wstrace.Head) (*Conn, error) {
	wstrace.Call(trace.RequestStart, wstrace.RequestStart{Head: head})
	begin := time.Now()
	n, err := nc.Write(req)
	err = orEnded(ctx, err)
	wstrace.Call(trace.RequestDone, wstrace.RequestDone{Bytes: n, Duration: time.Since(begin), Err: err})
	if err != nil {
		return nil, &HandshakeError{Phase: PhaseRequest, Err: err}
	}

	wstrace.Call(trace.ResponseStart, wstrace.ResponseStart{})
	begin = time.Now()
	r := http1.NewReader(nc, http1.Limits{})
	resp, err := r.ReadResponse()
	err = orEnded(ctx, err)
	done := wstrace.ResponseDone{Duration: time.Since(begin), Err: err}
	if resp != nil {
		done.Status, done.Head = resp.Status, responseHead(resp)
	}
	wstrace.Call(trace.ResponseDone, done)
	if err != nil {
		return nil, &HandshakeError{Phase: PhaseResponse, Err: err}
	}
	agreed, err := handshake.Verify(offer, resp)
	var compression *handshake.Deflate
	if err == nil {
		compression, err = handshake.AgreedDeflate(offer, agreed)
	}
	if err != nil {
		return nil, refusal(nc, r, resp, err)
	}
	return NewConn(nc, ConnConfig{
		Buffered: r.Buffered(), Subprotocol: agreed.Subprotocol, Compression: compression, Response: httpResponse(resp),
		Limits: d.Limits, Policy: d.Policy, Trace: trace,
		IdleTimeout: d.IdleTimeout, WriteTimeout: d.WriteTimeout, CloseTimeout: d.CloseTimeout,
	}), nil
}

// refusal is the error of an answer that opens no WebSocket, with what of its
// body comes at once.
func refusal(nc net.Conn, r *http1.Reader, resp *http1.Response, err error) *HandshakeError {
	e := &HandshakeError{Phase: PhaseVerify, Status: resp.Status, Header: httpResponse(resp).Header, Err: err}
	if resp.Status != http.StatusSwitchingProtocols && nc.SetReadDeadline(time.Now().Add(bodyWait)) == nil {
		e.Body, _, _ = r.ReadBody(http.MethodGet, resp, bodyMax)
	}
	return e
}

// orEnded prefers the end of ctx to the error of the connection that it closed.
func orEnded(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func newKey() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program first
	return handshake.NewKey(random)
}

func responseHead(resp *http1.Response) wstrace.Head {
	fields := make([]wstrace.Field, len(resp.Fields))
	for i, f := range resp.Fields {
		fields[i] = wstrace.Field(f)
	}
	return wstrace.NewResponseHead(fmt.Sprintf("HTTP/%d.%d %d %s", resp.Major, resp.Minor, resp.Status, resp.Reason), fields...)
}

func httpResponse(resp *http1.Response) *http.Response {
	h := make(http.Header, len(resp.Fields))
	for _, f := range resp.Fields {
		h.Add(f.Name, f.Value)
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", resp.Status, resp.Reason), StatusCode: resp.Status,
		Proto: fmt.Sprintf("HTTP/%d.%d", resp.Major, resp.Minor), ProtoMajor: resp.Major, ProtoMinor: resp.Minor,
		Header: h, Body: http.NoBody,
	}
}
