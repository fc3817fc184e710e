package route_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

func ExampleThrough_twoHops() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	// First a SOCKS server, which looks up the name of the second hop; through
	// it an HTTP proxy, which looks up the name of the server.
	dialer := route.Through(
		route.Socks5h("socks.example:1080", nil),
		route.HTTPProxy("proxy.example:3128", &route.HTTPProxyOptions{
			Auth: auth.Password{Username: "user", Password: "secret"},
		}),
	)
	conn, err := dialer.DialContext(ctx, "tcp", "server.example:443")
	if refused, ok := errors.AsType[*route.ProxyError](err); ok {
		fmt.Println(refused.Kind, refused.Addr, refused.Status, refused.Code)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
}

func ExampleFromURLs() {
	dialer, err := route.FromURLs("socks5h://socks.example", "http://user:secret@proxy.example:3128")
	fmt.Println(dialer != nil, err)

	_, err = route.FromURLs("http://proxy.example:99999")
	fmt.Println(err)
	// Output:
	// true <nil>
	// route: proxy URL 1 (http): the port is not a number from 1 to 65535
}

func ExampleFromEnvironment() {
	const addr = "server.example:443"
	dialer, err := route.FromEnvironment(true, addr)
	if err != nil {
		fmt.Println(err)
		return
	}
	if dialer == nil { // no proxy for this server
		dialer = route.TCP{}
	}
	conn, err := dialer.DialContext(context.Background(), "tcp", addr)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
}

func ExampleThrottle() {
	// 20 kB/s up, no limit down, all the way to the server.
	dialer := route.Through(route.Throttle(20_000, 0), route.Socks5("socks.example:1080", nil))
	conn, err := dialer.DialContext(context.Background(), "tcp", "server.example:443")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
}

// lineHop is a hop of one's own: a relay that is told in one line where to go
// on to, and answers in one line. It keeps what every hop owes: events, an end
// when the context ends, a typed error, and a closed connection after it.
type lineHop struct {
	addr string
	next route.Dialer
}

func (h lineHop) DialContext(ctx context.Context, network, target string) (conn net.Conn, err error) {
	trace := wstrace.FromContext(ctx)
	wstrace.Call(trace.HopStart, wstrace.HopStart{Kind: "line", Addr: h.addr, Target: target})
	start := time.Now()
	defer func() {
		wstrace.Call(trace.HopDone, wstrace.HopDone{Kind: "line", Addr: h.addr, Target: target, Duration: time.Since(start), Err: err})
	}()
	if _, _, err := net.SplitHostPort(target); err != nil {
		return nil, &route.Error{Phase: route.PhaseProxy, Addr: h.addr, Err: err}
	}
	conn, err = h.next.DialContext(ctx, network, h.addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err = h.ask(conn, target)
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, &route.Error{Phase: route.PhaseProxy, Addr: h.addr, Err: err}
	}
	return conn, nil
}

func (h lineHop) ask(conn net.Conn, target string) error {
	if _, err := fmt.Fprintf(conn, "%q\n", target); err != nil {
		return err
	}
	answer := make([]byte, len("ok\n")) // not a byte of what follows
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if string(answer) != "ok\n" {
		return fmt.Errorf("the relay answered %q", answer)
	}
	return nil
}

// line returns the hop as a layer.
func line(addr string) route.Layer {
	return func(next route.Dialer) route.Dialer { return lineHop{addr, next} }
}

func init() { // of the package that has the hop
	route.RegisterScheme("line", func(u *url.URL) (route.Layer, error) { return line(u.Host), nil })
}

// A hop of one's own, also as a URL.
func Example_customLayer() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go func() { // a relay that only says where it would connect to
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		target, _ := bufio.NewReader(conn).ReadString('\n')
		_, _ = io.WriteString(conn, "ok\nrelayed to "+target)
	}()

	dialer, err := route.FromURLs("line://" + l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	conn, err := dialer.DialContext(context.Background(), "tcp", "server.example:443")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	answer, _ := io.ReadAll(conn)
	fmt.Printf("%s", answer)
	// Output: relayed to "server.example:443"
}
