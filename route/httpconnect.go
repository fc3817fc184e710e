package route

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

const (
	// maxLegs is how many requests one dial sends; NTLM needs three.
	maxLegs = 4
	// maxProxyBody is how much is read of the body of an answer.
	maxProxyBody = 64 << 10
	// retryWait is how long the body of a 407 may take before the next request
	// goes over a new connection instead; refusalWait is how long the dial's
	// error waits for a body.
	retryWait   = time.Second
	refusalWait = 75 * time.Millisecond
)

// connect is one dial through an HTTP proxy.
type connect struct {
	*httpProxy
	network string
	target  hostPort
	status  string // of the last answer, for the trace

	conn   net.Conn // nil: the next request needs a new one
	reader *http1.Reader
}

// open returns the tunnel.
func (c *connect) open(ctx context.Context) (net.Conn, error) {
	var exchange auth.Exchange
	if c.auth != nil {
		exchange = c.auth.Begin()
	}
	request, err := c.request(ctx, c.target, exchange, nil)
	if err != nil {
		return nil, c.failed(ctx, c.target, err)
	}
	for leg := 1; ; leg++ {
		if c.conn == nil {
			if c.conn, err = c.reach(ctx, c.network); err != nil {
				return nil, err
			}
			c.reader = http1.NewReader(c.conn, http1.Limits{})
		}
		var a answer
		err := converse(ctx, c.conn, func() (err error) {
			a, err = c.ask(request, exchange != nil && leg < maxLegs)
			return err
		})
		switch {
		case err != nil:
			return nil, c.failed(ctx, c.target, err)
		case a.Status/100 == 2:
			// RFC 9110 section 9.3.6: whatever its fields say about a body.
			return withLeftover(c.conn, c.reader.Buffered()), nil
		}
		if !a.reusable {
			drop(c.conn)
			c.conn = nil
		}
		request, err = c.again(ctx, a, exchange, leg)
		if err != nil {
			if c.conn != nil {
				drop(c.conn)
			}
			return nil, c.failed(ctx, c.target, a.refusal(err))
		}
	}
}

// answer is what the proxy answered to one request.
type answer struct {
	*http1.Response
	body     []byte
	reusable bool // the connection can carry another request
}

// ask sends a request and reads the answer. Retry says that a 407 will be
// followed by another request.
func (c *connect) ask(request []byte, retry bool) (answer, error) {
	if _, err := writeAll(c.conn, request); err != nil {
		return answer{}, fmt.Errorf("sending CONNECT: %w", err)
	}
	resp, err := c.reader.ReadResponse()
	if err != nil {
		return answer{}, c.noAnswer(err)
	}
	c.status = statusLine(resp)
	a := answer{Response: resp}
	if resp.Status/100 == 2 {
		return a, nil
	}
	retry = retry && resp.Status == http.StatusProxyAuthRequired
	a.reusable = retry && staysOpen(resp)
	wait := refusalWait
	if retry {
		wait = retryWait
		if !a.reusable {
			return a, nil // nobody will see the body
		}
	}
	if c.conn.SetReadDeadline(time.Now().Add(wait)) != nil {
		a.reusable = false
		return a, nil
	}
	body, truncated, err := c.reader.ReadBody(http.MethodConnect, resp, maxProxyBody)
	a.body = body
	if err != nil || truncated || len(c.reader.Buffered()) > 0 || c.conn.SetReadDeadline(time.Time{}) != nil {
		a.reusable = false
	}
	return a, nil
}

// staysOpen reports whether resp leaves the connection open and says where it
// ends (RFC 9112 sections 6.3 and 9.3).
func staysOpen(resp *http1.Response) bool {
	_, sized := resp.Get("Content-Length")
	_, coded := resp.Get("Transfer-Encoding")
	return resp.Minor > 0 && (sized || coded) &&
		!http1.HasToken(resp.Values("Connection"), "close") && !http1.HasToken(resp.Values("Proxy-Connection"), "close")
}

// noAnswer explains an error of reading the answer.
func (c *connect) noAnswer(err error) error {
	failed, ok := errors.AsType[*http1.Error](err)
	switch {
	case !ok:
		return err
	case aboutCertificate(err):
		return fmt.Errorf("the proxy wants a certificate of the client, or another one: set Certificates of HTTPProxyOptions.TLS: %w", err)
	case strings.HasPrefix(failed.Text, "not HTTP"):
		return &foreignError{protocol: "HTTP", begin: c.moreOf(slices.Clone(c.reader.Buffered()))}
	case errors.Is(err, io.ErrUnexpectedEOF) && failed.Part == "status line" && len(c.reader.Buffered()) == 0:
		return fmt.Errorf("the proxy closed the connection without an answer to CONNECT; if its port speaks TLS, its URL begins with https://: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("the proxy's answer to CONNECT: %w", err)
}

// moreOf adds to the first bytes of a foreign answer what tells its protocol, if
// that comes soon.
func (c *connect) moreOf(begin []byte) []byte {
	if c.conn.SetReadDeadline(time.Now().Add(refusalWait)) != nil {
		return begin
	}
	for len(begin) < foreignHint {
		var more [foreignBytes]byte
		n, err := c.conn.Read(more[:])
		if begin = append(begin, more[:n]...); err != nil {
			break
		}
	}
	return begin
}

// again returns the request that follows an answer, or why there is none.
func (c *connect) again(ctx context.Context, a answer, exchange auth.Exchange, leg int) ([]byte, error) {
	if a.Status != http.StatusProxyAuthRequired {
		return nil, errors.New(statusText(a.Status))
	}
	challenges := a.Values("Proxy-Authenticate")
	switch {
	case len(challenges) == 0:
		return nil, errors.New("the proxy answered 407 but does not say which credentials it wants (no Proxy-Authenticate)")
	case exchange == nil:
		return nil, fmt.Errorf("the proxy asks for credentials (%s) and there are none: set HTTPProxyOptions.Auth, or user and password in its URL: %w",
			schemes(challenges), auth.ErrNotOffered)
	case leg == maxLegs:
		return nil, fmt.Errorf("the proxy asked for credentials %d times, check user name and password: %w", maxLegs, auth.ErrRefused)
	}
	request, err := c.request(ctx, c.target, exchange, challenges)
	if err != nil {
		err = fmt.Errorf("%s: %w", statusText(a.Status), err)
	}
	return request, err
}

// refusal is the error that tells of a and of why nothing follows it.
func (a answer) refusal(err error) *ProxyError {
	failed := &ProxyError{Status: a.Status, Header: http.Header{}, Body: a.body, Err: err}
	for _, f := range a.Fields {
		failed.Header.Add(f.Name, f.Value)
	}
	return failed
}
