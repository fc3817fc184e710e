package route_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// relay is a hop of one's own: it connects to a relay at addr, tells it in one
// line where to go on to, and hands over the connection.
func relay(addr string) route.Layer {
	return func(next route.Dialer) route.Dialer {
		return route.DialerFunc(func(ctx context.Context, network, target string) (net.Conn, error) {
			conn, err := next.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			// The context must end the exchange with the hop too.
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			_, err = fmt.Fprintf(conn, "to %s\n", target)
			if !stop() {
				err = ctx.Err()
			}
			if err != nil {
				_ = conn.Close()
				return nil, err
			}
			return conn, nil
		})
	}
}

func ExampleThrough() {
	// A relay that only says where it would connect to.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		line, _ := bufio.NewReader(conn).ReadString('\n')
		_, _ = io.WriteString(conn, "relayed "+line)
	}()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	dialer := route.Through(relay(l.Addr().String())) // and further hops, in the order that the bytes pass
	conn, err := dialer.DialContext(ctx, "tcp", "server.example:443")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	answer, _ := io.ReadAll(conn)
	fmt.Printf("%s", answer)
	// Output: relayed to server.example:443
}

func ExampleTLS() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ctx = wstrace.WithTrace(ctx, wstrace.Dump(os.Stderr)) // shows each step

	conn, err := route.TCP{}.DialContext(ctx, "tcp", "server.example:443")
	if err != nil {
		fmt.Println(err)
		return
	}
	tlsConn, err := route.TLS(ctx, conn, &tls.Config{MinVersion: tls.VersionTLS13}, "server.example")
	if err != nil {
		fmt.Println(err) // conn is closed
		return
	}
	defer tlsConn.Close()
	fmt.Println(tls.VersionName(tlsConn.ConnectionState().Version))
}

func ExampleTryRead() {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()

	_, err := route.TryRead(client, make([]byte, 512))
	fmt.Println("nothing there:", errors.Is(err, os.ErrDeadlineExceeded))
	// Output: nothing there: true
}

func ExampleError() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := route.Unix{Path: "/run/feed.sock"}.DialContext(ctx, "tcp", "server.example:443")

	if failed, ok := errors.AsType[*route.Error](err); ok {
		fmt.Println(failed.Phase, failed.Addr, errors.Is(err, context.Canceled))
	}
	// Output: connect /run/feed.sock true
}

func ExampleWithDeadlines() {
	// A stream without deadlines, of two pipes: an SSH channel is another.
	in, theirs := io.Pipe()
	_, out := io.Pipe()
	defer theirs.Close()
	conn := route.WithDeadlines(struct {
		io.Reader
		io.WriteCloser
	}{in, out})
	defer conn.Close()

	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err := conn.Read(make([]byte, 512))
	fmt.Println("timeout:", errors.Is(err, os.ErrDeadlineExceeded))
	// Output: timeout: true
}
