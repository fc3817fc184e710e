package conntest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

func addresses(client, _ net.Conn) error {
	look := func(when string) error {
		for name, addr := range map[string]net.Addr{"LocalAddr": client.LocalAddr(), "RemoteAddr": client.RemoteAddr()} {
			if addr == nil {
				return fmt.Errorf("%s is nil %s", name, when)
			}
			if addr.Network() == "" {
				return fmt.Errorf("%s has no network %s", name, when)
			}
			_ = addr.String()
		}
		return nil
	}
	if err := look("while open"); err != nil {
		return err
	}
	if _, err := do("Close", func() (int, error) { return 0, client.Close() }); err != nil {
		return err
	}
	return look("after Close")
}

// bothDirections lets one goroutine read and one write at each end.
func bothDirections(client, server net.Conn) error {
	up, down := pattern(1<<20+7, 0), pattern(1<<20+3, 0x55)
	calls := []*call{
		begin("Read", func() (int, error) { return expect(client, down) }),
		begin("Read of the server", func() (int, error) { return expect(server, up) }),
		begin("Write", func() (int, error) { return writePieces(client, up) }),
		begin("Write of the server", func() (int, error) { return writePieces(server, down) }),
	}
	for _, c := range calls {
		r, err := c.end()
		if err != nil {
			return err
		}
		if r.err != nil {
			return fmt.Errorf("%s: %w", c.name, r.err)
		}
	}
	return nil
}

// writePieces writes p in pieces of many sizes.
func writePieces(conn net.Conn, p []byte) (int, error) {
	total := len(p)
	for i := 0; len(p) > 0; i++ {
		size := min(len(p), 1+i*i*37%70_000)
		if n, err := conn.Write(p[:size]); n != size || err != nil {
			return total - len(p) + n, fmt.Errorf("writing %d bytes returned %d, %w", size, n, orNone(err))
		}
		p = p[size:]
	}
	return total, nil
}

// expect reads want through buffers of many sizes.
func expect(conn net.Conn, want []byte) (int, error) {
	buf := make([]byte, 40_000)
	got := 0
	for i := 0; got < len(want); i++ {
		p := buf[:min(1+i*i*13%len(buf), len(want)-got)]
		n, err := conn.Read(p)
		if n < 0 || n > len(p) {
			return got, fmt.Errorf("a buffer of %d bytes returned the count %d", len(p), n)
		}
		if !bytes.Equal(p[:n], want[got:got+n]) {
			return got, fmt.Errorf("after %d bytes the next %d arrived changed", got, n)
		}
		got += n
		if err != nil && got < len(want) {
			return got, fmt.Errorf("after %d bytes of %d: %w", got, len(want), err)
		}
	}
	return got, nil
}

func nothing(client, server net.Conn) error {
	for name, f := range map[string]func([]byte) (int, error){"Read": client.Read, "Write": client.Write} {
		r, err := do(name+" with an empty slice", func() (int, error) { return f([]byte{}) })
		if err != nil {
			return err
		}
		if r.n != 0 || r.err != nil {
			return fmt.Errorf("%s with an empty slice returned %d, %w", name, r.n, orNone(r.err))
		}
	}
	return errors.Join(transfer(client, server, []byte("up")), transfer(server, client, []byte("down")))
}

// buffersAreFree finds who keeps a caller's slice after the call.
func buffersAreFree(client, server net.Conn) error {
	kept := bytes.Repeat([]byte{0xEE}, 64)
	if err := client.SetReadDeadline(time.Now().Add(moment)); err != nil {
		return fmt.Errorf("SetReadDeadline: %w", err)
	}
	r, err := beginRead(client, kept).end()
	if err != nil {
		return err
	}
	if err := assertReadTimeout(r); err != nil {
		return err
	}
	if err := client.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("SetReadDeadline: %w", err)
	}
	late := pattern(64, 0)
	write := begin("Write of the server", func() (int, error) { return server.Write(late) })
	time.Sleep(moment) // the first read, if it lives, takes what comes
	if r, err = do("Read", func() (int, error) { return expect(client, late) }); err != nil {
		return err
	}
	if r.err != nil {
		return fmt.Errorf("Read: %w", r.err)
	}
	if _, err := write.end(); err != nil {
		return err
	}
	if !bytes.Equal(kept, bytes.Repeat([]byte{0xEE}, 64)) {
		return errors.New("Read wrote into its buffer after it had returned")
	}

	ours, want := pattern(1000, 3), pattern(1000, 3)
	write = begin("Write", func() (int, error) {
		n, err := client.Write(ours)
		clear(ours)
		return n, err
	})
	got := make([]byte, len(want))
	if r, err = do("Read of the server", func() (int, error) { return io.ReadFull(server, got) }); err != nil {
		return err
	}
	if r.err != nil || !bytes.Equal(got, want) {
		return fmt.Errorf("bytes that were overwritten after Write had returned arrived changed, or not: %w", orNone(r.err))
	}
	_, err = write.end()
	return err
}
