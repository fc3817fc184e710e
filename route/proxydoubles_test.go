package route_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
)

// proxyDouble accepts connections and gives each to serve on a goroutine of its
// own, all of which the test waits for.
type proxyDouble struct {
	addr  string
	dials atomic.Int64
}

func newProxyDouble(t testing.TB, serve func(conn net.Conn)) *proxyDouble {
	t.Helper()
	d := &proxyDouble{}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	d.addr = listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
		d.dials.Add(1)
		_ = conn.SetDeadline(time.Time{})
		mu.Lock()
		open = append(open, conn)
		mu.Unlock()
		wg.Go(func() { serve(conn) })
	})
	t.Cleanup(func() { // before that of listen
		mu.Lock()
		for _, conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return d
}

// splice copies both ways and passes ends on.
func splice(a, b net.Conn) {
	var wg sync.WaitGroup
	one := func(to, from net.Conn) {
		_, err := io.Copy(to, from)
		half, ok := to.(interface{ CloseWrite() error })
		if err != nil || !ok || half.CloseWrite() != nil {
			_ = a.Close()
			_ = b.Close()
		}
	}
	wg.Go(func() { one(a, b) })
	wg.Go(func() { one(b, a) })
	wg.Wait()
	_ = a.Close()
	_ = b.Close()
}

// connectDouble is an HTTP proxy. Glue comes in one segment with its 200.
func connectDouble(t testing.TB, cfg *tls.Config, glue string) *proxyDouble {
	t.Helper()
	return newProxyDouble(t, func(conn net.Conn) {
		if cfg != nil {
			conn = tls.Server(conn, cfg)
		}
		serveConnect(conn, glue)
	})
}

func serveConnect(conn net.Conn, glue string) {
	in := bufio.NewReader(conn)
	r, err := http.ReadRequest(in)
	if err != nil || r.Method != http.MethodConnect {
		_ = conn.Close()
		return
	}
	up, err := net.Dial("tcp", r.Host)
	if err != nil {
		_, _ = io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		_ = conn.Close()
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"+glue)
	early, _ := in.Peek(in.Buffered())
	_, _ = up.Write(early)
	splice(conn, up)
}

// socksDouble is a SOCKS5 proxy, with a password if one is given.
func socksDouble(t testing.TB, user, password string) *proxyDouble {
	t.Helper()
	return newProxyDouble(t, func(conn net.Conn) {
		up, err := serveSocks(conn, user, password)
		if err != nil {
			_ = conn.Close()
			return
		}
		splice(conn, up)
	})
}

func serveSocks(conn net.Conn, user, password string) (net.Conn, error) {
	read := func(n int) []byte {
		p := make([]byte, n)
		if _, err := io.ReadFull(conn, p); err != nil {
			_ = conn.Close()
		}
		return p
	}
	read(int(read(2)[1]))
	if user == "" {
		_, _ = conn.Write([]byte{5, 0})
	} else {
		_, _ = conn.Write([]byte{5, 2})
		gotUser := string(read(int(read(2)[1])))
		gotPassword := string(read(int(read(1)[0])))
		if gotUser != user || gotPassword != password {
			_, _ = conn.Write([]byte{1, 1})
			return nil, errors.New("refused")
		}
		_, _ = conn.Write([]byte{1, 0})
	}
	var host string
	switch read(4)[3] {
	case 1:
		host = netip.AddrFrom4([4]byte(read(4))).String()
	case 4:
		host = netip.AddrFrom16([16]byte(read(16))).String()
	case 3:
		host = string(read(int(read(1)[0])))
	default:
		return nil, errors.New("type of address")
	}
	port := binary.BigEndian.Uint16(read(2))
	up, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err != nil {
		_, _ = conn.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
		return nil, err
	}
	_, err = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	return up, err
}

// countingDialer counts what is dialed through it.
type countingDialer struct {
	next  route.Dialer
	count atomic.Int64
}

func (d *countingDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	d.count.Add(1)
	if d.next == nil {
		return nil, fmt.Errorf("nothing is dialed here")
	}
	return d.next.DialContext(ctx, network, addr)
}
