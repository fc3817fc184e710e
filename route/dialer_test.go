package route_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

func TestThroughNothingIsTCP(t *testing.T) {
	if got := route.Through(); got != (route.TCP{}) {
		t.Errorf("Through() = %#v", got)
	}
	if got := route.Through(nil, nil); got != (route.TCP{}) {
		t.Errorf("Through(nil, nil) = %#v", got)
	}
}

// hop returns a layer whose dialer dials its own address, remembering what was
// asked for.
func hop(name string, asked *[]string) route.Layer {
	return func(next route.Dialer) route.Dialer {
		return route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
			*asked = append(*asked, name+" "+addr)
			return next.DialContext(ctx, network, name+":1")
		})
	}
}

func TestThroughKeepsTheOrderOfTheBytes(t *testing.T) {
	errEnd := errors.New("here ends the route")
	var asked []string
	end := func(route.Dialer) route.Dialer {
		return route.DialerFunc(func(_ context.Context, network, addr string) (net.Conn, error) {
			asked = append(asked, "connect "+network+" "+addr)
			return nil, errEnd
		})
	}
	_, err := route.Through(end, hop("first", &asked), nil, hop("second", &asked)).DialContext(t.Context(), "tcp", "server:443")
	if !errors.Is(err, errEnd) {
		t.Errorf("error = %v", err)
	}
	// The last hop is asked for the server, and reaches itself by the one before.
	want := []string{"second server:443", "first second:1", "connect tcp first:1"}
	if !slices.Equal(asked, want) {
		t.Errorf("dials:\n%q\nwant:\n%q", asked, want)
	}
}

func TestThroughBaseIsTCP(t *testing.T) {
	addr := listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
		_, _ = io.WriteString(conn, "hello")
		_ = conn.Close()
	})
	elsewhere := func(next route.Dialer) route.Dialer {
		return route.DialerFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return next.DialContext(ctx, network, addr)
		})
	}
	conn, err := route.Through(elsewhere).DialContext(deadline(t), "tcp", "server:443")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got, err := io.ReadAll(conn); string(got) != "hello" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestNilDialerFunc(t *testing.T) {
	_, err := route.DialerFunc(nil).DialContext(t.Context(), "tcp", "a.example:80")
	var routeErr *route.Error
	if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseConnect {
		t.Errorf("error = %#v", err)
	}
}
