package route_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// blackHole returns the address of a listener whose backlog is full: the kernel
// drops what else would connect.
func blackHole(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(name.(*syscall.SockaddrInet4).Port))
	for range 8 {
		conn, err := net.DialTimeout("tcp", addr, 100*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	missing(t, "a kernel that keeps to the backlog of a listener")
	return ""
}

// TestConnectIsCancelled: D02.
func TestConnectIsCancelled(t *testing.T) {
	addr := blackHole(t)
	for _, test := range []struct {
		name string
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		{"cancelled", context.WithCancel, context.Canceled},
		{"timed out", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 20*time.Millisecond)
		}, context.DeadlineExceeded},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := test.ctx(t.Context())
			defer cancel()
			var began time.Time
			var got events
			trace := got.trace()
			trace.ConnectStart = func(wstrace.ConnectStart) {
				began = time.Now()
				if errors.Is(test.want, context.Canceled) {
					time.AfterFunc(20*time.Millisecond, cancel)
				}
			}
			_, err := route.TCP{}.DialContext(wstrace.WithTrace(ctx, trace), "tcp", addr)
			took := time.Since(began)
			var routeErr *route.Error
			if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseConnect || !errors.Is(err, test.want) {
				t.Errorf("error = %#v", err)
			}
			if took > time.Second {
				t.Errorf("it took %v to notice", took)
			}
			got.assert(t, "connected tcp "+addr+" local= true true")
		})
	}
}

// TestBlackHoleCostsAFewHundredMilliseconds: the first of two addresses of the
// same version of IP swallows what it gets.
// Rows D03 of the catalogue.
func TestBlackHoleCostsAFewHundredMilliseconds(t *testing.T) {
	_, port, _ := net.SplitHostPort(blackHole(t))
	addr := listen(t, "tcp4", "127.0.0.2:"+port, func(conn net.Conn) { _ = conn.Close() })
	var got events
	start := time.Now()
	tcp := route.TCP{Resolver: answeringResolver("127.0.0.1", "127.0.0.2")}
	conn, err := tcp.DialContext(wstrace.WithTrace(deadline(t), got.trace()), "tcp", "a.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if took := time.Since(start); took < 250*time.Millisecond || took > time.Second {
		t.Errorf("it took %v, want about 250 ms", took)
	}
	got.assert(t, "resolve a.example", "resolved a.example [127.0.0.1 127.0.0.2] true false",
		"connect tcp 127.0.0.1:"+port, "connect tcp "+addr,
		"connected tcp "+addr+" local="+conn.LocalAddr().String()+" true false",
		"connected tcp 127.0.0.1:"+port+" local= true true")
}

func TestSocketOptions(t *testing.T) {
	addr, _ := accepting(t)
	type option struct{ level, name, want int }
	keepIdle := option{syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 15}
	for _, test := range []struct {
		name string
		tcp  route.TCP
		want []option
	}{
		{"defaults", route.TCP{}, []option{
			{syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1},
			{syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1},
			keepIdle,
			{syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, 15},
			{syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, 9},
		}},
		{"Nagle", route.TCP{Nagle: true}, []option{{syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 0}}},
		{"no keep-alive", route.TCP{KeepAlive: &net.KeepAliveConfig{}}, []option{{syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 0}}},
		{"default keep-alive", route.TCP{KeepAlive: &net.KeepAliveConfig{Enable: true}}, []option{{syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1}, keepIdle}},
		{"keep-alive", route.TCP{KeepAlive: &net.KeepAliveConfig{Enable: true, Idle: 40 * time.Second, Interval: 7 * time.Second, Count: 3}}, []option{
			{syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 40}, {syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, 7}, {syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, 3},
		}},
		// Linux takes twice the size, for its own needs.
		{"buffers", route.TCP{ReadBuffer: 20_000, WriteBuffer: 30_000}, []option{{syscall.SOL_SOCKET, syscall.SO_RCVBUF, 40_000}, {syscall.SOL_SOCKET, syscall.SO_SNDBUF, 60_000}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn, err := test.tcp.DialContext(deadline(t), "tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			raw, err := conn.(*net.TCPConn).SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			err = raw.Control(func(fd uintptr) {
				for _, o := range test.want {
					got, err := syscall.GetsockoptInt(int(fd), o.level, o.name)
					if o.want == 1 && got != 0 {
						got = 1
					}
					if err != nil || got != o.want {
						t.Errorf("option %d of level %d is %d, %v; want %d", o.name, o.level, got, err, o.want)
					}
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// On Linux all of 127.0.0.0/8 is this machine.
func TestLocalAddrIsUsed(t *testing.T) {
	addr, _ := accepting(t)
	conn, err := route.TCP{LocalAddr: netip.MustParseAddrPort("127.0.0.9:0")}.DialContext(deadline(t), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := netip.MustParseAddrPort(conn.LocalAddr().String()).Addr().String(); got != "127.0.0.9" {
		t.Errorf("connected from %s", got)
	}
}
