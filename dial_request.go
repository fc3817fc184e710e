package fairlead

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// request is the request of an opening handshake and the bytes it is sent as.
type request struct {
	handshake.Request
	wire []byte
}

// offer is what the client offers; what the server makes of it is in the
// Agreement that open gets.
func (x *dialing) offer() handshake.Offer {
	return handshake.Offer{Key: newKey(), Subprotocols: x.subprotocols()}
}

// request builds the next request of a hop. What it refuses was not sent.
func (x *dialing) request(ctx context.Context, t target, exchange auth.Exchange, challenge *http1.Response) (*request, error) {
	req := &request{Request: handshake.Request{Host: t.hdr, Target: t.path, Offer: x.offer()}}
	header, err := x.header(t)
	if err != nil {
		return nil, x.fail(PhaseURL, err)
	}
	if host, err := takeHost(header); err != nil {
		return nil, x.fail(PhaseURL, err)
	} else if host != "" {
		req.Host = host
	}
	if exchange != nil {
		if header, err = req.authorize(ctx, t, exchange, header, challenge); err != nil {
			return nil, x.fail(PhaseAuth, err)
		}
	}
	if len(header) > 0 {
		for _, name := range slices.Sorted(maps.Keys(header)) {
			for _, value := range header[name] {
				if !isHost(name) {
					req.Fields = append(req.Fields, handshake.Field{Name: name, Value: value})
				}
			}
		}
	}
	if req.wire, err = req.Append(nil); err != nil {
		return nil, x.fail(PhaseURL, err)
	}
	return req, nil
}

// header is what the caller wants to be sent to t.
func (x *dialing) header(t target) (http.Header, error) {
	header := x.Header
	if x.away {
		header = harmless(header)
	}
	if x.Jar == nil {
		return header, nil
	}
	return addCookies(header, x.Jar.Cookies(t.url("http", "https")))
}

// takeHost returns the one Host field of header, "" if there is none.
func takeHost(header http.Header) (host string, err error) {
	n := 0
	for name, values := range header {
		if isHost(name) && len(values) > 0 {
			host, n = values[0], n+len(values)
		}
	}
	if n > 1 {
		return "", errors.New("Host: Dialer.Header has it twice")
	}
	return host, nil
}

func isHost(name string) bool { return http1.EqualFold(name, "Host") }

// renewKey makes the request one for another connection (RFC 6455, section
// 4.1: the key is random for each).
func (r *request) renewKey() {
	r.Offer.Key = newKey()
	r.wire, _ = r.Append(r.wire[:0]) // cannot fail: it did not with the old key
}

// head is what the trace may see of the request.
func (r *request) head() wstrace.Head {
	fields := []wstrace.Field{{Name: "Host", Value: r.Host}}
	for _, f := range slices.Concat(r.Offer.Fields(), r.Fields) {
		fields = append(fields, wstrace.Field(f))
	}
	return wstrace.NewRequestHead(http.MethodGet, r.Target, fields...)
}

func newKey() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program first
	return handshake.NewKey(random)
}
