package chilkat

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/frame"
)

// The values of ReadFrameFailReason.
const (
	readOK       = 0
	readTimeout  = 1
	readAborted  = 2
	readLost     = 3
	readInvalid  = 4
	readUnknown  = 99
	fetchAdvice  = "Fetch the data with GetFrameData, then go on reading."
	repeatAdvice = "Nothing is lost: call ReadFrame again to go on."
)

// ReadFrame reads the next frame that PingAutoRespond and PongAutoConsume do not
// keep back, and gathers its data for GetFrameData. What came compressed is
// inflated, frame by frame. A Close frame is returned
// too, with true; reading after it fails. When ReadFrame fails,
// ReadFrameFailReason tells why; after a timeout or an abort the next call goes
// on, and nothing is lost.
func (ws *WebSocket) ReadFrame() bool { return ws.readFrame(context.Background()).status() }

// ReadFrameAsync makes a task that calls ReadFrame.
func (ws *WebSocket) ReadFrameAsync() *Task { return newTask(ws, "ReadFrame", ws.readFrame) }

func (ws *WebSocket) readFrame(ctx context.Context) result {
	if ws == nil {
		return result{err: errNilReceiver}
	}
	c := ws.self()
	s := c.current()
	r := ws.base().call("ReadFrame", func(l *lasterr.Log) error { return ws.read(ctx, l, c, s) })
	s.mu.Lock()
	s.received.failReason = failReason(r.err)
	s.mu.Unlock()
	return r
}

func (ws *WebSocket) read(ctx context.Context, l *lasterr.Log, c *core, s *session) error {
	if !s.readBusy.TryLock() {
		return failFor(fairlead.ErrConcurrentRead, "another ReadFrame is under way", "Read from one goroutine only.")
	}
	defer s.readBusy.Unlock()
	s.mu.Lock()
	s.received.pongs = false
	s.mu.Unlock()
	conn, err := s.open()
	if err != nil {
		return err
	}
	ws.mu.Lock()
	e := ws.events
	ws.mu.Unlock()
	ctx, stop := e.watch(ctx)
	defer stop()
	s.reading.Store(l)
	s.sending.Store(l) // automatic answers
	defer s.reading.Store(nil)
	defer s.sending.CompareAndSwap(l, nil)

	c.mu.Lock()
	idle := shorterPause(conn.NetConn(), milliseconds(c.settings.idleTimeoutMs.or(defaultTimeoutMs)))
	err = s.mayGather(c.settings.options)
	s.reader.Store(c)
	conn.SetPolicy(c.settings.policy())
	c.mu.Unlock()
	defer s.reader.Store(nil)
	if err != nil {
		return err
	}
	swallowed := conn.PongsSwallowed()
	h, payload, err := nextFrame(ctx, conn, idle)
	s.mu.Lock()
	s.received.pongs = conn.PongsSwallowed() != swallowed
	if err == nil {
		s.received.take(h, payload)
	}
	s.mu.Unlock()
	if err != nil {
		return readFailure(ctx, err)
	}
	l.Value("opcode", opcodeNames[h.Opcode])
	l.Value("final", h.Fin)
	l.Value("payloadBytes", len(payload))
	return nil
}

// nextFrame reads a frame under the idle timeout of one object. Objects that
// share the connection may have another one, and set it meanwhile: a timeout
// that comes too early for this object is none.
func nextFrame(ctx context.Context, conn *fairlead.Conn, idle time.Duration) (frame.Header, []byte, error) {
	for {
		begin := time.Now()
		conn.SetIdleTimeout(idle)
		h, payload, err := conn.ReadFrame(ctx)
		if failReason(err) != readTimeout || idle > 0 && time.Since(begin) >= idle {
			return h, payload, err
		}
	}
}

// mayGather refuses to read on when too much waits to be fetched. What a message
// may have has passed the limit of the connection already.
func (s *session) mayGather(o socketOptions) error {
	limit := max(o.maxMessage.or(fairlead.DefaultMessageBytes), fairlead.DefaultMessageBytes)
	if o.maxMessage == (setting[int64]{0, true}) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if int64(len(s.received.data)) > limit {
		return errGathered
	}
	return nil
}

var errGathered = fail("too much data was gathered and not fetched", fetchAdvice)

// failReason is the ReadFrameFailReason of an error.
func failReason(err error) int {
	_, invalid := errors.AsType[*fairlead.ProtocolError](err)
	switch {
	case err == nil:
		return readOK
	case errors.Is(err, ErrAborted):
		return readAborted
	case invalid, errors.Is(err, errGathered):
		return readInvalid
	case errors.Is(err, net.ErrClosed), errors.Is(err, errNoSession), errors.Is(err, errNotValidated), errors.Is(err, errDisposed):
		return readLost
	case errors.Is(err, fairlead.ErrIdleTimeout):
		return readTimeout
	default:
		return readUnknown
	}
}

// readFailure is the error of ReadFrame for one of the connection.
func readFailure(ctx context.Context, cause error) error {
	if ended := ctx.Err(); ended != nil && errors.Is(cause, ended) {
		return aborted(ctx, repeatAdvice)
	}
	closed, isClose := errors.AsType[*fairlead.CloseError](cause)
	switch failReason(cause) {
	case readTimeout:
		return failFor(cause, "no byte came within IdleTimeoutMs", repeatAdvice)
	case readInvalid:
		if errors.Is(cause, fairlead.ErrTooLarge) {
			return failFor(cause, "the server sent a message that is larger than allowed", "Begin a new session with MaxMessageBytes=N in UncommonOptions, which allows more; the connection is closed.")
		}
		return failFor(cause, "the server sent what is not legal in a WebSocket", "The connection is closed; begin a new session.")
	case readLost:
		if isClose && closed.Code != frame.StatusAbnormal {
			return failFor(cause, "the server's Close was read: no frame can follow", "Begin a new session with UseConnection.")
		}
		return failFor(cause, "the connection is lost", "Begin a new session: Connect, then UseConnection.")
	default:
		return cause
	}
}
