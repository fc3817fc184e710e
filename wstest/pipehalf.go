package wstest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeHalf is one direction of a pipe: written by one end, read by the other.
//
// It waits on a sync.Cond and never on a mutex held by somebody who waits, so
// that a blocked call counts as durably blocked in a synctest bubble.
type pipeHalf struct {
	size int

	mu      sync.Mutex
	changed sync.Cond // any field below may have changed
	buf     bytes.Buffer
	writing bool // a Write is under way; the next one waits its turn

	broken     error // set by breakDown
	end        error // what the reader gets after the buffer, once ended
	ended      bool  // the writer's direction is closed
	readerGone bool  // the reader's end is closed
	writerGone bool  // the writer's end is closed

	readDeadline, writeDeadline pipeDeadline
}

func newPipeHalf(size int) *pipeHalf {
	h := &pipeHalf{size: size, end: io.EOF}
	h.changed.L = &h.mu
	return h
}

func (h *pipeHalf) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.readerGone:
			return 0, net.ErrClosed
		case h.broken != nil:
			return 0, h.broken
		case h.readDeadline.expired:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case h.buf.Len() > 0:
			n, _ := h.buf.Read(p)
			h.changed.Broadcast()
			return n, nil
		case h.ended:
			return 0, h.end
		}
		h.changed.Wait()
	}
}

func (h *pipeHalf) write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.writing && h.writeError() == nil {
		h.changed.Wait()
	}
	if err := h.writeError(); err != nil {
		return 0, err
	}
	h.writing = true
	defer func() {
		h.writing = false
		h.changed.Broadcast()
	}()
	written := 0
	for {
		if n := min(len(p)-written, h.size-h.buf.Len()); n > 0 {
			h.buf.Write(p[written : written+n])
			written += n
			h.changed.Broadcast()
		}
		if written == len(p) {
			return written, nil
		}
		h.changed.Wait()
		if err := h.writeError(); err != nil {
			return written, err
		}
	}
}

// writeError says why nothing may be written now; mu is held.
func (h *pipeHalf) writeError() error {
	switch {
	case h.ended:
		return net.ErrClosed
	case h.broken != nil:
		return h.broken
	case h.readerGone:
		return io.ErrClosedPipe
	case h.writeDeadline.expired:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// closeWriter ends the direction; err stands in place of io.EOF.
func (h *pipeHalf) closeWriter(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return
	}
	h.ended = true
	if err != nil {
		h.end = err
	}
	h.changed.Broadcast()
}

func (h *pipeHalf) closeReader() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readerGone = true
	h.buf = bytes.Buffer{}
	h.readDeadline.stop()
	h.changed.Broadcast()
}

// leave is for the writer's end when it closes as a whole.
func (h *pipeHalf) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writerGone = true
	h.writeDeadline.stop()
}

func (h *pipeHalf) breakDown(err error) {
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.broken = err
	h.buf = bytes.Buffer{}
	h.changed.Broadcast()
}

func (h *pipeHalf) setReadDeadline(t time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readerGone {
		return net.ErrClosed
	}
	h.readDeadline.set(h, t)
	return nil
}

func (h *pipeHalf) setWriteDeadline(t time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.writerGone {
		return net.ErrClosed
	}
	h.writeDeadline.set(h, t)
	return nil
}

// pipeDeadline is guarded by the mutex of its half.
type pipeDeadline struct {
	timer   *time.Timer // nil: none, or already expired
	expired bool
}

func (d *pipeDeadline) set(h *pipeHalf, t time.Time) {
	d.stop()
	d.expired = false
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.expired = true
		h.changed.Broadcast()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		// A timer that fired while it was being replaced has no say any more.
		if d.timer == timer {
			d.expired = true
			h.changed.Broadcast()
		}
	})
	d.timer = timer
}

func (d *pipeDeadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// opError dresses err as the net package does. io.EOF stays bare, as readers
// compare it directly.
func opError(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &net.OpError{Op: op, Net: "pipe", Source: pipeAddr{}, Addr: pipeAddr{}, Err: err}
}
