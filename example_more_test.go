package fairlead_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"strings"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// Stream a message that is too big to hold, in both directions.
func ExampleConn_Writer() {
	server := wstest.NewServer()
	defer server.Close()
	ctx := context.Background()
	conn, err := fairlead.Dial(ctx, server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()

	w := conn.Writer(ctx, fairlead.Binary)
	if _, err := io.Copy(w, io.LimitReader(zeros{}, 8<<20)); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	r, err := conn.Reader(ctx)
	if err != nil {
		log.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r)
	fmt.Println(r.Type(), n, err)
	// Output: binary 8388608 <nil>
}

// Compress what is sent, where the server agrees, except for what is secret.
func ExampleDialer_compression() {
	server, err := wstest.Start(wstest.Options{Deflate: &handshake.Deflate{}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	ctx := context.Background()
	dialer := fairlead.Dialer{Compression: fairlead.CompressionTakeover}
	conn, err := dialer.Dial(ctx, server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()
	_, compressed := conn.Compression()

	if err := conn.WriteText(ctx, strings.Repeat("all work and no play ", 100)); err != nil {
		log.Fatal(err)
	}
	if err := conn.WriteUncompressed(ctx, fairlead.Text, []byte("a token, next to text of others")); err != nil {
		log.Fatal(err)
	}
	_, p, err := conn.Read(ctx)
	fmt.Println(compressed, len(p), err)
	// Output: true 2100 <nil>
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Send many messages in one system call.
func ExampleConn_Batch() {
	server := wstest.NewServer()
	defer server.Close()
	ctx := context.Background()
	conn, err := fairlead.Dial(ctx, server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()

	err = conn.Batch(ctx, func(b *fairlead.Batch) error {
		for i := range 3 {
			if err := b.Write(fairlead.Text, fmt.Append(nil, "tick ", i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		_, p, err := conn.Read(ctx)
		fmt.Printf("%s, %v\n", p, err)
	}
	// Output:
	// tick 0, <nil>
	// tick 1, <nil>
	// tick 2, <nil>
}

// Measure the way to the server and back.
func ExampleConn_Ping() {
	server := wstest.NewServer()
	defer server.Close()
	ctx := context.Background()
	conn, err := fairlead.Dial(ctx, server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()

	rtt, err := conn.Ping(ctx)
	fmt.Println(rtt > 0, err)
	// Output: true <nil>
}

// Exchange JSON.
func ExampleReadJSON() {
	server := wstest.NewServer()
	defer server.Close()
	ctx := context.Background()
	conn, err := fairlead.Dial(ctx, server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()

	type order struct {
		Item  string `json:"item"`
		Count int    `json:"count"`
	}
	if err := fairlead.WriteJSON(ctx, conn, order{"rope", 2}); err != nil {
		log.Fatal(err)
	}
	var got order
	err = fairlead.ReadJSON(ctx, conn, &got)
	fmt.Println(got, err)
	// Output: {rope 2} <nil>
}

// Use a connection where a net.Conn is asked for.
func ExampleConn_AsNetConn() {
	server := wstest.NewServer()
	defer server.Close()
	conn, err := fairlead.Dial(context.Background(), server.URL())
	if err != nil {
		log.Fatal(err)
	}
	stream := conn.AsNetConn(fairlead.Binary)
	defer stream.Close()

	if _, err := io.Copy(stream, strings.NewReader("a stream of bytes")); err != nil {
		log.Fatal(err)
	}
	p := make([]byte, len("a stream of bytes"))
	_, err = io.ReadFull(stream, p)
	fmt.Printf("%s, %v\n", p, err)
	// Output: a stream of bytes, <nil>
}

// Reach the server in a way of your own: anything with DialContext is a Route.
func ExampleDialer_route() {
	server := wstest.NewServer()
	defer server.Close()
	count := func(next route.Dialer) route.Dialer {
		return route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
			fmt.Println("dialling over", network)
			return next.DialContext(ctx, network, addr)
		})
	}
	d := fairlead.Dialer{Route: route.Through(count)}
	conn, err := d.Dial(context.Background(), server.URL())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Close(context.Background(), frame.StatusNormal, ""))
	// Output:
	// dialling over tcp
	// <nil>
}

// Trust a certificate authority of your own.
func ExampleDialer_tls() {
	server := wstest.NewTLSServer()
	defer server.Close()
	d := fairlead.Dialer{TLS: &tls.Config{RootCAs: server.CertPool()}}
	conn, err := d.Dial(context.Background(), server.URL())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Close(context.Background(), frame.StatusNormal, ""))
	// Output: <nil>
}

// Log what happens, each frame included, with log/slog.
func ExampleDialer_trace() {
	server := wstest.NewServer()
	defer server.Close()
	ctx := context.Background()
	var all bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&all, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d := fairlead.Dialer{Trace: wstrace.Log(logger)}
	conn, err := d.Dial(ctx, server.URL())
	if err != nil {
		log.Fatal(err)
	}
	if err := conn.WriteText(ctx, "hello"); err != nil {
		log.Fatal(err)
	}
	if err := conn.Close(ctx, frame.StatusNormal, ""); err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(all.String()) {
		if _, frames, ok := strings.Cut(line, `msg="frame sent" `); ok {
			fmt.Fprint(os.Stdout, frames)
		}
	}
	// Output:
	// opcode=text fin=true rsv=0 length=5
	// opcode=close fin=true rsv=0 length=2
}
