package fairlead_test

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// numbered is a message that says who sent it, which one it is, and whether it is
// whole.
func numbered(writer, sequence uint32, size int) []byte {
	p := make([]byte, 12+size)
	binary.BigEndian.PutUint32(p[4:], writer)
	binary.BigEndian.PutUint32(p[8:], sequence)
	for i := range size {
		p[12+i] = byte(sequence) + byte(i)
	}
	binary.BigEndian.PutUint32(p, crc32.ChecksumIEEE(p[4:]))
	return p
}

// TestEverythingAtOnce has writers of every kind, pingers and a setter of options
// on one connection to an echo server, and demands each message back, whole and in
// the order of its writer. Some writers have contexts that end.
func TestEverythingAtOnce(t *testing.T) {
	server := wstest.NewServer()
	defer server.Close()
	c, err := fairlead.Dial(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	const writers = 8
	stop := time.Now().Add(time.Second)
	sizes := []int{0, 10, 100, 1000, 5000, 40_000, 100_000}
	write := []func(context.Context, []byte) error{
		func(ctx context.Context, p []byte) error { return c.Write(ctx, fairlead.Binary, p) },
		func(ctx context.Context, p []byte) error {
			return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Binary}, p)
		},
		func(ctx context.Context, p []byte) error {
			return c.Batch(ctx, func(b *fairlead.Batch) error { return b.Write(fairlead.Binary, p) })
		},
		func(ctx context.Context, p []byte) error {
			w := c.Writer(ctx, fairlead.Binary)
			if _, err := w.Write(p[:len(p)/2]); err != nil {
				return err
			}
			if _, err := w.Write(p[len(p)/2:]); err != nil {
				return err
			}
			return w.Close()
		},
	}
	var wg sync.WaitGroup
	sent := make([]uint32, writers)
	for i := range writers {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(i), 1))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			for time.Now().Before(stop) {
				if err := write[i%len(write)](ctx, numbered(uint32(i), sent[i], sizes[rnd.IntN(len(sizes))])); err != nil {
					t.Errorf("writer %d: %v", i, err)
					return
				}
				sent[i]++
			}
		})
	}
	wg.Go(func() {
		for time.Now().Before(stop) {
			if _, err := c.Ping(t.Context()); err != nil {
				t.Errorf("Ping: %v", err)
				return
			}
			c.SetIdleTimeout(time.Minute)
			c.SetPolicy(fairlead.DefaultPolicy())
			c.Readable()
		}
	})
	done := make(chan []uint32, 1)
	go func() {
		next := make([]uint32, writers)
		for m, err := range c.Messages(context.Background()) {
			if err != nil {
				break
			}
			if m.Type == fairlead.Text {
				break // the last one
			}
			p := m.Data
			if len(p) < 12 || binary.BigEndian.Uint32(p) != crc32.ChecksumIEEE(p[4:]) {
				t.Error("a message is not whole")
				break
			}
			writer, sequence := binary.BigEndian.Uint32(p[4:]), binary.BigEndian.Uint32(p[8:])
			if sequence != next[writer] {
				t.Errorf("writer %d: message %d after %d", writer, sequence, next[writer])
				break
			}
			next[writer]++
		}
		done <- next
	}()
	wg.Wait()
	if err := c.WriteText(t.Context(), "the last one"); err != nil {
		t.Fatal(err)
	}
	received := <-done
	if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
		t.Fatal(err)
	}
	total := 0
	for i, n := range received {
		if n != sent[i] || n == 0 {
			t.Errorf("writer %d: %d of %d came back", i, n, sent[i])
		}
		total += int(n)
	}
	t.Logf("%d messages", total)
}
