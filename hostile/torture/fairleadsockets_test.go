package torture_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
)

// overSockets is a session with the verbs that have a way of their own through the
// sockets of the system.
func overSockets(secured bool, use func(p *pass, c *fairlead.Conn) error) func(*pass) error {
	return func(p *pass) error {
		d := fairlead.Dialer{TLS: authority().client, CloseTimeout: 3 * time.Second, WriteTimeout: 3 * time.Second, Timeout: patience}
		network, url := "tcp", "ws://127.0.0.1/"
		if p.host == "" {
			network = "unix"
		}
		if secured {
			url = "wss://127.0.0.1/"
		}
		d.Route = route.DialerFunc(func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, p.addr)
		})
		c, err := d.Dial(p.ctx, url)
		if err != nil {
			return err
		}
		defer c.CloseNow()
		return use(p, c)
	}
}

func readsAll(p *pass, c *fairlead.Conn) error {
	return each(len(pushed), func(int) error {
		_, text, err := c.Read(p.ctx)
		if err == nil {
			p.log.deliver(string(text))
		}
		return err
	})
}

func writesAll(p *pass, c *fairlead.Conn) error {
	err := each(6, func(i int) error {
		err := c.WriteText(p.ctx, letter("client", i, 60+i*900))
		if err == nil {
			p.log.done("client", i)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Close(p.ctx, frame.StatusNormal, "")
}

func talks(p *pass, c *fairlead.Conn) error {
	errs := make(chan error, 1)
	go func() {
		m := c.Writer(p.ctx, fairlead.Text)
		_, err := io.WriteString(m, letter("client", 0, 5000))
		if end := m.Close(); err == nil {
			err = end
		}
		if err == nil {
			err = c.Batch(p.ctx, func(b *fairlead.Batch) error {
				return each(3, func(i int) error { return b.Write(fairlead.Text, []byte(letter("batch", i, 2000))) })
			})
		}
		errs <- err
	}()
	err := each(4, func(int) error {
		_, text, err := c.Read(p.ctx)
		if err == nil {
			p.log.deliver(string(text))
		}
		return err
	})
	if err != nil {
		c.CloseNow()
	}
	if wrote := <-errs; err == nil {
		err = wrote
	}
	if err != nil {
		return err
	}
	if _, err := c.Ping(p.ctx); err != nil {
		return err
	}
	return c.Close(p.ctx, frame.StatusNormal, "")
}

// TestSockets: TCP, Unix sockets and TLS as the system has them.
func TestSockets(t *testing.T) {
	uses := []struct {
		name string
		peer peer
		use  func(p *pass, c *fairlead.Conn) error
	}{{"Read", peer{push: pushed}, readsAll}, {"Write", peer{}, writesAll}, {"both ways", peer{echo: true}, talks}}
	for _, u := range uses {
		for _, way := range []string{"tcp", "unix", "TLS"} {
			p := passage{name: u.name + " " + way, serve: u.peer.serve, run: overSockets(way == "TLS", u.use)}
			switch way {
			case "unix":
				p.network = "unix"
			case "TLS":
				p.serve = func(log *journal, nc net.Conn) { secure(func(nc net.Conn) { u.peer.serve(log, nc) })(nc) }
			}
			t.Run(p.name, func(t *testing.T) {
				p.name = "sockets: " + p.name
				p.walk(t)
			})
		}
	}
}
