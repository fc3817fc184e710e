package truncation_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// end is how a stream ends.
type end int

const (
	eof    end = iota // FIN; over TLS without close_notify
	reset             // RST
	notify            // close_notify, over TLS only
)

func (e end) String() string { return [...]string{"EOF", "RST", "close_notify"}[e] }

// err is what a read in memory returns at the end.
func (e end) err() error {
	if e == reset {
		return syscall.ECONNRESET
	}
	return io.EOF
}

// matches reports whether err has the cause that e must have. A socket tells of a
// reset once: when a write hears it, that gives EPIPE or a read EOF, whichever is
// first.
func (e end) matches(err error, socket bool) bool {
	switch {
	case errors.Is(err, io.EOF):
		return false
	case e != reset:
		return errors.Is(err, io.ErrUnexpectedEOF)
	case socket && (errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrUnexpectedEOF)):
		return true
	}
	return errors.Is(err, syscall.ECONNRESET)
}

// walk tries every offset on all processors and stops at the first that fails.
func walk(t *testing.T, kind string, offsets []int, try func(offset int) error) {
	t.Helper()
	var next atomic.Int64
	var failed atomic.Bool
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(offsets) {
					return
				}
				if err := try(offsets[i]); err != nil {
					failed.Store(true)
					tally.partial.Add(1)
					t.Errorf("cut at %d: %v", offsets[i], err)
					return
				}
				count(kind, offsets[i])
			}
		})
	}
	workers.Wait()
	t.Logf("%d offsets", len(offsets))
}

// got is what a verb gave before it failed.
type got struct {
	messages []message
	frames   []sent // of ReadFrame
	stream   []byte // of AsNetConn
	piece    []byte // of a message that Reader did not end
	err      error
}

// judge compares with what has come whole at an offset. A reset may take the last
// bytes with it where atMost says so.
func (s *session) judge(g got, cut int, e end, atMost bool) error {
	messages, frames, closed := s.whole(cut)
	gave := 0
	for i, m := range g.messages {
		if i >= len(messages) {
			return fmt.Errorf("message %d is not whole, and was delivered with %d bytes", i, len(m.data))
		}
		if m.text != messages[i].text || m.data != messages[i].data {
			return fmt.Errorf("message %d was delivered wrong: %d bytes, want %d", i, len(m.data), len(messages[i].data))
		}
		gave++
	}
	if g.stream == nil && gave < len(messages) && !atMost {
		return fmt.Errorf("%d messages delivered, want %d: %w", gave, len(messages), g.err)
	}
	if gave < len(s.messages) && !strings.HasPrefix(s.messages[gave].data, string(g.piece)) {
		return errors.New("the Reader gave what is not in the message")
	}
	for i, f := range g.frames {
		if i >= len(frames) || f.opcode != frames[i].opcode || f.fin != frames[i].fin || f.payload != frames[i].payload {
			return fmt.Errorf("frame %d (%v, %d bytes) is not whole", i, f.opcode, len(f.payload))
		}
	}
	if g.stream != nil {
		if err := s.judgeStream(g.stream, len(messages), atMost); err != nil {
			return err
		}
	}
	if g.err == nil {
		return errors.New("no error")
	}
	if closed && !atMost && !isClosed(g.err) {
		return fmt.Errorf("after a Close frame: %w", g.err)
	}
	if !isClosed(g.err) && !e.matches(g.err, atMost) {
		return fmt.Errorf("error %w, want one for %v", g.err, e)
	}
	if isClosed(g.err) && !closed {
		return fmt.Errorf("a clean end without a Close frame: %w", g.err)
	}
	return nil
}

// judgeStream demands that all whole messages are in the stream, and nothing else
// but the begin of the next.
func (s *session) judgeStream(stream []byte, messages int, atMost bool) error {
	for i, m := range s.messages {
		n := min(len(m.data), len(stream))
		if string(stream[:n]) != m.data[:n] {
			return fmt.Errorf("the stream differs in message %d", i)
		}
		if n < len(m.data) && i < messages && !atMost {
			return fmt.Errorf("the stream ends in message %d, want %d whole ones", i, messages)
		}
		stream = stream[n:]
	}
	if len(stream) > 0 {
		return errors.New("the stream goes on behind the last message")
	}
	return nil
}
