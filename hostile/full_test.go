package hostile_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// A writing is a verb that sends something large enough to wait for a peer that does not read.
type writing struct {
	name string
	send func(ctx context.Context, c *fairlead.Conn) error
}

var large = make([]byte, 1<<20)

var writings = []writing{
	{"Write", func(ctx context.Context, c *fairlead.Conn) error { return c.Write(ctx, fairlead.Binary, large) }},
	{"WriteText", func(ctx context.Context, c *fairlead.Conn) error { return c.WriteText(ctx, string(large)) }},
	{"WriteUncompressed", func(ctx context.Context, c *fairlead.Conn) error {
		return c.WriteUncompressed(ctx, fairlead.Binary, large)
	}},
	{"WriteFrame", func(ctx context.Context, c *fairlead.Conn) error {
		return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Binary}, large)
	}},
	{"Writer", func(ctx context.Context, c *fairlead.Conn) error {
		w := c.Writer(ctx, fairlead.Binary)
		if _, err := w.Write(large); err != nil {
			_ = w.Close()
			return err
		}
		return w.Close()
	}},
	{"Batch", func(ctx context.Context, c *fairlead.Conn) error {
		return c.Batch(ctx, func(b *fairlead.Batch) error { return b.Write(fairlead.Binary, large) })
	}},
	{"WriteJSON", func(ctx context.Context, c *fairlead.Conn) error { return fairlead.WriteJSON(ctx, c, string(large)) }},
	{"many small", func(ctx context.Context, c *fairlead.Conn) error {
		for {
			if err := c.WriteText(ctx, "small"); err != nil {
				return err
			}
		}
	}},
}

// fullCases are D09, K03 and K09: a peer that never reads. A write waits for its
// context, then for the write timeout; with half a frame out the connection is lost,
// and every write after says so.
func fullCases() []Case {
	var cases []Case
	for _, v := range writings {
		again := func(ctx context.Context, c *fairlead.Conn, err error) error {
			if !errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("half a frame is out and the connection lives: %w", err)
			}
			for _, v := range writings {
				if err := v.send(ctx, c); !errors.Is(err, net.ErrClosed) {
					return fmt.Errorf("%s after the end: %w", v.name, err)
				}
			}
			return err
		}
		timeout := Case{
			ID: "D09/write-timeout-" + v.name, Virtual: true, Unsent: true, Peer: after(), Takes: fairlead.DefaultWriteTimeout, Is: []error{net.ErrClosed}, Within: 5 * time.Second,
			Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error { return again(ctx, c, v.send(ctx, c)) },
			Check: func(o *Outcome) error {
				if end, ok := errors.AsType[*fairlead.CloseError](o.Err); !ok || !end.Timeout() {
					return fmt.Errorf("no time limit: %w", o.Err)
				}
				return nil
			},
		}
		ended := Case{
			ID: "K09/context-" + v.name, Virtual: true, Unsent: true, Peer: after(), Takes: 3 * time.Second, Is: []error{context.DeadlineExceeded, net.ErrClosed}, Within: 5 * time.Second,
			Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
				limited, cancel := context.WithTimeout(ctx, 3*time.Second)
				defer cancel()
				return again(ctx, c, v.send(limited, c))
			},
		}
		idle := timeout
		idle.ID, idle.Takes, idle.Dialer.IdleTimeout, idle.Is = "D09/idle-timeout-"+v.name, 7*time.Second, 7*time.Second, []error{fairlead.ErrIdleTimeout, net.ErrClosed}
		waits := Case{
			ID: "K03/waits-" + v.name, Virtual: true, Unsent: true, Peer: after(), Takes: 3 * time.Second, Is: []error{context.DeadlineExceeded}, Within: 5 * time.Second,
			Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
				go func() { _ = c.Write(ctx, fairlead.Binary, large) }()
				time.Sleep(time.Second)
				limited, cancel := context.WithTimeout(ctx, 2*time.Second)
				defer cancel()
				err := v.send(limited, c)
				if errors.Is(err, net.ErrClosed) {
					return fmt.Errorf("nothing of it was out, and the connection is lost: %v", err)
				}
				return err
			},
		}
		cases = append(cases, timeout.teaches("L85"), ended, idle, waits.teaches("L19"))
	}
	full := func(ctx context.Context, c *fairlead.Conn) {
		go func() { _ = c.Write(ctx, fairlead.Binary, large) }()
		time.Sleep(time.Second)
	}
	cases = append(cases,
		Case{ID: "D09/Close", Virtual: true, Unsent: true, Peer: after(), Takes: 6 * time.Second, Is: []error{net.ErrClosed}, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			full(ctx, c)
			return c.Close(ctx, frame.StatusNormal, "")
		}},
		Case{ID: "D09/CloseNow", Virtual: true, Unsent: true, Peer: after(), Takes: time.Second, Is: []error{net.ErrClosed}, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			full(ctx, c)
			c.CloseNow()
			return c.Err()
		}},
		Case{ID: "D09/Ping", Virtual: true, Unsent: true, Peer: after(), Takes: 4 * time.Second, Is: []error{context.DeadlineExceeded}, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			full(ctx, c)
			limited, cancel := context.WithTimeout(ctx, 3*time.Second)
			defer cancel()
			_, err := c.Ping(limited)
			return err
		}},
		Case{
			ID: "D09/reader-sees-the-end", Virtual: true, Unsent: true, Peer: after(), Takes: fairlead.DefaultWriteTimeout, Is: []error{net.ErrClosed}, Within: 5 * time.Second,
			Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
				go func() { _ = c.Write(ctx, fairlead.Binary, large) }()
				return readAll(ctx, c, o)
			},
		},
	)
	for i := range cases[len(cases)-4:] {
		c := &cases[len(cases)-4+i]
		*c = c.teaches("L85", "L87")
	}
	return cases
}
