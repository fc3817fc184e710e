package chilkat

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// wire is an open connection of a Socket. Whoever uses it, the Socket counts
// what passes, keeps the session log and bounds the pauses.
type wire struct {
	net.Conn // with TLS, if there is any
	target   target
	live     *liveSettings
	meter    meter
	paced    int // bytes per second that Write gets at most, 0: any number

	in, out pause
	closed  atomic.Bool // by this side
	lost    atomic.Bool // a read or a write has found it so
	once    sync.Once
	release func() // lets go of what the connection goes through; nil: of nothing
}

// liveSettings are the properties of a Socket that its connection heeds at once.
type liveSettings struct {
	maxReadIdleMs, maxSendIdleMs atomic.Int64
	keepLog                      atomic.Bool
	hexLog                       atomic.Bool
}

func (l *liveSettings) copyFrom(other *liveSettings) {
	l.maxReadIdleMs.Store(other.maxReadIdleMs.Load())
	l.maxSendIdleMs.Store(other.maxSendIdleMs.Load())
	l.keepLog.Store(other.keepLog.Load())
	l.hexLog.Store(other.hexLog.Load())
}

func newWire(nc net.Conn, t target, live *liveSettings, release func()) *wire {
	w := &wire{Conn: nc, target: t, live: live, release: release}
	w.meter.begin(time.Now())
	w.in.put = nc.SetReadDeadline
	w.out.put = nc.SetWriteDeadline
	return w
}

// Read ends with an error that matches os.ErrDeadlineExceeded after MaxReadIdleMs
// too; the next one goes on.
func (w *wire) Read(p []byte) (int, error) {
	if err := w.in.begin(w.live.maxReadIdleMs.Load()); err != nil {
		return 0, err
	}
	n, err := w.Conn.Read(p)
	w.in.end()
	w.meter.received(time.Now(), p[:n], w.live)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		w.lost.Store(true)
	}
	return n, err
}

// Write sends p in pieces, if each of them has MaxSendIdleMs for itself.
func (w *wire) Write(p []byte) (n int, err error) {
	limit := w.live.maxSendIdleMs.Load()
	for {
		piece := p[n:]
		if limit > 0 {
			piece = p[n:min(len(p), n+w.pieceWithin(limit))]
		}
		if err := w.out.begin(limit); err != nil {
			return n, err
		}
		m, err := w.Conn.Write(piece)
		late := w.out.end()
		w.meter.sent(time.Now(), piece[:m], w.live)
		n += m
		if err != nil {
			w.lost.Store(true)
		}
		if err != nil && late {
			err = fmt.Errorf("the peer took no byte within MaxSendIdleMs: %w", err)
		}
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// pieceWithin is how many bytes get limitMs for themselves: with a throttle no more
// than pass in half of it.
func (w *wire) pieceWithin(limitMs int64) int {
	if w.paced == 0 {
		return pieceSize
	}
	return int(max(1, min(pieceSize, int64(w.paced)*limitMs/2000)))
}

// SetReadDeadline sets the deadline of who uses the connection.
func (w *wire) SetReadDeadline(t time.Time) error { return w.in.want(t) }

// SetWriteDeadline sets the deadline of who uses the connection.
func (w *wire) SetWriteDeadline(t time.Time) error { return w.out.want(t) }

// SetDeadline sets both.
func (w *wire) SetDeadline(t time.Time) error {
	if err := w.SetReadDeadline(t); err != nil {
		return err
	}
	return w.SetWriteDeadline(t)
}

// CloseWrite ends the direction to the server.
func (w *wire) CloseWrite() error {
	if half, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return fmt.Errorf("chilkat: %w", net.ErrClosed)
}

// Close drops the connection at once, without a word to the server.
func (w *wire) Close() (err error) {
	w.closed.Store(true)
	w.once.Do(func() {
		err = hangUp(w.Conn)
		if w.release != nil {
			w.release()
		}
	})
	return err
}

// hangUp closes a connection at once. A tls.Conn is passed over: its Close would
// wait for room to say goodbye.
func hangUp(nc net.Conn) error {
	if tc, ok := nc.(*tls.Conn); ok {
		nc = tc.NetConn()
	}
	return nc.Close()
}

// closeWithin closes a connection. Over TLS the server is told, which may take
// maxWait; 0 does not tell it.
func closeWithin(nc net.Conn, maxWait time.Duration) {
	if maxWait > 0 {
		limit := time.AfterFunc(maxWait, func() { _ = hangUp(nc) })
		polite := nc
		if w, ok := nc.(*wire); ok {
			polite = w.Conn
		}
		_ = polite.Close() // what fails here was lost already
		limit.Stop()
	}
	_ = hangUp(nc)
}

// shorterPause is how long a read may wait for a byte: idle, or MaxReadIdleMs of the
// Socket that the connection comes from.
func shorterPause(nc net.Conn, idle time.Duration) time.Duration {
	w, ok := nc.(*wire)
	if !ok {
		return idle
	}
	limit := milliseconds(int(w.live.maxReadIdleMs.Load()))
	if limit == 0 || idle != 0 && idle < limit {
		return idle
	}
	return limit
}

// pause bounds one direction: a deadline of who uses the connection, and a limit
// of the Socket's for the call under way. The earlier one counts.
type pause struct {
	put func(time.Time) error

	mu    sync.Mutex
	user  time.Time
	limit time.Time // zero: no call is under way, or it has no limit
}

func (d *pause) begin(limitMs int64) error {
	if limitMs <= 0 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.limit = time.Now().Add(milliseconds(int(limitMs)))
	return d.put(d.earlier())
}

// end reports whether the time of the limit is over.
func (d *pause) end() (late bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.limit.IsZero() {
		return false
	}
	late = !time.Now().Before(d.limit)
	d.limit = time.Time{}
	_ = d.put(d.user) // a closed connection has told already
	return late
}

func (d *pause) want(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.user = t
	return d.put(d.earlier())
}

func (d *pause) earlier() time.Time {
	if d.user.IsZero() || !d.limit.IsZero() && d.limit.Before(d.user) {
		return d.limit
	}
	return d.user
}
