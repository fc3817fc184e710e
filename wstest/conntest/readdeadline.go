package conntest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

func readDeadlinePast(client, server net.Conn) error {
	for _, set := range []func(time.Time) error{client.SetReadDeadline, client.SetDeadline} {
		for _, deadline := range []time.Time{past, time.Now()} {
			if err := set(deadline); err != nil {
				return fmt.Errorf("setting a deadline in the past: %w", err)
			}
			for range 2 {
				r, err := beginRead(client, make([]byte, 10)).end()
				if err != nil {
					return err
				}
				if err := errors.Join(assertReadTimeout(r), within("Read", r.after, 0)); err != nil {
					return err
				}
			}
			if err := set(time.Time{}); err != nil {
				return fmt.Errorf("removing a deadline: %w", err)
			}
		}
	}
	if err := client.SetReadDeadline(past); err != nil {
		return fmt.Errorf("SetReadDeadline: %w", err)
	}
	if err := transfer(client, server, []byte("writing goes on")); err != nil {
		return fmt.Errorf("after a read deadline: %w", err)
	}
	return goesOn(client, server)
}

// goesOn removes the read deadline and reads.
func goesOn(client, server net.Conn) error {
	if err := client.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("removing a read deadline: %w", err)
	}
	if err := transfer(server, client, pattern(3000, 1)); err != nil {
		return fmt.Errorf("after the read deadline was removed: %w", err)
	}
	return nil
}

func readDeadlineFuture(client, server net.Conn) error {
	for range 2 {
		set := time.Now()
		if err := client.SetReadDeadline(set.Add(2 * moment)); err != nil {
			return fmt.Errorf("SetReadDeadline: %w", err)
		}
		r, err := beginRead(client, make([]byte, 10)).end()
		if err != nil {
			return err
		}
		if err := errors.Join(assertReadTimeout(r), within("Read", time.Since(set), 2*moment)); err != nil {
			return err
		}
		// It stays until it is set anew.
		if r, err = beginRead(client, make([]byte, 10)).end(); err != nil {
			return err
		}
		if err := errors.Join(assertReadTimeout(r), within("second Read", r.after, 0)); err != nil {
			return err
		}
	}
	return goesOn(client, server)
}

func readDeadlineRemoved(client, server net.Conn) error {
	for _, deadline := range []time.Time{past, time.Now().Add(moment)} {
		if err := errors.Join(client.SetReadDeadline(deadline), client.SetReadDeadline(time.Time{})); err != nil {
			return fmt.Errorf("SetReadDeadline: %w", err)
		}
		p := make([]byte, 10)
		read := beginRead(client, p)
		if err := read.blocks(); err != nil {
			return fmt.Errorf("the deadline was removed before the read: %w", err)
		}
		set := time.Now()
		if err := client.SetReadDeadline(set.Add(2 * moment)); err != nil {
			return fmt.Errorf("SetReadDeadline: %w", err)
		}
		if err := client.SetReadDeadline(time.Time{}); err != nil {
			return fmt.Errorf("SetReadDeadline: %w", err)
		}
		if time.Since(set) >= 2*moment {
			return nil // this machine is too slow to say anything
		}
		for range 3 {
			if err := read.blocks(); err != nil {
				return fmt.Errorf("the deadline was removed during the read: %w", err)
			}
		}
		write := begin("Write of the server", func() (int, error) { return server.Write([]byte("x")) })
		r, err := read.end()
		if err != nil {
			return err
		}
		if r.n != 1 || r.err != nil || p[0] != 'x' {
			return fmt.Errorf("Read returned %d, %w; want the byte that came", r.n, orNone(r.err))
		}
		if _, err := write.end(); err != nil {
			return err
		}
	}
	return nil
}

func readDeadlineMoved(client, server net.Conn) error {
	for _, test := range []struct {
		name          string
		before, after time.Duration // deadlines, from the time they are set
	}{
		{"nearer", time.Hour, moment},
		{"into the past", time.Hour, -time.Hour},
		{"farther", 2 * moment, 4 * moment},
	} {
		set := time.Now()
		if err := client.SetReadDeadline(set.Add(test.before)); err != nil {
			return fmt.Errorf("SetReadDeadline: %w", err)
		}
		read := beginRead(client, make([]byte, 10))
		time.Sleep(moment)
		moved := time.Now()
		if err := client.SetReadDeadline(moved.Add(test.after)); err != nil {
			return fmt.Errorf("SetReadDeadline: %w", err)
		}
		slow := time.Since(set) >= test.before // this machine, and nothing can be said
		r, err := read.end()
		if err != nil {
			return fmt.Errorf("the deadline was moved %s during the read: %w", test.name, err)
		}
		if err := assertReadTimeout(r); err != nil {
			return err
		}
		if err := within("the deadline was moved "+test.name, time.Since(moved), max(0, test.after)); err != nil && !slow {
			return err
		}
	}
	return goesOn(client, server)
}

// readsResume reads a stream through deadlines that are always too short.
func readsResume(client, server net.Conn) error {
	want := pattern(20_000, 9)
	write := begin("Write of the server", func() (int, error) {
		for p := want; len(p) > 0; p = p[500:] {
			if n, err := server.Write(p[:500]); err != nil {
				return n, err
			}
			time.Sleep(2 * time.Millisecond)
		}
		return len(want), nil
	})
	var got []byte
	buf := make([]byte, 300)
	timeouts := 0
	for end := time.Now().Add(patience); len(got) < len(want); {
		if time.Now().After(end) {
			return fmt.Errorf("%d bytes of %d have come within %v", len(got), len(want), patience)
		}
		if err := client.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
			return fmt.Errorf("SetReadDeadline: %w", err)
		}
		r, err := beginRead(client, buf).end()
		if err != nil {
			return err
		}
		got = append(got, buf[:max(0, min(r.n, len(buf)))]...)
		if r.err != nil {
			timeouts++
			if err := assertTimeout("Read", r.err); err != nil {
				return fmt.Errorf("after %d timeouts: %w", timeouts, err)
			}
			time.Sleep(500 * time.Microsecond)
		}
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("with %d timeouts on the way the bytes arrived changed", timeouts)
	}
	_, err := write.end()
	return err
}

// readsAreCancelled is what contexts do: a third goroutine ends reads by a
// deadline in the past and removes it, while data flows in both directions.
func readsAreCancelled(client, server net.Conn) error {
	up, down := pattern(1<<18, 5), pattern(1<<18, 6)
	stop := make(chan struct{})
	cancel := begin("SetReadDeadline", func() (int, error) {
		for {
			select {
			case <-stop:
				return 0, nil
			case <-time.After(200 * time.Microsecond):
			}
			if err := client.SetReadDeadline(past); err != nil {
				return 0, err
			}
			time.Sleep(100 * time.Microsecond)
			if err := client.SetReadDeadline(time.Time{}); err != nil {
				return 0, err
			}
		}
	})
	calls := []*call{
		begin("Read", func() (int, error) { return expect(retrying{client, time.Now().Add(patience)}, down) }),
		begin("Read of the server", func() (int, error) { return expect(server, up) }),
		begin("Write", func() (int, error) { return writePieces(client, up) }),
		begin("Write of the server", func() (int, error) {
			for p := down; len(p) > 0; p = p[1<<14:] {
				if n, err := server.Write(p[:1<<14]); err != nil {
					return n, err
				}
				time.Sleep(time.Millisecond)
			}
			return len(down), nil
		}),
	}
	var failed error
	for _, c := range calls {
		r, err := c.end()
		if err == nil && r.err != nil {
			err = fmt.Errorf("%s: %w", c.name, r.err)
		}
		if err != nil {
			failed = err
			break
		}
	}
	close(stop)
	r, err := cancel.end()
	return errors.Join(failed, err, r.err)
}

// retrying reads on after each timeout, until its patience ends.
type retrying struct {
	net.Conn
	until time.Time
}

func (c retrying) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Now().After(c.until) {
			return n, err
		}
		time.Sleep(200 * time.Microsecond)
	}
}
