package sshroute_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestWriteFault: a write that fails in the handshake is the cause that is told,
// and never a refusal by the server.
func TestWriteFault(t *testing.T) {
	server := (&sshDouble{}).start(t)
	cfg := trusting()
	cut := errors.New("cut")
	for call := 1; ; call++ {
		silent := call%2 == 0 // a part is written, and nothing said
		next := route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := route.TCP{}.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			if silent {
				return silentConn{wstest.Faulty(conn, wstest.Fault{On: wstest.OnWrite, Call: call, Short: 1})}, nil
			}
			return wstest.Faulty(conn, wstest.Fault{On: wstest.OnWrite, Call: call, Err: cut}), nil
		})
		c, err := sshroute.Dial(t.Context(), next, server.addr, cfg)
		if err == nil {
			if call < 5 {
				t.Errorf("logged in although write %d has failed", call)
			}
			_ = c.Close()
			<-c.Done()
			return
		}
		if !errors.Is(err, cut) && !(silent && errors.Is(err, io.ErrShortWrite)) {
			t.Errorf("write %d: %v, want the cause of the failed write", call, err)
		}
	}
}

// silentConn says nothing of the errors of its writes.
type silentConn struct{ net.Conn }

func (c silentConn) Write(p []byte) (int, error) {
	n, _ := c.Conn.Write(p)
	return n, nil
}
