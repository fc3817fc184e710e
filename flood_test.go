package fairlead_test

import (
	"errors"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// TestPingFloodOverTCP is a peer on a real socket that pings as fast as it can and
// never reads: the pongs fill both sockets' buffers, the reader goes on all the
// same, nothing grows, and the write timeout ends it.
func TestPingFloodOverTCP(t *testing.T) {
	const patience = 300 * time.Millisecond
	c, server := tcpPair(t, fairlead.ConnConfig{WriteTimeout: patience})
	before := heap()
	flooded := make(chan int64, 1)
	go func() {
		pings := frames()
		for range 100 {
			pings = append(pings, frameOf(frame.Ping, true, string(make([]byte, frame.MaxControlPayload)))...)
		}
		var sent int64
		for {
			n, err := server.Write(pings)
			sent += int64(n)
			if err != nil {
				flooded <- sent
				return
			}
		}
	}()
	ended := make(chan error, 1)
	go func() {
		_, _, err := c.Read(t.Context())
		ended <- err
	}()
	var err error
	select {
	case err = <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the flood was not ended")
	}
	grown := heap() - before
	wantErr(t, err, net.ErrClosed)
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("ended by %v", err)
	}
	sent := <-flooded
	if grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	if sent < 1<<20 {
		t.Errorf("only %d bytes of pings", sent)
	}
	t.Logf("%d bytes of pings, the heap grew by %d", sent, grown)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
