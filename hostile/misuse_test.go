package hostile_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// misuseCases is section L: what callers do to a connection. L-06 is in the probes,
// L-16 wants 4 GiB through SSH and is in no test, L-25 has no API to misuse.
func misuseCases() []Case {
	return slices.Concat(
		readerCases(), openWriterCases(), ownCloseCases(), endedCases(), argumentCases(), sentLengthCases(), abandonedCases(), ownedCases(), limitCases(), netConnCases(),
	)
}

// A reading is a verb that reads.
type reading struct {
	name string
	read func(ctx context.Context, c *fairlead.Conn) error
}

var readings = []reading{
	{"Read", func(ctx context.Context, c *fairlead.Conn) error { _, _, err := c.Read(ctx); return err }},
	{"ReadAppend", func(ctx context.Context, c *fairlead.Conn) error { _, _, err := c.ReadAppend(ctx, nil); return err }},
	{"ReadFrame", func(ctx context.Context, c *fairlead.Conn) error { _, _, err := c.ReadFrame(ctx); return err }},
	{"Reader", func(ctx context.Context, c *fairlead.Conn) error { _, err := c.Reader(ctx); return err }},
	{"Messages", func(ctx context.Context, c *fairlead.Conn) error {
		for _, err := range c.Messages(ctx) {
			return err
		}
		return nil
	}},
	{"ReadJSON", func(ctx context.Context, c *fairlead.Conn) error { var v any; return fairlead.ReadJSON(ctx, c, &v) }},
}

// readerCases are L-02: a second reader gets an error, the first its message.
func readerCases() []Case {
	var cases []Case
	for _, one := range readings {
		for _, two := range readings {
			cases = append(cases, Case{
				ID: "L-02/" + one.name + "-then-" + two.name, Virtual: true, Frames: []string{"text go"},
				Peer: after(wstest.ExpectFrame(frame.Text, true, []byte("go")), send(text(`"hello"`))),
				Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
					first := make(chan error, 1)
					go func() { first <- one.read(ctx, c) }()
					synctest.Wait()
					if err := two.read(ctx, c); !errors.Is(err, fairlead.ErrConcurrentRead) {
						return fmt.Errorf("the second reader: %w", err)
					}
					if err := c.WriteText(ctx, "go"); err != nil {
						return err
					}
					return <-first
				},
			})
		}
	}
	return cases
}

// openWriterCases are L-03: while a message is being written, control frames pass
// and messages wait.
func openWriterCases() []Case {
	var cases []Case
	for _, v := range littles {
		cases = append(cases, Case{
			ID: "L-03/" + v.name, Virtual: true, Takes: time.Second, Frames: []string{"text a", "ping \x00\x00\x00\x00\x00\x00\x00\x01", "continuation b", "continuation "},
			Peer: after(wstest.ExpectFrame(frame.Text, false, []byte("a")), wstest.ExpectFrame(frame.Ping, true, []byte("\x00\x00\x00\x00\x00\x00\x00\x01")), send(pong("\x00\x00\x00\x00\x00\x00\x00\x01"))),
			Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
				w := c.Writer(ctx, fairlead.Text)
				if _, err := w.Write([]byte("a")); err != nil {
					return err
				}
				if _, err := c.Ping(ctx); err != nil {
					return err
				}
				limited, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				err := v.send(limited, c)
				if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, fairlead.ErrMidMessage) {
					return fmt.Errorf("a message inside another: %w", err)
				}
				<-limited.Done()
				if _, err := w.Write([]byte("b")); err != nil {
					return err
				}
				return w.Close()
			},
		})
	}
	cases = append(cases, Case{
		ID: "L-03/Close", Frames: []string{"text a"}, Peer: after(wstest.ExpectFrame(frame.Text, false, []byte("a")), wstest.ExpectClose(frame.StatusNormal), send(bye()), wstest.Shut()),
		Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			w := c.Writer(ctx, fairlead.Text)
			if _, err := w.Write([]byte("a")); err != nil {
				return err
			}
			if err := c.Close(ctx, frame.StatusNormal, ""); err != nil {
				return err
			}
			if _, err := w.Write([]byte("b")); !errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("a fragment after Close: %w", err)
			}
			return nil
		},
	})
	return cases
}

// littles are the littles.
var littles = []writing{
	{"Write", func(ctx context.Context, c *fairlead.Conn) error { return c.Write(ctx, fairlead.Binary, []byte("x")) }},
	{"WriteText", func(ctx context.Context, c *fairlead.Conn) error { return c.WriteText(ctx, "x") }},
	{"WriteUncompressed", func(ctx context.Context, c *fairlead.Conn) error {
		return c.WriteUncompressed(ctx, fairlead.Text, []byte("x"))
	}},
	{"WriteFrame", func(ctx context.Context, c *fairlead.Conn) error {
		return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Text}, []byte("x"))
	}},
	{"Writer", func(ctx context.Context, c *fairlead.Conn) error {
		w := c.Writer(ctx, fairlead.Text)
		if _, err := w.Write([]byte("x")); err != nil {
			return err
		}
		return w.Close()
	}},
	{"Batch", func(ctx context.Context, c *fairlead.Conn) error {
		return c.Batch(ctx, func(b *fairlead.Batch) error { return b.Write(fairlead.Text, []byte("x")) })
	}},
	{"WriteJSON", func(ctx context.Context, c *fairlead.Conn) error { return fairlead.WriteJSON(ctx, c, "x") }},
}

// ownCloseCases are L-04 and L-05.
func ownCloseCases() []Case {
	answered := after(wstest.ExpectClose(frame.StatusNormal), send(bye()), wstest.Shut())
	return []Case{
		{ID: "L-04/100-goroutines", Peer: answered, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			results := make(chan error, 100)
			for range cap(results) {
				go func() { results <- c.Close(ctx, frame.StatusNormal, "") }()
			}
			var all error
			for range cap(results) {
				all = cmp.Or(all, <-results)
			}
			return all
		}},
		{ID: "L-04/twice", Peer: answered, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			return errors.Join(c.Close(ctx, frame.StatusNormal, ""), c.Close(ctx, frame.StatusGoingAway, "again"))
		}},
		{ID: "L-04/CloseNow-100-goroutines", Peer: after(), Unsent: true, Is: []error{net.ErrClosed}, Do: func(_ context.Context, c *fairlead.Conn, _ *Outcome) error {
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() { _ = c.CloseNow() })
			}
			wg.Wait()
			return c.Err()
		}},
		{ID: "L-05/in-Messages", Peer: slices.Concat(after(send(text("hello"))), peer(wstest.ExpectClose(frame.StatusNormal), send(bye()), wstest.Shut())), Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			for _, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				return c.Close(ctx, frame.StatusNormal, "")
			}
			return errors.New("no message")
		}},
		{ID: "L-05/CloseNow-in-Messages", Peer: after(send(text("hello"))), Closed: frame.StatusAbnormal, Messages: []string{"hello"}, Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				o.Messages = append(o.Messages, string(m.Data))
				c.CloseNow()
			}
			return nil
		}},
		{ID: "L-05/inside-a-Batch", Peer: answered, Is: []error{net.ErrClosed}, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			return c.Batch(ctx, func(b *fairlead.Batch) error {
				if err := b.Write(fairlead.Text, []byte("x")); err != nil {
					return err
				}
				return c.Close(ctx, frame.StatusNormal, "")
			})
		}},
	}
}

// An ending is a way for a session to be over.
type ending struct {
	name  string
	peer  []wstest.Step
	end   func(ctx context.Context, c *fairlead.Conn) error
	set   func(c *Case)
	cause string
}

var endings = []ending{
	{"Close", after(wstest.ExpectClose(frame.StatusNormal), send(bye()), wstest.Shut()), func(ctx context.Context, c *fairlead.Conn) error { return c.Close(ctx, frame.StatusNormal, "") }, func(c *Case) { c.Closed = 0 }, "1000"},
	{"CloseNow", after(), func(_ context.Context, c *fairlead.Conn) error { return c.CloseNow() }, func(c *Case) { c.Closed = frame.StatusAbnormal }, "CloseNow"},
	{"peer-Close", after(send(closing("\x0b\xb8bye"))), func(ctx context.Context, c *fairlead.Conn) error { _, _, _ = c.Read(ctx); return nil }, func(c *Case) { c.Closed = 3000 }, `"bye"`},
	{"Fail", after(send(raw(0x83, 0))), func(ctx context.Context, c *fairlead.Conn) error { _, _, _ = c.Read(ctx); return nil }, func(c *Case) { c.Failed = frame.StatusProtocolError }, "section 5.2"},
	{"lost", after(wstest.Shut()), func(ctx context.Context, c *fairlead.Conn) error { _, _, _ = c.Read(ctx); return nil }, func(c *Case) { c.Closed = frame.StatusAbnormal }, "EOF"},
	{"idle-write", after(), func(ctx context.Context, c *fairlead.Conn) error {
		c.SetIdleTimeout(time.Millisecond)
		_ = c.Write(ctx, fairlead.Binary, large)
		return nil
	}, func(c *Case) { c.Unsent = true }, "idle"},
}

// endedCases are L-07 and L-08: after the end every verb gives the first cause, as
// often as it is asked, and nothing goes out.
func endedCases() []Case {
	var cases []Case
	for _, e := range endings {
		add := func(id string, lesson string, times int, call func(ctx context.Context, c *fairlead.Conn) error) {
			c := Case{
				ID: id + "-after-" + e.name, Peer: e.peer, Is: []error{net.ErrClosed}, Says: e.cause, Within: 5 * time.Second, Lag: -1,
				Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
					if err := e.end(ctx, c); err != nil {
						return fmt.Errorf("ending: %v", err)
					}
					first := call(ctx, c)
					for range times {
						if again := call(ctx, c); again == nil || again.Error() != first.Error() {
							return fmt.Errorf("first %v, then %v", first, again)
						}
					}
					return first
				},
			}
			e.set(&c)
			cases = append(cases, c.teaches(lesson))
		}
		for _, v := range littles {
			add("L-07/"+v.name, "L100", 1, v.send)
		}
		add("L-07/Ping", "L100", 1, func(ctx context.Context, c *fairlead.Conn) error { _, err := c.Ping(ctx); return err })
		for _, r := range readings {
			add("L-08/"+r.name, "L100", 1000, r.read)
		}
	}
	return cases
}
