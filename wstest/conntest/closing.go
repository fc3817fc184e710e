package conntest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

func closeConn(conn net.Conn) error {
	_, err := do("Close", func() (int, error) { return 0, conn.Close() })
	return err
}

func closeEndsReads(client, _ net.Conn) error {
	read := beginRead(client, make([]byte, 10))
	if err := read.blocks(); err != nil {
		return err
	}
	if err := closeConn(client); err != nil {
		return err
	}
	r, err := read.end()
	if err != nil {
		return fmt.Errorf("after Close: %w", err)
	}
	return assertClosed("Read", r.err)
}

// closeEndsWrites also blocks a read: one must not keep Close from the other.
func closeEndsWrites(client, _ net.Conn) error {
	read, flood := beginRead(client, make([]byte, 10)), beginFlood(client)
	for range 3 {
		if err := errors.Join(flood.blocks(), read.blocks()); err != nil {
			return err
		}
	}
	if err := closeConn(client); err != nil {
		return err
	}
	for _, c := range []*call{flood, read} {
		r, err := c.end()
		if err != nil {
			return fmt.Errorf("after Close: %w", err)
		}
		if err := assertClosed(c.name, r.err); err != nil {
			return err
		}
	}
	return nil
}

func closed(client, _ net.Conn) error {
	if err := closeConn(client); err != nil {
		return err
	}
	p := []byte("late")
	for name, f := range map[string]func() (int, error){
		"Read":             func() (int, error) { return client.Read(p) },
		"Write":            func() (int, error) { return client.Write(p) },
		"SetDeadline":      func() (int, error) { return 0, client.SetDeadline(time.Now().Add(time.Hour)) },
		"SetReadDeadline":  func() (int, error) { return 0, client.SetReadDeadline(time.Time{}) },
		"SetWriteDeadline": func() (int, error) { return 0, client.SetWriteDeadline(time.Time{}) },
	} {
		r, err := do(name+" after Close", f)
		if err != nil {
			return err
		}
		if err := assertClosed(name, r.err); err != nil {
			return err
		}
	}
	r, err := do("second Close", func() (int, error) { return 0, client.Close() })
	if err != nil || r.err == nil {
		return err
	}
	return assertClosed("second Close", r.err)
}

func peerCloses(client, server net.Conn) error {
	if err := transfer(client, server, []byte("hello")); err != nil {
		return err
	}
	if err := transfer(server, client, pattern(1000, 8)); err != nil {
		return err
	}
	read := beginRead(client, make([]byte, 10))
	if err := read.blocks(); err != nil {
		return err
	}
	if err := closeConn(server); err != nil {
		return err
	}
	r, err := read.end()
	if err != nil {
		return fmt.Errorf("after the peer's Close: %w", err)
	}
	for range 2 {
		if r.n != 0 || r.err != io.EOF { //nolint:errorlint // readers compare it directly
			return fmt.Errorf("Read after the peer's Close returned %d, %w; want io.EOF itself", r.n, orNone(r.err))
		}
		if r, err = beginRead(client, make([]byte, 10)).end(); err != nil {
			return err
		}
	}
	// The first writes may go out before the peer's system has refused one.
	for end := time.Now().Add(patience); r.err == nil || errors.Is(r.err, io.EOF); {
		if time.Now().After(end) {
			return fmt.Errorf("Write still succeeds %v after the peer's Close", patience)
		}
		if r, err = do("Write", func() (int, error) { return client.Write([]byte("anybody?")) }); err != nil {
			return err
		}
		if errors.Is(r.err, io.EOF) || errors.Is(r.err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("Write to a peer that has closed: %w, which says something else", r.err)
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

func halfClose(client, server net.Conn) error {
	half, ok := client.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	p := pattern(500, 7)
	write := begin("Write", func() (int, error) {
		if n, err := client.Write(p); err != nil {
			return n, err
		}
		return len(p), half.CloseWrite()
	})
	got := make([]byte, len(p))
	r, err := do("Read of the server", func() (int, error) { return io.ReadFull(server, got) })
	if err != nil || r.err != nil {
		return errors.Join(err, r.err)
	}
	if r, err = write.end(); err != nil {
		return err
	}
	if errors.Is(r.err, errors.ErrUnsupported) {
		return nil
	}
	if r.err != nil {
		return fmt.Errorf("CloseWrite: %w", r.err)
	}
	if r, err = do("Read of the server after CloseWrite", func() (int, error) { return server.Read(got) }); err != nil {
		return err
	}
	if r.n != 0 || !errors.Is(r.err, io.EOF) {
		return fmt.Errorf("after CloseWrite the server reads %d, %w; want io.EOF", r.n, orNone(r.err))
	}
	if err := transfer(server, client, pattern(500, 1)); err != nil {
		return fmt.Errorf("after CloseWrite: %w", err)
	}
	return nil
}
