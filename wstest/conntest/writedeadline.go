package conntest

import (
	"errors"
	"fmt"
	"net"
	"time"
)

func writeDeadlinePast(client, server net.Conn) error {
	if err := client.SetWriteDeadline(past); err != nil {
		return fmt.Errorf("SetWriteDeadline: %w", err)
	}
	for range 2 {
		r, err := do("Write", func() (int, error) { return client.Write([]byte("late")) })
		if err != nil {
			return err
		}
		if err := errors.Join(assertWriteTimeout(r, 0), within("Write", r.after, 0)); err != nil {
			return err
		}
	}
	return stillReads(client, server)
}

// stillReads is asked after a write deadline.
func stillReads(client, server net.Conn) error {
	if err := transfer(server, client, pattern(100, 2)); err != nil {
		return fmt.Errorf("after a write deadline: %w", err)
	}
	return nil
}

func writeDeadlineFuture(client, server net.Conn) error {
	set := time.Now()
	if err := client.SetWriteDeadline(set.Add(3 * moment)); err != nil {
		return fmt.Errorf("SetWriteDeadline: %w", err)
	}
	r, err := beginFlood(client).end()
	if err != nil {
		return err
	}
	if err := errors.Join(assertWriteTimeout(r, floodPiece-1), within("Write", time.Since(set), 3*moment)); err != nil {
		return err
	}
	if err := stillReads(client, server); err != nil {
		return err
	}
	if err := client.SetWriteDeadline(time.Now().Add(moment)); err != nil {
		return fmt.Errorf("SetWriteDeadline: %w", err)
	}
	// Nobody reads yet: this one fails for good, or at its own deadline.
	if r, err = beginFlood(client).end(); err != nil {
		return err
	}
	return assertWriteTimeout(r, floodPiece-1)
}

func writeDeadlineRemoved(client, server net.Conn) error {
	for _, deadline := range []time.Time{past, time.Now().Add(2 * moment)} {
		if err := errors.Join(client.SetWriteDeadline(deadline), client.SetWriteDeadline(time.Time{})); err != nil {
			return fmt.Errorf("SetWriteDeadline: %w", err)
		}
	}
	p := pattern(1<<20, 4)
	write := begin("Write", func() (int, error) { return client.Write(p) })
	time.Sleep(4 * moment)
	r, err := do("Read of the server", func() (int, error) { return expect(server, p) })
	if err != nil {
		return err
	}
	if r.err != nil {
		return fmt.Errorf("reading: %w", r.err)
	}
	if r, err = write.end(); err != nil {
		return err
	}
	if r.n != len(p) || r.err != nil {
		return fmt.Errorf("the deadline was removed before the write, which returned %d, %w", r.n, orNone(r.err))
	}
	return nil
}

func writeDeadlineMoved(client, server net.Conn) error {
	if err := client.SetWriteDeadline(time.Now().Add(time.Hour)); err != nil {
		return fmt.Errorf("SetWriteDeadline: %w", err)
	}
	flood := beginFlood(client)
	for range 3 {
		if err := flood.blocks(); err != nil {
			return err
		}
	}
	moved := time.Now()
	if err := client.SetWriteDeadline(past); err != nil {
		return fmt.Errorf("SetWriteDeadline: %w", err)
	}
	r, err := flood.end()
	if err != nil {
		return fmt.Errorf("the deadline was moved during the write: %w", err)
	}
	if err := errors.Join(assertWriteTimeout(r, floodPiece-1), within("Write", time.Since(moved), 0)); err != nil {
		return err
	}
	return stillReads(client, server)
}
