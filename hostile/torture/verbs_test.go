package torture_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

const (
	wsAddr  = "server.example:80"
	wssAddr = "server.example:443"
)

// pushed are the letters that reading scenarios get: small, larger than a read
// buffer, in fragments.
var pushed = []int{40, 300, -900, 5000, -70, 33000}

// verb is a scenario of a session without how it is opened.
type verb struct {
	name    string
	peer    peer
	resumes bool
	run     func(w *world, c *fairlead.Conn) error
}

var reading = peer{push: pushed}

var verbs = []verb{
	{"Read", reading, true, func(w *world, c *fairlead.Conn) error {
		return each(len(pushed), func(int) error {
			var p []byte
			err := w.read(func(ctx context.Context) (err error) { _, p, err = c.Read(ctx); return err })
			return w.got(string(p), err)
		})
	}},
	{"ReadAppend", reading, true, func(w *world, c *fairlead.Conn) error {
		room := make([]byte, 0, 100)
		return each(len(pushed), func(int) error {
			err := w.read(func(ctx context.Context) (err error) { _, room, err = c.ReadAppend(ctx, room[:0]); return err })
			return w.got(string(room), err)
		})
	}},
	{"Messages", reading, true, func(w *world, c *fairlead.Conn) error {
		left := len(pushed)
		return w.read(func(ctx context.Context) error {
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				w.log.deliver(string(m.Data))
				if left--; left == 0 {
					break
				}
			}
			return nil
		})
	}},
	{"Reader", reading, true, func(w *world, c *fairlead.Conn) error {
		return each(len(pushed), func(int) error {
			var text strings.Builder
			err := w.read(func(ctx context.Context) error {
				r, err := c.Reader(ctx)
				if err != nil {
					return err
				}
				_, err = io.CopyBuffer(struct{ io.Writer }{&text}, struct{ io.Reader }{r}, make([]byte, 700))
				return err
			})
			return w.got(text.String(), err)
		})
	}},
	{"ReadFrame", reading, true, func(w *world, c *fairlead.Conn) error {
		return each(len(pushed), func(int) error {
			var text []byte
			for fin := false; !fin; {
				err := w.read(func(ctx context.Context) error {
					h, p, err := c.ReadFrame(ctx)
					if err == nil {
						text, fin = append(text, p...), h.Fin
					}
					return err
				})
				if err != nil {
					return err
				}
			}
			return w.got(string(text), nil)
		})
	}},
	{"Readable", reading, true, func(w *world, c *fairlead.Conn) error {
		return each(len(pushed), func(int) error {
			for !c.Readable() && c.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			var p []byte
			err := w.read(func(ctx context.Context) (err error) { _, p, err = c.Read(ctx); return err })
			return w.got(string(p), err)
		})
	}},
	{"ReadJSON", peer{push: []int{40, 900, -3000}, json: true}, true, func(w *world, c *fairlead.Conn) error {
		return each(3, func(int) error {
			var text string
			err := w.read(func(ctx context.Context) error { return fairlead.ReadJSON(ctx, c, &text) })
			return w.got(text, err)
		})
	}},
	{"idle timeout", reading, true, func(w *world, c *fairlead.Conn) error {
		c.SetIdleTimeout(100 * time.Millisecond)
		err := each(len(pushed), func(int) error {
			var p []byte
			err := w.read(func(ctx context.Context) (err error) { _, p, err = c.Read(ctx); return err })
			return w.got(string(p), err)
		})
		if err != nil {
			return err
		}
		err = w.read(func(ctx context.Context) error { _, _, err := c.Read(ctx); return err })
		if w.met || errors.Is(err, fairlead.ErrIdleTimeout) {
			return nil
		}
		return fmt.Errorf("Read gives %w, want ErrIdleTimeout", err)
	}},
	{"AsNetConn", peer{push: []int{40, -900, 5000}, echo: true}, true, asNetConn},
	{"Write", peer{}, false, func(w *world, c *fairlead.Conn) error {
		return w.writes(c, 8, func(ctx context.Context, i int, text string) error {
			if i%2 == 0 {
				return c.WriteText(ctx, text)
			}
			return c.Write(ctx, fairlead.Text, []byte(text))
		})
	}},
	{"WriteUncompressed", peer{}, false, func(w *world, c *fairlead.Conn) error {
		return w.writes(c, 5, func(ctx context.Context, _ int, text string) error {
			return c.WriteUncompressed(ctx, fairlead.Binary, []byte(text))
		})
	}},
	{"large Write", peer{}, false, func(w *world, c *fairlead.Conn) error {
		return w.writes(c, 2, func(ctx context.Context, i int, _ string) error {
			return c.Write(ctx, fairlead.Text, []byte(letter("client", i, 200<<10)))
		})
	}},
	{"WriteJSON", peer{}, false, func(w *world, c *fairlead.Conn) error {
		return w.writes(c, 4, func(ctx context.Context, _ int, text string) error { return fairlead.WriteJSON(ctx, c, text) })
	}},
	{"Writer", peer{}, false, func(w *world, c *fairlead.Conn) error {
		return w.writes(c, 3, func(ctx context.Context, _ int, text string) error {
			m := c.Writer(ctx, fairlead.Text)
			third := len(text) / 3
			_, err1 := io.WriteString(m, text[:third])
			_, err2 := io.WriteString(m, text[third:])
			return errors.Join(err1, err2, m.Close())
		})
	}},
	{"WriteFrame", peer{}, false, func(w *world, c *fairlead.Conn) error {
		return w.writes(c, 4, func(ctx context.Context, i int, text string) error {
			third := len(text) / 3
			first := frame.Header{Opcode: frame.Text}
			if _, ok := c.Compression(); ok && i%2 == 0 {
				first.RSV = frame.RSV1
			}
			if err := c.WriteFrame(ctx, first, []byte(text[:third])); err != nil {
				return err
			}
			if err := c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Ping}, []byte("between")); err != nil {
				return err
			}
			return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Continuation}, []byte(text[third:]))
		})
	}},
	{"Batch", peer{}, false, func(w *world, c *fairlead.Conn) error {
		return c.Batch(w.stage(), func(b *fairlead.Batch) error {
			return each(60, func(i int) error { return b.Write(fairlead.Text, []byte(letter("client", i, 3000))) })
		})
	}},
	{"Ping", peer{}, false, func(w *world, c *fairlead.Conn) error {
		return each(3, func(int) error {
			_, err := c.Ping(w.stage())
			return err
		})
	}},
	{"Close", peer{push: []int{100, 200}}, false, func(w *world, c *fairlead.Conn) error {
		return c.Close(w.stage(), frame.StatusNormal, "bye")
	}},
	{"Close by the peer", peer{push: []int{100}, closes: true}, true, func(w *world, c *fairlead.Conn) error {
		var p []byte
		err := w.read(func(ctx context.Context) (err error) { _, p, err = c.Read(ctx); return err })
		if err = w.got(string(p), err); err != nil {
			return err
		}
		err = w.read(func(ctx context.Context) error { _, _, err := c.Read(ctx); return err })
		if ce, ok := errors.AsType[*fairlead.CloseError](err); ok && ce.Code == frame.StatusNormal && ce.Err == nil {
			return nil
		}
		return fmt.Errorf("Read gives %w, want the peer's Close", err)
	}},
	{"CloseNow", peer{push: []int{100, 70000}}, false, func(w *world, c *fairlead.Conn) error {
		if err := c.WriteText(w.stage(), letter("client", 0, 100)); err != nil {
			return err
		}
		return c.CloseNow()
	}},
	{"echo", peer{echo: true}, false, func(w *world, c *fairlead.Conn) error {
		return each(4, func(i int) error {
			ctx, text := w.stage(), letter("client", i, 60+i*2000)
			if err := c.WriteText(ctx, text); err != nil {
				return err
			}
			w.log.done("client", i)
			_, p, err := c.Read(ctx)
			return w.got(string(p), err)
		})
	}},
	{"many goroutines", peer{push: pushed, echo: true}, false, manyGoroutines},
}

func asNetConn(w *world, c *fairlead.Conn) error {
	stream := c.AsNetConn(fairlead.Text)
	want := letter("server", 0, 40) + letter("server", 1, 900) + letter("server", 2, 5000)
	got := make([]byte, 0, len(want))
	for len(got) < len(want) {
		if err := stream.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			return err
		}
		n, err := stream.Read(got[len(got):min(cap(got), len(got)+700)])
		got = got[:len(got)+n]
		if string(got) != want[:len(got)] {
			w.wrong("at the client: the stream has other bytes")
		}
		if err != nil && (!interrupted(err) || errors.Is(err, net.ErrClosed)) {
			return err
		}
	}
	if err := stream.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		return err
	}
	_, err := io.WriteString(stream, letter("client", 0, 100))
	w.setFragile(true)
	return errors.Join(err, stream.Close())
}

// manyGoroutines reads, writes, pings and closes at the same time.
func manyGoroutines(w *world, c *fairlead.Conn) error {
	ctx := w.stage()
	errs := make(chan error)
	parts := []func() error{
		func() error {
			return each(len(pushed)+8, func(int) error {
				_, p, err := c.Read(ctx)
				return w.got(string(p), err)
			})
		},
		func() error { _, err := c.Ping(ctx); return err },
	}
	for _, from := range []string{"first", "second"} {
		parts = append(parts, func() error {
			return each(4, func(i int) error {
				err := c.WriteText(ctx, letter(from, i, 50+i*900))
				if err == nil {
					w.log.done(from, i)
				}
				return err
			})
		})
	}
	for _, part := range parts {
		go func() { errs <- part() }()
	}
	var err error
	for range parts {
		if part := <-errs; part != nil {
			err = errors.Join(err, part)
			w.end() // the others wait for what will not come
		}
	}
	if err != nil {
		return err
	}
	return c.Close(w.stage(), frame.StatusNormal, "")
}

// got notes a message that came without an error.
func (w *world) got(text string, err error) error {
	if err == nil {
		w.log.deliver(text)
	}
	return err
}

// writes sends letters. After half a frame the connection must take nothing more.
func (w *world) writes(c *fairlead.Conn, n int, write func(ctx context.Context, i int, text string) error) error {
	ctx := w.stage()
	err := each(n, func(i int) error {
		err := write(ctx, i, letter("client", i, 60+i*700))
		if err == nil {
			w.log.done("client", i)
		}
		return err
	})
	if err != nil && w.hasPartial() && !w.during {
		if again := c.WriteText(context.Background(), letter("client", 999, 60)); !errors.Is(again, net.ErrClosed) {
			w.wrong("a write after half a frame gives %v", again)
		}
	}
	return err
}

func each(n int, do func(i int) error) error {
	for i := range n {
		if err := do(i); err != nil {
			return err
		}
	}
	return nil
}

// TestVerbs: every verb, in the clear and over TLS, without compression and with
// both kinds of it.
func TestVerbs(t *testing.T) {
	for _, url := range []string{"ws://server.example/", "wss://server.example/"} {
		for mode, compression := range []fairlead.Compression{fairlead.CompressionOff, fairlead.CompressionNoTakeover, fairlead.CompressionTakeover} {
			for _, v := range verbs {
				p := v.peer
				p.deflated = compression != fairlead.CompressionOff
				name := fmt.Sprintf("%s %s compression %d", v.name, strings.SplitN(url, ":", 2)[0], mode)
				t.Run(name, func(t *testing.T) {
					torture(t, scenario{
						name: name, resumes: v.resumes,
						servers: map[string]func(*journal, net.Conn){
							wsAddr:  p.serve,
							wssAddr: func(log *journal, nc net.Conn) { secure(func(nc net.Conn) { p.serve(log, nc) })(nc) },
						},
						run: func(w *world) error {
							c, err := w.dial(fairlead.Dialer{Compression: compression}, url)
							if err != nil {
								return err
							}
							defer c.CloseNow()
							return v.run(w, c)
						},
					})
				})
			}
		}
	}
}
