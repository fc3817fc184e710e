package wstest

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// stepTimeout bounds each step of a script.
const stepTimeout = 10 * time.Second

// Step is one thing a scripted peer does: it sends bytes or expects some. The
// functions of this package make steps. A step holds no state, so the same
// value may stand in several scripts at once; it keeps the slices it was made
// of, which must not change any more.
type Step interface {
	// String describes the step for errors.
	String() string

	run(s *script) error
}

// script is a run of [Play].
type script struct {
	conn net.Conn
	in   *bufio.Reader
}

// Play runs the steps on conn, one after the other, as the server's side of
// the connection. It returns nil when all came true. Otherwise the error says
// which step did not, what it expected and what came; conn is then closed, so
// that the client under test does not wait for a script that is over.
//
// Each step has 10 seconds, [Pause] and [Do] excepted. Play sets deadlines on conn and
// takes them away at its end. A step that reads may read ahead: what it read
// too much is there for the next steps, and lost at the end of the script.
//
// Play needs no goroutine of its own, but the client does: it waits for the
// bytes of the script while the script waits for the client's.
func Play(conn net.Conn, steps ...Step) error {
	if conn == nil {
		return errors.New("wstest: Play needs a connection")
	}
	s := &script{conn: conn, in: bufio.NewReader(conn)}
	if err := s.runAll(steps); err != nil {
		conn.Close()
		return fmt.Errorf("wstest: %w", err)
	}
	// It fails when the script closed the connection itself.
	_ = conn.SetDeadline(time.Time{})
	return nil
}

func (s *script) runAll(steps []Step) error {
	for i, step := range steps {
		if step == nil {
			return fmt.Errorf("step %d is nil", i+1)
		}
		err := s.conn.SetDeadline(time.Now().Add(stepTimeout))
		if err == nil {
			err = step.run(s)
		}
		if err != nil {
			return fmt.Errorf("step %d, %v: %w", i+1, step, err)
		}
	}
	return nil
}

// cameError tells a step's author what ended the wait for bytes.
func cameError(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("nothing more came within %v: %w", stepTimeout, err)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the client closed the connection: %w", err)
	}
	return err
}

// shownBytes bounds what a step or an error shows of bytes.
const shownBytes = 32

// show renders bytes for a description: their number, and the first in hex.
func show(p []byte) string {
	if len(p) == 0 {
		return "0 bytes"
	}
	dots := ""
	if len(p) > shownBytes {
		dots = "..."
	}
	return fmt.Sprintf("%d bytes %s%s", len(p), hex.EncodeToString(p[:min(len(p), shownBytes)]), dots)
}

var errNilFunc = errors.New("the step was made of a nil function")

// step is a Step made of a description and a function.
type step struct {
	text string
	do   func(s *script) error
}

func (s step) String() string       { return s.text }
func (s step) run(sc *script) error { return s.do(sc) }
