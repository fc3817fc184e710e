package interop_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// soakWindow is how many messages of a connection are under way at most.
const soakWindow = 16

var (
	soakText  = []byte(strings.Repeat("what goes out comes back as it was; ", 1000))
	soakNoise = func() []byte {
		p := make([]byte, 36_000)
		_, _ = rand.NewChaCha8([32]byte{}).Read(p) // never fails
		return p
	}()
)

// soakMessage is message seq of a connection, the same each time.
func soakMessage(id, session, seq int, last bool) (fairlead.MessageType, []byte) {
	chance := rand.New(rand.NewPCG(uint64(id)<<32|uint64(session), uint64(seq)))
	typ, from := fairlead.Text, soakText
	if chance.IntN(2) == 0 {
		typ, from = fairlead.Binary, soakNoise
	}
	size := chance.IntN(400)
	switch chance.IntN(20) {
	case 0:
		size = chance.IntN(30_000)
	case 1, 2:
		size = chance.IntN(4_000)
	}
	start := chance.IntN(len(from) - size)
	return typ, append(fmt.Appendf(nil, "%d/%d/%d/%v|", id, session, seq, last), from[start:start+size]...)
}

// keepBusy has one connection after the other, until stop. A connection may end
// only when it was cut.
func (k *soak) keepBusy(ctx context.Context, id int, way soakWay, stop <-chan struct{}) error {
	for session := 0; ; session++ {
		c, relay, err := k.dial(ctx, way)
		if err != nil {
			return fmt.Errorf("dial %d: %w", session, err)
		}
		k.open(relay)
		err = k.exchange(ctx, c, id, session, stop)
		_ = c.CloseNow() // what it says was said before
		k.close(relay)
		cut := relay.end()
		switch {
		case err == nil:
			return nil
		case !cut:
			return fmt.Errorf("session %d: %w", session, err)
		case !errors.Is(err, net.ErrClosed):
			return fmt.Errorf("session %d was cut, and the error is not net.ErrClosed: %w", session, err)
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

// exchange sends messages and demands each of them back, until stop, and then
// closes.
func (k *soak) exchange(ctx context.Context, c *fairlead.Conn, id, session int, stop <-chan struct{}) error {
	window := make(chan struct{}, soakWindow)
	ended := make(chan struct{})
	written := make(chan error, 1)
	go func() { written <- send(ctx, c, id, session, window, ended, stop) }()
	err := k.receive(ctx, c, id, session, window)
	close(ended)
	if err != nil {
		_ = c.CloseNow() // for the writer
	}
	werr := <-written
	if err == nil && werr == nil {
		return c.Close(ctx, frame.StatusNormal, "")
	}
	if err == nil {
		err = werr
	}
	return err
}

// send is the writer: it uses every verb in turn.
func send(ctx context.Context, c *fairlead.Conn, id, session int, window chan<- struct{}, ended, stop <-chan struct{}) error {
	chance := rand.New(rand.NewPCG(uint64(id), uint64(session)))
	pause := time.NewTimer(0)
	defer pause.Stop()
	for seq, last := 0, false; !last; seq++ {
		select {
		case <-stop:
			last = true
		case <-pause.C:
		case <-ended:
			return nil
		}
		select {
		case window <- struct{}{}:
		case <-ended:
			return nil
		}
		typ, p := soakMessage(id, session, seq, last)
		if err := sendOne(ctx, c, seq, typ, p); err != nil {
			return err
		}
		pause.Reset(time.Duration(chance.Int64N(int64(soakPause))))
	}
	return nil
}

func sendOne(ctx context.Context, c *fairlead.Conn, seq int, typ fairlead.MessageType, p []byte) error {
	switch seq % 5 {
	case 0:
		w := c.Writer(ctx, typ)
		half := len(p) / 2 // of ASCII, if it is text
		if _, err := w.Write(p[:half]); err != nil {
			return err
		}
		if _, err := w.Write(p[half:]); err != nil {
			return err
		}
		return w.Close()
	case 1:
		return c.Batch(ctx, func(b *fairlead.Batch) error { return b.Write(typ, p) })
	case 2:
		if _, err := c.Ping(ctx); err != nil {
			return err
		}
		return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Opcode(typ)}, p)
	default:
		return c.Write(ctx, typ, p)
	}
}

// receive is the reader: it uses every verb in turn, and has no message missing,
// doubled, out of order or changed.
func (k *soak) receive(ctx context.Context, c *fairlead.Conn, id, session int, window <-chan struct{}) error {
	var buf []byte
	for seq := 0; ; seq++ {
		var typ fairlead.MessageType
		var p []byte
		var err error
		if seq%2 == 0 {
			typ, p, err = c.Read(ctx)
		} else {
			typ, buf, err = c.ReadAppend(ctx, buf[:0])
			p = buf
		}
		if err != nil {
			return err
		}
		wantType, want := soakMessage(id, session, seq, false)
		last := false
		if !bytes.Equal(p, want) {
			wantType, want = soakMessage(id, session, seq, true)
			last = true
		}
		if typ != wantType || !bytes.Equal(p, want) {
			return fmt.Errorf("message %d came back as %v %.60q (%d bytes, sent were %d)", seq, typ, p, len(p), len(want))
		}
		k.messages.Add(1)
		k.bytes.Add(int64(len(p)))
		<-window
		if last {
			return nil
		}
	}
}
