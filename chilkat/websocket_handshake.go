package chilkat

import (
	"crypto/rand"
	"slices"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// AddClientHeaders puts the header fields of the opening handshake on the Rest
// that UseConnection was given: Upgrade, Connection, Sec-WebSocket-Version and a
// new random Sec-WebSocket-Key, and Sec-WebSocket-Extensions where UncommonOptions
// has PermessageDeflate. Calling it again replaces them. It fails before
// UseConnection.
func (ws *WebSocket) AddClientHeaders() bool {
	return ws.base().call("AddClientHeaders", func(*lasterr.Log) error {
		c := ws.self()
		s := c.current()
		c.mu.Lock()
		compress := c.settings.options.compress
		c.mu.Unlock()
		switch {
		case !s.bound():
			return errNoSession
		case s.connection() != nil:
			return errValidated
		}
		var random [16]byte
		_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program first
		offer := handshake.Offer{Key: handshake.NewKey(random)}
		if compress {
			offer.Extensions = deflateOffer
		}
		s.rest.putOffer(offer)
		return nil
	}).status()
}

var errValidated = fail("the opening handshake is over", "Call UseConnection to begin another session.")

// deflateOffer is what PermessageDeflate offers. Each size that the server may want
// of our window can be honoured.
var deflateOffer = []handshake.Extension{handshake.Deflate{ClientMaxWindowBits: 15}.Offer()}

// putOffer puts the fields of an offer in the place of an earlier one's. Extensions
// that somebody else offers stay.
func (r *Rest) putOffer(offer handshake.Offer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ours := handshake.FormatExtensions(deflateOffer)
	r.head.fields = slices.DeleteFunc(r.head.fields, func(f http1.Field) bool { return f.Value == ours })
	for _, f := range offer.Fields() {
		r.head.put(f.Name, f.Value)
	}
}

// ValidateServerHandshake judges the server's answer to the opening request that
// the Rest has sent, by all rules of RFC 6455 section 4.1. When it returns true
// the session is open, and the connection belongs to it and no longer to the
// Rest. When an answer with status 101 breaks a rule the connection is closed;
// after any other status the Rest may send another request.
func (ws *WebSocket) ValidateServerHandshake() bool {
	return ws.base().call("ValidateServerHandshake", func(l *lasterr.Log) error {
		c := ws.self()
		s := c.current()
		switch {
		case !s.bound():
			return errNoSession
		case s.connection() != nil:
			return errValidated
		}
		if err := s.rest.reserve(); err != nil {
			return err
		}
		defer s.rest.working.Unlock()
		s.rest.mu.Lock()
		x := s.rest.exchange
		s.rest.mu.Unlock()
		if x.response == nil {
			return fail("no response to the opening request was read", `Call FullRequestNoBody of the Rest with "GET" and the path first.`)
		}
		agreed, compression, err := judge(l, x)
		k := s.rest.current()
		if err != nil {
			if k != nil && k.phase == phaseSwitched {
				k.hangUp() // RFC 6455 section 4.1: fail the connection
			}
			return err
		}
		if k == nil || k.phase != phaseSwitched {
			return errNotConnected
		}
		s.rest.take()
		return ws.begin(c, s, k, agreed, compression)
	}).status()
}

// judge holds the response against the request, in a block of the log.
func judge(l *lasterr.Log, x exchange) (handshake.Agreement, *handshake.Deflate, error) {
	b := l.Open("openingHandshake")
	defer b.Close()
	b.Value("statusLine", statusLine(x.response))
	if b.Verbose() {
		logHead(b, "request", requestHeadOf(x.request))
		logHead(b, "response", wstrace.NewResponseHead(statusLine(x.response), traceFields(x.response.Fields)...))
	}
	if x.response.Status != 101 {
		b.Problem("the server refused to switch protocols")
		return handshake.Agreement{}, nil, refusal(x.response)
	}
	offer, err := handshake.OfferFrom(x.request.Fields)
	if err != nil {
		return handshake.Agreement{}, nil, failFor(err, "the request was not an opening handshake", "Call AddClientHeaders before FullRequestNoBody.")
	}
	agreed, err := handshake.Verify(offer, x.response)
	var compression *handshake.Deflate
	if err == nil {
		compression, err = handshake.AgreedDeflate(offer, agreed)
	}
	if err != nil {
		return agreed, nil, failFor(err, "the server's answer breaks the rules of the opening handshake", "Check hostname, port and path: what answered there is no WebSocket server, or a broken one. The connection was closed.")
	}
	if n := len(agreed.Extensions); n > 1 || n == 1 && compression == nil {
		return agreed, nil, fail("the server chose an extension that this version does not have", "Take Sec-WebSocket-Extensions out of the request.")
	}
	if compression != nil {
		b.Value("compression", handshake.FormatExtensions(agreed.Extensions))
	}
	if agreed.Subprotocol != "" {
		b.Value("subprotocol", agreed.Subprotocol)
	}
	return agreed, compression, nil
}

func logHead(l *lasterr.Log, name string, h wstrace.Head) {
	b := l.Open(name)
	defer b.Close()
	for name, value := range h.Fields() {
		b.Value(name, value)
	}
}

// refusal is the error of a response that does not switch protocols.
func refusal(resp *http1.Response) error {
	_, err := handshake.Verify(handshake.Offer{}, resp)
	advice := "Check hostname, port and path: something else than a WebSocket server answered there."
	switch s := resp.Status; {
	case s == 401, s == 403:
		advice = "The server wants to know who asks: set credentials with SetAuthBasic or Authorization, or the header field it expects, such as Origin."
	case s == 407:
		advice = "A proxy on the way wants credentials."
	case s >= 300 && s < 400:
		advice = "Connect to the address in the header field Location of the response."
	case s == 404:
		advice = "Check the path."
	case s == 426:
		advice = "The server speaks another version of the WebSocket protocol; ResponseHdrByName tells its Sec-WebSocket-Version."
	case s >= 500:
		advice = "The server has a problem of its own: try again later."
	}
	return failFor(err, "the server refused to switch protocols", advice)
}

// begin makes the connection of k that of the session.
func (ws *WebSocket) begin(c *core, s *session, k *link, agreed handshake.Agreement, compression *handshake.Deflate) error {
	ws.mu.Lock()
	e := ws.events
	ws.mu.Unlock()
	trace := lasterr.Trace(s.reading.Load, s.sending.Load)
	if e.ctx != nil {
		trace = wstrace.Join(wstrace.FromContext(e.ctx), trace)
	}
	c.mu.Lock()
	policy, limit := c.settings.policy(), c.settings.options.maxMessage.or(fairlead.DefaultMessageBytes)
	c.mu.Unlock()
	if limit == 0 {
		limit = -1
	}
	conn := fairlead.NewConn(k.nc, fairlead.ConnConfig{
		Buffered:     k.reader.Buffered(),
		Subprotocol:  agreed.Subprotocol,
		Compression:  compression,
		Limits:       fairlead.Limits{MessageBytes: limit},
		Policy:       &policy,
		WriteTimeout: -1, // IdleTimeoutMs is the limit
		Trace:        trace,
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners <= 0 {
		_ = conn.CloseNow()
		return errDisposed
	}
	s.conn = conn
	return nil
}
