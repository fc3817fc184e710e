package fairlead_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// socketPair returns a Conn over a TCP connection of the system's, and its peer.
func socketPair(t testing.TB, cfg fairlead.ConnConfig) (*fairlead.Conn, *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	nc, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := fairlead.NewConn(nc, cfg)
	t.Cleanup(func() {
		c.CloseNow()
		peer.Close()
	})
	return c, peer.(*net.TCPConn)
}

// TestSlowPeerKeepsAWriteAlive: the write timeout is about progress, also inside
// one long write.
func TestSlowPeerKeepsAWriteAlive(t *testing.T) {
	const timeout = 300 * time.Millisecond
	c, peer := socketPair(t, fairlead.ConnConfig{WriteTimeout: timeout})
	for _, err := range []error{c.NetConn().(*net.TCPConn).SetWriteBuffer(64 << 10), peer.SetReadBuffer(64 << 10)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := bytes.Repeat([]byte("0123456789abcdef"), 128<<10)
	written := make(chan error, 1)
	start := time.Now()
	go func() { written <- c.Write(t.Context(), fairlead.Binary, want) }()
	tick := time.NewTicker(timeout / 6)
	defer tick.Stop()
	var wire []byte
	size := frame.MaxHeaderSize + len(want)
	for piece := make([]byte, size/16+1); len(wire) < size; {
		<-tick.C
		n, err := io.ReadFull(peer, piece[:min(len(piece), size-len(wire))])
		wire = append(wire, piece[:n]...)
		if err != nil {
			t.Fatalf("after %d bytes: %v", len(wire), err)
		}
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 2*timeout {
		t.Errorf("the write took %v: too quick to show anything", took)
	}
	h, n, err := frame.ParseHeader(wire)
	if err != nil || h.Length != int64(len(want)) {
		t.Fatalf("header %+v, %v", h, err)
	}
	if frame.Mask(wire[n:], wire[n:], h.Mask, 0); !bytes.Equal(wire[n:], want) {
		t.Error("the payload is not what was written")
	}
}

// TestSocketWriteEndsWithContext: D09.
func TestSocketWriteEndsWithContext(t *testing.T) {
	for _, size := range []int{1 << 10, 8 << 20} {
		c, _ := socketPair(t, fairlead.ConnConfig{})
		ctx, cancel := context.WithCancel(t.Context())
		written := make(chan error, 1)
		var count atomic.Int64
		go func() {
			p := make([]byte, size)
			for {
				if err := c.Write(ctx, fairlead.Binary, p); err != nil {
					written <- err
					return
				}
				count.Add(1)
			}
		}()
		// The peer does not read: sooner or later a write waits.
		tick := time.NewTicker(100 * time.Millisecond)
		for before := int64(-1); before != count.Load(); <-tick.C {
			before = count.Load()
		}
		tick.Stop()
		cancel()
		start := time.Now()
		err := <-written
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%d bytes: the write returned %v after the end of its context", size, took)
		}
		wantErr(t, err, context.Canceled, net.ErrClosed)
	}
}

func TestSocketReadTimesOutAndGoesOn(t *testing.T) {
	c, peer := socketPair(t, fairlead.ConnConfig{IdleTimeout: 20 * time.Millisecond})
	wire := frameOf(frame.Text, true, "hello")
	for i := range wire {
		for range 2 { // the second one with a deadline behind it
			_, _, err := c.Read(t.Context())
			wantErr(t, err, fairlead.ErrIdleTimeout)
		}
		_, _, err := c.Read(within(t, time.Millisecond))
		wantErr(t, err, context.DeadlineExceeded)
		put(t, peer, wire[i:i+1])
	}
	wantMessage(t, c, fairlead.Text, "hello")
	c.SetIdleTimeout(0)
	put(t, peer, frameOf(frame.Text, true, "again"))
	wantMessage(t, c, fairlead.Text, "again")
}

// TestLentBytesOutliveAPump: what Messages and ReadFrame hand out stays as it is
// while Ping reads, though the buffer is one that connections share.
func TestLentBytesOutliveAPump(t *testing.T) {
	for _, size := range []int{100, 100_000} {
		c, peer := socketPair(t, fairlead.ConnConfig{})
		want := bytes.Repeat([]byte("a"), size)
		go peer.Write(frameOf(frame.Binary, true, string(want)))
		for msg, err := range c.Messages(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			pinged := make(chan error, 1)
			go func() { _, err := c.Ping(t.Context()); pinged <- err }()
			ping := next(t, peer)
			put(t, peer, frameOf(frame.Pong, true, ping.payload))
			if err := <-pinged; err != nil {
				t.Fatal(err)
			}
			other, otherPeer := socketPair(t, fairlead.ConnConfig{})
			go otherPeer.Write(frameOf(frame.Binary, true, string(bytes.Repeat([]byte("b"), size))))
			if _, _, err := other.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(msg.Data, want) {
				t.Errorf("%d bytes: the message has changed while it was lent", size)
			}
			break
		}
	}
}

// TestIdleConnections measures what a connection costs that waits in a read.
// Nobody accepts the other ends, so that they cost this process nothing.
func TestIdleConnections(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector keeps books on memory")
	}
	const count = 200
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	memory := func() (heap, stack uint64) {
		for range 3 {
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, m.StackInuse
	}
	sockets := make([]net.Conn, count)
	for i := range sockets {
		if sockets[i], err = net.Dial("tcp", ln.Addr().String()); err != nil {
			t.Fatal(err)
		}
	}
	conns := make([]*fairlead.Conn, count)
	heapBefore, stackBefore := memory()
	var readers sync.WaitGroup
	for i, nc := range sockets {
		conns[i] = fairlead.NewConn(nc, fairlead.ConnConfig{})
		readers.Go(func() { _, _, _ = conns[i].Read(ctx) })
	}
	for waiting := 0; waiting < count; { // in the poller
		stacks := make([]byte, 4<<20)
		waiting = bytes.Count(stacks[:runtime.Stack(stacks, true)], []byte("[IO wait"))
	}
	heap, stack := memory()
	heap, stack = (heap-heapBefore)/count, (stack-stackBefore)/count
	t.Logf("%d bytes of heap and %d of stack for each connection that waits in a read", heap, stack)
	// Goroutines begin with as much stack as others have needed before, which in
	// this process is no matter of theirs.
	if heap > 2500 || stack > 4<<10 {
		t.Error("that is more than 2,500 bytes of heap, or 4 KiB of stack")
	}
	cancel()
	readers.Wait()
	for _, c := range conns {
		c.CloseNow()
	}
}
