package wstest

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// Send writes b in one call.
func Send(b []byte) Step {
	return step{"Send " + show(b), func(s *script) error {
		_, err := s.conn.Write(b)
		return err
	}}
}

// SendFrame writes one frame in one call. The header may break any rule:
// reserved bits and opcodes, a mask (applied to the payload), and a Length
// other than that of the payload; Length 0 means the payload's, a negative one
// is sent as 0. For a length in a form that is not the shortest, use [Send].
func SendFrame(h frame.Header, payload []byte) Step {
	if h.Length == 0 {
		h.Length = int64(len(payload))
	}
	wire := append(frame.AppendHeader(nil, h), payload...)
	if h.Masked {
		body := wire[len(wire)-len(payload):]
		frame.Mask(body, body, h.Mask, 0)
	}
	return step{fmt.Sprintf("SendFrame %v fin=%t, %s", h.Opcode, h.Fin, show(payload)), func(s *script) error {
		_, err := s.conn.Write(wire)
		return err
	}}
}

// Chunks writes b, n bytes a call. An n below one counts as one. On TCP the
// client may still read several chunks at once.
func Chunks(n int, b []byte) Step {
	n = max(n, 1)
	return step{fmt.Sprintf("Chunks of %d, %s", n, show(b)), func(s *script) error {
		for p := range slices.Chunk(b, n) {
			if _, err := s.conn.Write(p); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Pause waits for d, however long that is. Within a testing/synctest bubble it
// takes no time. To wait for something to happen use [Wait].
func Pause(d time.Duration) Step {
	return step{fmt.Sprintf("Pause %v", d), func(*script) error {
		time.Sleep(d)
		return nil
	}}
}

// Wait waits until ch is closed or gives a value.
func Wait(ch <-chan struct{}) Step {
	return step{"Wait", func(*script) error {
		timeout := time.NewTimer(stepTimeout)
		defer timeout.Stop()
		select {
		case <-ch:
			return nil
		case <-timeout.C:
			return fmt.Errorf("the channel gave nothing within %v", stepTimeout)
		}
	}}
}

// Do calls f, which can tell a test how far the script has come; its error is
// that of the step. Unlike other steps it is not bounded in time: f must not
// block.
func Do(f func() error) Step {
	return step{"Do", func(*script) error {
		if f == nil {
			return errNilFunc
		}
		return f()
	}}
}

// Repeat runs the steps n times.
func Repeat(n int, steps ...Step) Step {
	return step{fmt.Sprintf("Repeat %d", n), func(s *script) error {
		for i := range n {
			if err := s.runAll(steps); err != nil {
				return fmt.Errorf("round %d: %w", i+1, err)
			}
		}
		return nil
	}}
}

// Shut ends the direction to the client, which reads the end of the stream
// after the bytes sent so far; bytes from the client can still be expected. A
// connection that cannot close one direction is closed as a whole. Over TLS
// Shut sends close_notify and leaves TCP open.
func Shut() Step {
	return step{"Shut", func(s *script) error {
		err := closeWrite(s.conn)
		if errors.Is(err, errNoHalfClose) {
			return s.conn.Close()
		}
		return err
	}}
}

// Reset cuts the connection: a TCP connection, also one under TLS, with RST,
// a [Pipe] by Break with syscall.ECONNRESET. Any other is closed. Bytes sent
// before may be lost on their way.
func Reset() Step {
	return step{"Reset", func(s *script) error { return reset(s.conn) }}
}

func reset(conn net.Conn) error {
	switch c := conn.(type) {
	case interface{ NetConn() net.Conn }:
		return reset(c.NetConn())
	case *PipeConn:
		c.Break(syscall.ECONNRESET)
		return nil
	case *net.TCPConn:
		return errors.Join(c.SetLinger(0), c.Close())
	}
	return conn.Close()
}
