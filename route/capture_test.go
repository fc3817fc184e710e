package route_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// captured is a dialer whose connections keep what is written and have nothing
// to say.
type captured struct {
	mu   sync.Mutex
	text strings.Builder
}

func (c *captured) DialContext(context.Context, string, string) (net.Conn, error) {
	return route.WithDeadlines(capturedStream{c}), nil
}

func (c *captured) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

type capturedStream struct{ *captured }

func (s capturedStream) Read([]byte) (int, error) { return 0, io.EOF }
func (s capturedStream) Close() error             { return nil }
func (s capturedStream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// TestWhoSeesWhat: F19, L52. The proxy gets the CONNECT with its own fields, the
// server nothing of it.
func TestWhoSeesWhat(t *testing.T) {
	seen := make(chan string, 1)
	target := listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
		all, _ := io.ReadAll(conn)
		_ = conn.Close()
		seen <- string(all)
	})
	heads := make(chan http.Header, 1)
	proxy := newProxyDouble(t, func(conn net.Conn) {
		r, up := connectHead(conn)
		if up != nil {
			heads <- r.Header
			splice(conn, up)
		}
	})
	opts := &route.HTTPProxyOptions{Auth: basic, Header: http.Header{"X-Proxy": {"one", "two"}, "user-agent": {"x"}}}
	layer := route.HTTPProxy(proxy.addr, opts)
	opts.Header.Set("X-Late", "changed afterwards")
	conn, err := route.Through(layer).DialContext(deadline(t), "tcp", target)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, "origin bytes")
	_ = conn.Close()
	if got := <-seen; got != "origin bytes" {
		t.Errorf("the server saw %q", got)
	}
	head := <-heads
	if len(head) != 3 || len(head["X-Proxy"]) != 2 || head.Get("User-Agent") != "x" || !strings.HasPrefix(head.Get("Proxy-Authorization"), "Basic ") {
		t.Errorf("the proxy saw %v", head)
	}
}

// connectHead reads a CONNECT, connects and grants it.
func connectHead(conn net.Conn) (*http.Request, net.Conn) {
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		_ = conn.Close()
		return nil, nil
	}
	up, err := net.Dial("tcp", r.Host)
	if err != nil {
		_ = conn.Close()
		return nil, nil
	}
	_, _ = io.WriteString(conn, ok200)
	return r, up
}

// TestNothingCrosses: F24, one set of credentials for proxy A, then B, then no
// proxy at all.
func TestNothingCrosses(t *testing.T) {
	digest := auth.Digest{Username: "user", Password: "canary-password"}
	var sent []string
	for _, proxy := range []*captured{{}, {}} {
		_, _ = route.HTTPProxy("p:1", &route.HTTPProxyOptions{Auth: digest})(proxy).DialContext(deadline(t), "tcp", "h:443")
		sent = append(sent, proxy.String())
	}
	const want = "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"
	if sent[0] != want || sent[1] != want {
		t.Errorf("sent %q", sent)
	}
	a := newScripted(t, false, answersOf(staleAnswer(1), ok200))
	b := newScripted(t, false, answersOf(ok200))
	for _, proxy := range []*proxyDouble{a, b} {
		conn, err := route.Through(route.HTTPProxy(proxy.addr, &route.HTTPProxyOptions{Auth: digest})).DialContext(deadline(t), "tcp", "server.example:443")
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
	}
}

func answersOf(answers ...string) (script []wstest.Step) {
	for _, a := range answers {
		script = append(script, wstest.Request(checkConnect), wstest.Send([]byte(a)))
	}
	return script
}

// TestURLCredentials: F20, L59. What stands before the last @ never becomes part
// of the host, whatever it holds.
func TestURLCredentials(t *testing.T) {
	for _, test := range []struct{ userinfo, user, password string }{
		{"user:pw", "user", "pw"},
		{"user:", "user", ""},
		{"u%40h:p%3A%2F%3F%23%5B%5D%25", "u@h", "p:/?#[]%"},
		{"user:p@w", "user", "p@w"},
		{"user:a:b", "user", "a:b"},
		{"user:p%C3%A9", "user", "pé"},
	} {
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(test.user+":"+test.password))
		proxy := newScripted(t, false, []wstest.Step{
			wstest.Request(checkConnect), wstest.Send([]byte("HTTP/1.1 407 x\r\nContent-Length: 0\r\n" + askBasic + "\r\n")),
			wstest.Request(func(r *wstest.HTTPRequest) error {
				if got, _ := r.Get("Proxy-Authorization"); got != want {
					return fmt.Errorf("%q, want %q", got, want)
				}
				return nil
			}), wstest.Send([]byte(ok200)),
		})
		dialer, err := route.FromURLs("http://" + test.userinfo + "@" + proxy.addr)
		if err != nil {
			t.Errorf("%s: %v", test.userinfo, err)
			continue
		}
		conn, err := dialer.DialContext(deadline(t), "tcp", "server.example:443")
		if err != nil {
			t.Errorf("%s: %v", test.userinfo, err)
			continue
		}
		_ = conn.Close()
	}
	for _, raw := range []string{"http://u:p/w@h:1", "http://u:1/w@h:1", "http://u:1?w@h:1", "http://u:1#w@h:1", "http://u:%zz@h:1", "http://u:p[w@h:1"} {
		if _, err := route.FromURLs(raw); err == nil {
			t.Errorf("%s: no error", raw)
		}
	}
}
