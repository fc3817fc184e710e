package route_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// TestHopTrace: the hooks enclose everything that a hop does, the dial to it and
// the hops before it included, and tell how it ended.
func TestHopTrace(t *testing.T) {
	target, _ := accepting(t)
	socks, proxy := socksDouble(t, "", ""), connectDouble(t, nil, "")
	var got []string
	trace := &wstrace.Trace{
		HopStart: func(e wstrace.HopStart) { got = append(got, strings.Join([]string{e.Kind, e.Addr, e.Target}, " ")) },
		HopDone: func(e wstrace.HopDone) {
			if e.Duration <= 0 || e.Duration > limit {
				t.Errorf("it took %v", e.Duration)
			}
			got = append(got, strings.Join([]string{"done", e.Kind, e.Addr, e.Target, e.Detail, map[bool]string{true: "failed"}[e.Err != nil]}, " "))
		},
		ConnectStart: func(e wstrace.ConnectStart) { got = append(got, "connect "+e.Addr) },
	}
	ctx := wstrace.WithTrace(deadline(t), trace)
	conn, err := route.Through(route.Socks5h(socks.addr, nil), route.HTTPProxy(proxy.addr, nil)).DialContext(ctx, "tcp", target)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	want := []string{
		"http " + proxy.addr + " " + target,
		"socks5h " + socks.addr + " " + proxy.addr,
		"connect " + socks.addr,
		"done socks5h " + socks.addr + " " + proxy.addr + "  ",
		"done http " + proxy.addr + " " + target + " HTTP/1.1 200 Connection established ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events:\n%q\nwant:\n%q", got, want)
	}

	got = nil
	refusing := newScripted(t, false, answersOf("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"))
	_, err = route.Through(route.HTTPProxy(refusing.addr, nil)).DialContext(ctx, "tcp", "server.example:443")
	if err == nil || len(got) != 3 || got[2] != "done http "+refusing.addr+" server.example:443 HTTP/1.1 403 No failed" {
		t.Errorf("%v, events %q", err, got)
	}
}

// TestProxyErrorHasTheAnswer: the body and the fields are there to look at, and
// not in the text.
func TestProxyErrorHasTheAnswer(t *testing.T) {
	proxy := newScripted(t, true, answersOf("HTTP/1.1 403 canary\r\nX-Why: canary\r\nx-why: two\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("x", 70_000)))
	start := time.Now()
	_, err := route.Through(route.HTTPProxy(proxy.addr, nil)).DialContext(deadline(t), "tcp", "server.example:443")
	failed, ok := errors.AsType[*route.ProxyError](err)
	if !ok || len(failed.Header["X-Why"]) != 2 || len(failed.Body) != 64<<10 || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v: %v, %d bytes", err, failed.Header, len(failed.Body))
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestBodyThatHangs: F04, the body of a 407 may not come; the next request goes
// over a new connection after a moment.
func TestBodyThatHangs(t *testing.T) {
	proxy := newScripted(t, true,
		answersOf("HTTP/1.1 407 x\r\nContent-Length: 10\r\n"+askBasic+"\r\nhello"),
		append(answersOf(ok200), wstest.ExpectEOF()))
	conn, err := route.Through(route.HTTPProxy(proxy.addr, &route.HTTPProxyOptions{Auth: anyOne})).DialContext(deadline(t), "tcp", "server.example:443")
	if err != nil {
		t.Fatal(err)
	}
	// No deadline is left behind on a connection that goes on.
	_ = conn.Close()
}

// TestLegs: a proxy that is never content gets four requests.
func TestLegs(t *testing.T) {
	var scripts [][]wstest.Step
	for range 4 {
		scripts = append(scripts, answersOf("HTTP/1.1 407 x\r\nConnection: close\r\n"+askBasic+"\r\n"))
	}
	proxy := newScripted(t, false, scripts...)
	_, err := route.Through(route.HTTPProxy(proxy.addr, &route.HTTPProxyOptions{Auth: tireless{}})).DialContext(deadline(t), "tcp", "server.example:443")
	if err == nil || !strings.Contains(err.Error(), "4 times") || proxy.dials.Load() != 4 {
		t.Errorf("%d connections, %v", proxy.dials.Load(), err)
	}
}

// TestHopMisuse: no panic, a clear error, nothing dialed.
func TestHopMisuse(t *testing.T) {
	nothing := route.DialerFunc(func(context.Context, string, string) (net.Conn, error) { return nil, nil })
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, layer := range map[string]route.Layer{
		"http": route.HTTPProxy("p:1", nil), "socks4a": route.Socks4a("p:1", ""), "socks5h": route.Socks5h("p:1", nil),
	} {
		if _, err := layer(nothing).DialContext(t.Context(), "tcp", "h:1"); err == nil || !strings.Contains(err.Error(), "neither") {
			t.Errorf("%s, a dialer that returns nothing: %v", name, err)
		}
		dialer := &countingDialer{}
		if _, err := layer(dialer).DialContext(nil, "tcp", "h:1"); err == nil || dialer.count.Load() != 0 {
			t.Errorf("%s, nil context: %v", name, err)
		}
		if _, err := layer(dialer).DialContext(ended, "tcp", "h:1"); !errors.Is(err, context.Canceled) || dialer.count.Load() != 0 {
			t.Errorf("%s, ended context: %v", name, err)
		}
		if _, err := layer(nil).DialContext(ended, "tcp", "h:1"); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, nil dialer: %v", name, err)
		}
		if _, err := layer(dialer).DialContext(t.Context(), "tcp", "h:1"); err == nil || dialer.count.Load() != 1 {
			t.Errorf("%s, a dial that fails: %v", name, err)
		}
	}
	if _, err := route.Throttle(1, 1)(&countingDialer{}).DialContext(t.Context(), "tcp", "h:1"); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("throttle: %v", err)
	}
}
