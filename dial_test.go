package fairlead_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstrace"
)

func echo(t testing.TB, c *fairlead.Conn) {
	t.Helper()
	for _, m := range []string{"hello", "", strings.Repeat("Zürich ", 20000)} {
		if err := c.WriteText(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		wantMessage(t, c, fairlead.Text, m)
	}
	if _, err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context(), frame.StatusNormal, "done"); err != nil {
		t.Fatal(err)
	}
}

func TestDial(t *testing.T) {
	server := wstest.NewServer()
	defer server.Close()
	c, err := fairlead.Dial(t.Context(), server.URL()+"/path?q=1")
	if err != nil {
		t.Fatal(err)
	}
	if r := c.Response(); r.StatusCode != 101 || r.Header.Get("Upgrade") == "" {
		t.Errorf("response %+v", r)
	}
	if c.NetConn().RemoteAddr().String() != server.Addr() {
		t.Errorf("connected to %v", c.NetConn().RemoteAddr())
	}
	echo(t, c)
}

func TestDialTLS(t *testing.T) {
	server := wstest.NewTLSServer()
	defer server.Close()
	d := fairlead.Dialer{TLS: &tls.Config{RootCAs: server.CertPool()}}
	c, err := d.Dial(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	echo(t, c)

	_, err = fairlead.Dial(t.Context(), server.URL())
	he := handshakeError(t, err, fairlead.PhaseTLS)
	if _, ok := errors.AsType[x509.UnknownAuthorityError](he); !ok {
		t.Errorf("%v", err)
	}
}

func TestDialUnix(t *testing.T) {
	path := t.TempDir() + "/s"
	server, err := wstest.NewUnixServer(path)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	d := fairlead.Dialer{Route: route.Unix{Path: path}}
	c, err := d.Dial(t.Context(), "ws://name.that.is.not.looked.up.example/")
	if err != nil {
		t.Fatal(err)
	}
	echo(t, c)
}

func handshakeError(t testing.TB, err error, phase string) *fairlead.HandshakeError {
	t.Helper()
	he, ok := errors.AsType[*fairlead.HandshakeError](err)
	if !ok || he.Phase != phase {
		t.Fatalf("error %v, want a HandshakeError of phase %s", err, phase)
	}
	if errors.Is(err, net.ErrClosed) {
		t.Errorf("%v matches net.ErrClosed", err)
	}
	return he
}

// TestDialRefusesBeforeAnythingIsSent uses a Route that must not be asked.
// TestDialRefusesBeforeAnythingIsSent: E25 to E28, E32, E33. No name is looked up
// and nothing is dialed for what cannot be right.
func TestDialRefusesBeforeAnythingIsSent(t *testing.T) {
	never := route.DialerFunc(func(_ context.Context, _, addr string) (net.Conn, error) {
		t.Error("the Route was asked for " + addr)
		return nil, errors.New("no")
	})
	const secret = "canary"
	urls := []string{
		"", "127.0.0.1", "localhost:80", "ftp://h/", "ws:h", "ws://", "ws:///p", "ws://h:0/", "ws://h:70000/", "ws://h:-1/", "ws://h:8x/",
		"ws://h:/", "ws://[::1%25lo", "ws://h/#f", "ws://h/#", "ws://h/a b", "ws://h/\r\nX: " + secret, "ws://h\x00/", "ws://h:08x/", "ws://h:65536/",
		"ws://[::1", "ws://[1.2.3.4]/", "ws://%31/", "ws://a..b/", "ws://" + strings.Repeat("a.", 128) + "example/", "ws://" + strings.Repeat("a", 64) + ".example/",
	}
	for _, u := range urls {
		_, err := (&fairlead.Dialer{Route: never}).Dial(t.Context(), u)
		he := handshakeError(t, err, fairlead.PhaseURL)
		if strings.Contains(he.Error(), secret) {
			t.Errorf("%q: the error holds a part of the URL: %v", u, err)
		}
	}
	if _, err := (&fairlead.Dialer{Route: never, Header: http.Header{"Authorization": {"Basic " + secret}}}).Dial(t.Context(), "ws://u:"+secret+"@h/"); err == nil ||
		!strings.Contains(err.Error(), "choose one") || strings.Contains(err.Error(), secret) {
		t.Errorf("E23: %v", err)
	}
	for name, d := range map[string]fairlead.Dialer{
		"Sec-WebSocket-Key":              {Header: http.Header{"Sec-WebSocket-Key": {secret}}},
		"Connection":                     {Header: http.Header{"Connection": {"close"}}},
		"Content-Length":                 {Header: http.Header{"Content-Length": {"5"}}},
		"X-Line":                         {Header: http.Header{"X-Line": {"a\r\nInjected: " + secret}}},
		"wice":                           {Header: http.Header{"X-Twice": {"a"}, "x-twice": {"b"}}},
		"Host is in Dialer.Header twice": {Header: http.Header{"Host": {"a", "b"}}},
		"Dialer.Header twice":            {Header: http.Header{"Host": {"a"}, "host": {"a"}}},
		"Host":                           {Header: http.Header{"Host": {"a\r\n" + secret}}},
		"Sec-WebSocket-Protoco":          {Subprotocols: []string{"a", "a b" + secret}},
	} {
		d.Route = never
		_, err := d.Dial(t.Context(), "ws://h/")
		he := handshakeError(t, err, fairlead.PhaseURL)
		if !strings.Contains(he.Error(), name) || strings.Contains(he.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDialSendsWhatItIsTold(t *testing.T) {
	var got *wstest.HTTPRequest
	peer := wstest.Listen(
		wstest.Answer(func(r *wstest.HTTPRequest) []byte {
			got = r
			key, _ := r.Get("Sec-WebSocket-Key")
			return []byte("HTTP/1.1 101 Hi\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: b\r\n" +
				"Sec-WebSocket-Accept: " + handshake.AcceptKey(key) + "\r\n\r\n" + string(frameOf(frame.Text, true, "at once")))
		}),
		wstest.ExpectEOF(),
	)
	defer peer.Close()
	d := fairlead.Dialer{
		Header:       http.Header{"Origin": {"https://example.com"}, "Host": {"virtual.example"}, "Cookie": {"a=b"}},
		Subprotocols: []string{"a", "b"},
	}
	c, err := d.Dial(t.Context(), peer.URL()+"/chat%20room?x=y&z")
	if err != nil {
		t.Fatal(err)
	}
	if c.Subprotocol() != "b" {
		t.Errorf("subprotocol %q", c.Subprotocol())
	}
	wantMessage(t, c, fairlead.Text, "at once")
	c.CloseNow()
	if err := peer.Err(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Host": "virtual.example", "Origin": "https://example.com", "Cookie": "a=b",
		"Sec-WebSocket-Protocol": "a, b", "Sec-WebSocket-Version": "13",
	} {
		if v, _ := got.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	if got.Target != "/chat%20room?x=y&z" {
		t.Errorf("target %q", got.Target)
	}
}

func TestDialRefused(t *testing.T) {
	server, err := wstest.Start(wstest.Options{Check: func(string, []handshake.Field) (int, []handshake.Field) {
		return 403, []handshake.Field{{Name: "X-Why", Value: "no ticket"}}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	begin := time.Now()
	_, err = fairlead.Dial(t.Context(), server.URL())
	he := handshakeError(t, err, fairlead.PhaseVerify)
	if he.Status != 403 || he.Header.Get("X-Why") != "no ticket" || len(he.Body) == 0 {
		t.Errorf("%d, %v, %q", he.Status, he.Header, he.Body)
	}
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestDialEndsWithContext(t *testing.T) {
	block := route.DialerFunc(func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	silent := wstest.Listen(wstest.Request(func(*wstest.HTTPRequest) error { return nil }), wstest.ExpectEOF())
	defer silent.Close()
	half := wstest.Listen(wstest.Request(func(*wstest.HTTPRequest) error { return nil }), wstest.Send([]byte("HTTP/1.1 101")), wstest.ExpectEOF())
	defer half.Close()
	end := make(chan struct{})
	mute := wstest.Listen(wstest.Wait(end))
	defer mute.Close()
	defer close(end)
	for phase, call := range map[string]func(context.Context) error{
		fairlead.PhaseConnect: func(ctx context.Context) error {
			_, err := (&fairlead.Dialer{Route: block}).Dial(ctx, "ws://h/")
			return err
		},
		fairlead.PhaseResponse: func(ctx context.Context) error { _, err := fairlead.Dial(ctx, silent.URL()); return err },
		"response, half":       func(ctx context.Context) error { _, err := fairlead.Dial(ctx, half.URL()); return err },
		fairlead.PhaseTLS: func(ctx context.Context) error {
			_, err := fairlead.Dial(ctx, "wss"+strings.TrimPrefix(mute.URL(), "ws"))
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
		begin := time.Now()
		err := call(ctx)
		cancel()
		wantErr(t, err, context.DeadlineExceeded)
		phase, _, _ = strings.Cut(phase, ",")
		he := handshakeError(t, err, phase)
		if !he.Timeout() {
			t.Errorf("%v is not a timeout", err)
		}
		if d := time.Since(begin); d > 2*time.Second {
			t.Errorf("%s: took %v", phase, d)
		}
	}
}

func TestDialNilRouteConn(t *testing.T) {
	d := fairlead.Dialer{Route: route.DialerFunc(func(context.Context, string, string) (net.Conn, error) { return nil, nil })}
	_, err := d.Dial(t.Context(), "ws://h/")
	handshakeError(t, err, fairlead.PhaseConnect)
}

func TestDialErrorsKeepTheirCause(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	_, err = fairlead.Dial(t.Context(), "ws://"+addr)
	he := handshakeError(t, err, fairlead.PhaseConnect)
	if _, ok := errors.AsType[*net.OpError](he); !ok {
		t.Errorf("%v", err)
	}
}

func TestTrace(t *testing.T) {
	server := wstest.NewServer()
	defer server.Close()
	var events []string
	add := func(s string) { events = append(events, s) }
	d := fairlead.Dialer{
		Header: http.Header{"Authorization": {"Bearer canary"}},
		Trace: &wstrace.Trace{
			RequestStart:  func(e wstrace.RequestStart) { add("request " + e.Head.String()) },
			ResponseDone:  func(e wstrace.ResponseDone) { add("response " + e.Head.Line()) },
			FrameSent:     func(f wstrace.Frame) { add("> " + f.Header.Opcode.String() + " " + string(f.Preview)) },
			FrameReceived: func(f wstrace.Frame) { add("< " + f.Header.Opcode.String() + " " + string(f.Preview)) },
			CloseStart:    func(e wstrace.CloseStart) { add("close") },
			CloseDone:     func(e wstrace.CloseDone) { add("closed " + map[bool]string{true: "clean"}[e.Clean]) },
		},
	}
	c, err := d.Dial(t.Context(), server.URL()+"/?token=canary")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.WriteText(t.Context(), "hello"); err != nil {
		t.Fatal(err)
	}
	wantMessage(t, c, fairlead.Text, "hello")
	if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(events, "\n")
	if strings.Contains(all, "canary") {
		t.Errorf("the trace holds a secret:\n%s", all)
	}
	for _, want := range []string{"request GET", "response HTTP/1.1 101", "> text hello", "< text hello", "> close \x03\xe8", "< close \x03\xe8", "close", "closed clean"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}
