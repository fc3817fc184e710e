package interop_test

import (
	"context"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
)

// A cuttable passes the bytes of one TCP connection on, until it is cut.
type cuttable struct {
	ends    [2]net.Conn
	was     atomic.Bool // cut
	running sync.WaitGroup
}

// dialCuttable dials addr, through a cuttable.
func dialCuttable(ctx context.Context, network, addr string) (net.Conn, *cuttable, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp4", listener.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	near, err := listener.Accept()
	if err != nil {
		_ = nc.Close()
		return nil, nil, err
	}
	far, err := d.DialContext(ctx, network, addr)
	if err != nil {
		_, _ = nc.Close(), near.Close()
		return nil, nil, err
	}
	r := &cuttable{ends: [2]net.Conn{near, far}}
	for i := range r.ends {
		r.running.Go(func() {
			from, to := r.ends[i], r.ends[1-i]
			_, _ = io.Copy(to, from)
			if half, ok := to.(*net.TCPConn); ok {
				_ = half.CloseWrite()
			}
		})
	}
	return nc, r, nil
}

// cut ends the connection on both sides, in the middle of whatever is under way:
// by a reset, or as somebody who closes does.
func (r *cuttable) cut(reset bool) {
	r.was.Store(true)
	for _, c := range r.ends {
		if tcp, ok := c.(*net.TCPConn); ok && reset {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
}

// end is called when the connection is of no use any more. It reports whether it
// was cut.
func (r *cuttable) end() (cut bool) {
	for _, c := range r.ends {
		_ = c.Close()
	}
	r.running.Wait()
	return r.was.Load()
}

func (k *soak) open(r *cuttable) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.relays = append(k.relays, r)
}

func (k *soak) close(r *cuttable) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.relays = slices.DeleteFunc(k.relays, func(other *cuttable) bool { return other == r })
}
