package fairlead

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/fairlead-ws/fairlead/auth"
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

// dialing is one call of Dial.
type dialing struct {
	*Dialer
	trace *wstrace.Trace
	creds auth.Credentials // Auth or the userinfo; nil if there is neither
	via   []target         // the hops before this one
	away  bool             // a redirect has left the origin of the URL: secrets stay behind for good
}

// fail is the error of a dial that got no answer.
func (x *dialing) fail(phase string, err error) *HandshakeError {
	return &HandshakeError{Phase: phase, Redirects: len(x.via), Err: err}
}

// hop opens the WebSocket at t, or tells where the server redirects to.
func (x *dialing) hop(ctx context.Context, t target) (c *Conn, next *target, err error) {
	exchange, err := x.begin()
	if err != nil {
		return nil, nil, x.fail(PhaseAuth, err)
	}
	var l *link
	defer func() {
		if l != nil && c == nil {
			l.drop()
		}
	}()
	var resp *http1.Response // the 401 that is to be answered
	for leg := 1; ; leg++ {
		req, err := x.request(ctx, t, exchange, resp)
		if err != nil {
			return nil, nil, x.refusal(l, resp, err)
		}
		if l != nil && !l.drain(resp) {
			l.drop()
			l = nil
		}
		reused := l != nil
		if !reused {
			if l, err = x.connect(ctx, t); err != nil {
				return nil, nil, err
			}
		}
		resp, err = x.send(ctx, l, req)
		if reused && err != nil && ctx.Err() == nil && lostEarly(err) {
			l.drop()
			if l, err = x.connect(ctx, t); err != nil {
				return nil, nil, err
			}
			req.renewKey()
			resp, err = x.send(ctx, l, req)
		}
		if err != nil && ctx.Err() == nil {
			err = adviseLost(t, l, err)
		}
		if err != nil {
			return nil, nil, err
		}
		x.storeCookies(t, resp)
		agreed, refused := handshake.Verify(req.Offer, resp)
		var compression *handshake.Deflate
		if refused == nil {
			compression, refused = handshake.AgreedDeflate(req.Offer, agreed)
		}
		switch {
		case refused == nil:
			c, err = x.open(ctx, l, resp, agreed.Subprotocol, compression)
			return c, nil, err
		case resp.Status == http.StatusUnauthorized && exchange != nil && leg < maxLegs:
		case isRedirect(resp.Status) && x.Redirects > 0:
			next, err = x.follow(ctx, t, resp)
			return nil, next, err
		default:
			return nil, nil, x.refusal(l, resp, x.advise(resp, t.tls, exchange != nil, refused))
		}
	}
}

// open makes the Conn. From here on ctx has no effect.
func (x *dialing) open(ctx context.Context, l *link, resp *http1.Response, subprotocol string, compression *handshake.Deflate) (*Conn, error) {
	if !l.stop() {
		return nil, x.fail(PhaseResponse, ctx.Err())
	}
	c := NewConn(l.nc, ConnConfig{
		Buffered: l.in.Buffered(), Subprotocol: subprotocol, Compression: compression,
		Limits: x.Limits, Policy: x.Policy, Trace: x.trace,
		IdleTimeout: x.IdleTimeout, WriteTimeout: x.WriteTimeout, CloseTimeout: x.CloseTimeout,
	})
	c.answer = resp
	l.in.Release()
	return c, nil
}

// link is a connection to the server that is not a WebSocket yet.
type link struct {
	nc   net.Conn
	in   *http1.Reader
	stop func() bool // ends the watch over the context
}

func (l *link) drop() {
	l.stop()
	_ = l.nc.Close()
}

// connect reaches the server, through TLS for a wss URL. The end of ctx closes
// the connection.
func (x *dialing) connect(ctx context.Context, t target) (*link, error) {
	via := x.Route
	if via == nil {
		// Asked for each hop: a redirect may lead past the proxy, or to another.
		var err error
		if via, err = route.FromEnvironment(t.tls, t.addr); err != nil {
			return nil, x.fail(route.PhaseProxy, err)
		}
	}
	if via == nil {
		via = straight
	}
	nc, err := x.reach(ctx, via, t)
	if err != nil {
		phase := PhaseConnect
		if re, ok := errors.AsType[*route.Error](err); ok {
			phase = re.Phase
		}
		return nil, x.fail(phase, err)
	}
	return &link{
		nc: nc, in: http1.NewReader(nc, http1.Limits{}),
		stop: context.AfterFunc(ctx, func() { _ = route.HangUp(nc) }),
	}, nil
}

var straight route.Dialer = route.TCP{}

func (x *dialing) reach(ctx context.Context, via route.Dialer, t target) (net.Conn, error) {
	nc, err := via.DialContext(ctx, "tcp", t.addr)
	if err == nil && nc == nil {
		err = errors.New("the Route returned neither a connection nor an error")
	}
	if err != nil || !t.tls {
		return nc, err
	}
	return route.TLS(ctx, nc, x.tlsConfig(), t.host)
}

// send sends the request and reads the head of the answer.
func (x *dialing) send(ctx context.Context, l *link, req *request) (*http1.Response, error) {
	if x.trace.RequestStart != nil {
		x.trace.RequestStart(wstrace.RequestStart{Head: req.head()})
	}
	begin := time.Now()
	n, err := l.nc.Write(req.wire)
	if err == nil && n < len(req.wire) {
		err = io.ErrShortWrite // of a Route that breaks the rules of io.Writer
	}
	err = orEnded(ctx, err)
	wstrace.Call(x.trace.RequestDone, wstrace.RequestDone{Bytes: n, Duration: time.Since(begin), Err: err})
	if err != nil {
		return nil, x.fail(PhaseRequest, err)
	}
	wstrace.Call(x.trace.ResponseStart, wstrace.ResponseStart{})
	begin = time.Now()
	resp, err := l.in.ReadResponse()
	err = orEnded(ctx, err)
	if x.trace.ResponseDone != nil {
		done := wstrace.ResponseDone{Duration: time.Since(begin), Err: err}
		if resp != nil {
			done.Status, done.Head = resp.Status, responseHead(resp)
		}
		x.trace.ResponseDone(done)
	}
	if err != nil {
		return nil, x.fail(PhaseResponse, err)
	}
	return resp, nil
}

// orEnded prefers the end of ctx to the error of the connection that it closed.
func orEnded(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
