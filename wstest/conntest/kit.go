package conntest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

const (
	// patience is the longest wait for what must happen.
	patience = 5 * time.Second
	// late is how long after its time a deadline may be noticed: machines are
	// busy.
	late = 2 * time.Second
	// moment is how long a call is given to become blocked, which nothing tells,
	// and how far off a deadline is that must come.
	moment = 30 * time.Millisecond
)

var past = time.Unix(1, 0)

// result is how a call ended.
type result struct {
	n     int
	err   error
	after time.Duration // how long it took
}

type call struct {
	name string
	done chan result
}

// begin makes a call on a goroutine of its own.
func begin(name string, f func() (int, error)) *call {
	c := &call{name, make(chan result, 1)}
	start := time.Now()
	go func() {
		n, err := f()
		c.done <- result{n, err, time.Since(start)}
	}()
	return c
}

// end waits for the call. The error says that it did not return.
func (c *call) end() (result, error) {
	select {
	case r := <-c.done:
		return r, nil
	case <-time.After(patience):
		return result{}, fmt.Errorf("%s has not returned within %v", c.name, patience)
	}
}

// blocks waits a moment, in which the call must not return.
func (c *call) blocks() error {
	select {
	case r := <-c.done:
		return fmt.Errorf("%s does not block: it returned %d, %w", c.name, r.n, r.err)
	case <-time.After(moment):
		return nil
	}
}

// do makes a call and waits for it.
func do(name string, f func() (int, error)) (result, error) { return begin(name, f).end() }

func beginRead(conn net.Conn, p []byte) *call {
	return begin("Read", func() (int, error) { return conn.Read(p) })
}

// floodPiece is the size of one write of beginFlood.
const floodPiece = 64 << 10

// beginFlood writes to a peer that does not read, until an error comes. The
// count is that of the last write.
func beginFlood(conn net.Conn) *call {
	return begin("Write to a peer that does not read", func() (int, error) {
		p := make([]byte, floodPiece)
		for range 4096 {
			if n, err := conn.Write(p); err != nil {
				return n, err
			}
		}
		return 0, errors.New("256 MiB were written to a peer that does not read")
	})
}

// transfer writes p to one end and reads it from the other.
func transfer(from, to net.Conn, p []byte) error {
	write := begin("Write", func() (int, error) { return from.Write(p) })
	got := make([]byte, len(p))
	r, err := do("Read", func() (int, error) { return io.ReadFull(to, got) })
	if err != nil {
		return err
	}
	if r.err != nil {
		return fmt.Errorf("reading %d bytes: %w", len(p), r.err)
	}
	if !bytes.Equal(got, p) {
		return fmt.Errorf("%d bytes arrived changed", len(p))
	}
	if r, err = write.end(); err != nil {
		return err
	}
	if r.n != len(p) || r.err != nil {
		return fmt.Errorf("writing %d bytes returned %d, %w", len(p), r.n, r.err)
	}
	return nil
}

// pattern returns bytes whose place can be told.
func pattern(size int, seed byte) []byte {
	p := make([]byte, size)
	for i := range p {
		p[i] = byte(i) ^ byte(i>>8)*31 ^ byte(i>>16)*17 ^ seed
	}
	return p
}

// assertTimeout says what is wrong with the error of a deadline.
func assertTimeout(name string, err error) error {
	var timeout net.Error
	switch {
	case err == nil:
		return fmt.Errorf("%s: no error after the deadline", name)
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%s: the error after the deadline does not match os.ErrDeadlineExceeded: %w", name, err)
	case !errors.As(err, &timeout) || !timeout.Timeout():
		return fmt.Errorf("%s: the error after the deadline has no true Timeout method: %w", name, err)
	}
	return nil
}

// assertReadTimeout judges the result of a read that its deadline ended.
func assertReadTimeout(r result) error {
	if r.n != 0 {
		return fmt.Errorf("Read: %d bytes beside the error %w", r.n, r.err)
	}
	if err := assertTimeout("Read", r.err); err != nil {
		return err
	}
	var temporary interface{ Temporary() bool }
	if !errors.As(r.err, &temporary) || !temporary.Temporary() {
		return fmt.Errorf("Read: the error after the deadline is not Temporary, crypto/tls would give up: %w", r.err)
	}
	return nil
}

// assertWriteTimeout judges the result of writing that its deadline ended, with
// at most that count.
func assertWriteTimeout(r result, most int) error {
	if err := assertTimeout("Write", r.err); err != nil {
		return err
	}
	if r.n < 0 || r.n > most {
		return fmt.Errorf("Write returned the count %d beside the error %w", r.n, r.err)
	}
	return nil
}

// assertClosed wants the error of a call that our own Close ended.
func assertClosed(name string, err error) error {
	if !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("%s: after Close the error is %w, which does not match net.ErrClosed", name, orNone(err))
	}
	return nil
}

var errNone = errors.New("none")

func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}

// within says whether a deadline came at its time.
func within(name string, took, deadline time.Duration) error {
	switch {
	case took < deadline-time.Millisecond:
		return fmt.Errorf("%s: a deadline in %v came after %v", name, deadline, took)
	case took > deadline+late:
		return fmt.Errorf("%s: a deadline in %v was noticed after %v", name, deadline, took)
	}
	return nil
}
