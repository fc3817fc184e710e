package hostile_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// maxKept bounds what is kept of the client's bytes.
const maxKept = 4 << 20

// wire is the server's end of a connection. It keeps what the client sends and
// notes when the deciding byte went out. The script cannot close it, so that
// what the client sent in the end can still be read.
type wire struct {
	net.Conn
	decides int64
	opened  bool // count from the end of the head

	deadline time.Time // the last one set

	script chan struct{} // closed when the script has ended
	failed error         // of the script

	mu       sync.Mutex
	got      []byte
	lost     int64 // bytes of the client that were not kept
	head     []byte
	headEnd  bool
	sent     int64
	last     time.Time
	decided  time.Time
	writeErr error
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	keep := min(n, maxKept-len(w.got))
	w.got = append(w.got, p[:keep]...)
	w.lost += int64(n - keep)
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	w.note(p)
	n, err := w.Conn.Write(p)
	if err != nil {
		w.mu.Lock()
		w.writeErr = err
		w.mu.Unlock()
	}
	return n, err
}

// note notes the moment before p is written, which may be too early, never too
// late.
func (w *wire) note(p []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = time.Now()
	n := int64(len(p))
	if w.opened && !w.headEnd {
		if w.head = append(w.head, p...); bytes.HasPrefix(w.head, []byte("HTTP/1.1 101")) {
			if _, rest, ok := bytes.Cut(w.head, []byte("\r\n\r\n")); ok {
				w.headEnd, n = true, int64(len(rest))
			}
		}
		if !w.headEnd {
			return
		}
	}
	w.sent += n
	if w.decides > 0 && w.sent >= w.decides && w.decided.IsZero() {
		w.decided = w.last
	}
}

// decision is when the deciding byte was written.
func (w *wire) decision() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.decides > 0 {
		return w.decided
	}
	return w.last
}

// SetDeadline passes over what hardly changes the deadline: each step of a script
// sets one, which would cost memory.
func (w *wire) SetDeadline(t time.Time) error {
	if d := t.Sub(w.deadline); d >= 0 && d < time.Second {
		return nil
	}
	w.deadline = t
	return w.Conn.SetDeadline(t)
}

func (w *wire) Close() error      { return nil }
func (w *wire) NetConn() net.Conn { return w.Conn }

func (w *wire) CloseWrite() error {
	c, ok := w.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return c.CloseWrite()
}

// play runs the script. A write that fails because the client has had enough is
// what many cases are about.
func (w *wire) play(steps []wstest.Step, reads bool) {
	defer close(w.script)
	if tc, ok := w.Conn.(*tls.Conn); ok && tc.Handshake() != nil {
		return // what the client makes of it is the verdict
	}
	err := wstest.Play(w, steps...)
	w.mu.Lock()
	if w.writeErr == nil && err != nil {
		w.failed = err
		w.Conn.Close() // or the client waits for what does not come
	}
	w.mu.Unlock()
	if reads {
		_, _ = io.Copy(io.Discard, struct{ io.Reader }{w})
	}
}

// drain reads what the client has sent since, up to the end of the connection.
func (w *wire) drain(limit time.Duration) error {
	if err := w.SetDeadline(time.Now().Add(limit)); err != nil {
		return nil // it has ended
	}
	buf := make([]byte, 4096)
	for {
		_, err := w.Read(buf)
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			return fmt.Errorf("the client has not closed the connection within %v", limit)
		case err != nil:
			return nil
		}
	}
}

// sent is a frame of the client, unmasked.
type sent struct {
	frame.Header
	Payload string
}

func (f sent) String() string { return fmt.Sprintf("%v %s", f.Opcode, f.Payload) }

var errHalf = errors.New("the client sent half a frame")

// split takes what the client sent apart: heads of requests and what came
// before them, then frames.
func split(got []byte) (request []byte, frames []sent, err error) {
	end := 0
	for {
		at := bytes.Index(got[end:], []byte("GET "))
		if at < 0 || end > 0 && at > 0 {
			break
		}
		n := bytes.Index(got[end+at:], []byte("\r\n\r\n"))
		if n < 0 {
			return got, nil, nil
		}
		end += at + n + 4
	}
	if end == 0 {
		return got, nil, nil // the client came no further than a proxy
	}
	request, rest := got[:end], got[end:]
	for len(rest) > 0 {
		h, n, err := frame.ParseHeader(rest)
		switch {
		case err != nil:
			return request, frames, fmt.Errorf("the client sent a bad header: %w", err)
		case n == 0:
			return request, frames, errHalf
		case !h.Masked:
			return request, frames, errors.New("the client sent a frame without a mask")
		case int64(len(rest)-n) < h.Length:
			return request, frames, errHalf
		}
		p := bytes.Clone(rest[n : n+int(h.Length)])
		frame.Mask(p, p, h.Mask, 0)
		frames = append(frames, sent{h, string(p)})
		rest = rest[n+int(h.Length):]
	}
	return request, frames, nil
}
