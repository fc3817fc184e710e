package route_test

import (
	"context"
	"errors"
	"net"
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
	t.Skip("this kernel accepts connections beyond the backlog")
	return ""
}

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
