//go:build unix && !race

package fairlead_test

import (
	"context"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
)

// heapInUse is the heap once garbage is gone: pools need two collections for that.
func heapInUse() int {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestWaitingConnIsSmall holds the heap that a Conn adds to its socket while it waits in
// a read under a context that can be cancelled. There is no buffer in it, nor is there
// after the connection was lost. (Stacks are the benchmark's affair: how large they
// begin depends on those before.)
func TestWaitingConnIsSmall(t *testing.T) {
	const (
		count = 500
		limit = 2 << 10 // bytes; 1.6 KiB as measured
	)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var sockets, peers [count]net.Conn
	for i := range count {
		if sockets[i], err = net.Dial("tcp", listener.Addr().String()); err != nil {
			t.Fatal(err)
		}
		if peers[i], err = listener.Accept(); err != nil {
			t.Fatal(err)
		}
		defer peers[i].Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	before := heapInUse()
	conns := make([]*fairlead.Conn, count)
	var readers sync.WaitGroup
	for i, nc := range sockets {
		conns[i] = fairlead.NewConn(nc, fairlead.ConnConfig{})
		defer conns[i].CloseNow()
		readers.Go(func() { _, _, _ = conns[i].ReadAppend(ctx, nil) })
	}
	time.Sleep(100 * time.Millisecond) // until they wait
	if each := (heapInUse() - before) / count; each > limit {
		t.Errorf("a waiting Conn takes %d bytes, want %d at most", each, limit)
	}
	for _, nc := range peers {
		nc.Close()
	}
	readers.Wait()
	if each := (heapInUse() - before) / count; each > limit {
		t.Errorf("a Conn that was lost takes %d bytes, want %d at most", each, limit)
	}
	runtime.KeepAlive(conns)
}
