package chilkat

import (
	"context"
	"errors"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/frame"
)

// outgoing is what the session knows of the message that is being sent. Who has
// put a token into sendTurn of the session owns it.
type outgoing struct {
	inMessage bool
	isText    bool
	utf8      frame.UTF8Validator
}

// SendFrame sends text as one frame. With finalFrame false the message goes on
// in the next SendFrame, which then sends a continuation frame. The text of a
// message must be UTF-8, each frame and the whole.
func (ws *WebSocket) SendFrame(text string, finalFrame bool) bool {
	return ws.sendFrame(context.Background(), text, finalFrame).status()
}

// SendFrameAsync makes a task that calls SendFrame.
func (ws *WebSocket) SendFrameAsync(text string, finalFrame bool) *Task {
	return newTask(ws, "SendFrame", func(ctx context.Context) result { return ws.sendFrame(ctx, text, finalFrame) })
}

func (ws *WebSocket) sendFrame(ctx context.Context, text string, finalFrame bool) result {
	return ws.base().call("SendFrame", func(l *lasterr.Log) error {
		return ws.sendData(ctx, l, frame.Text, []byte(text), finalFrame)
	})
}

// SendFrameSb sends the text of sb as one frame; see SendFrame.
func (ws *WebSocket) SendFrameSb(sb *StringBuilder, finalFrame bool) bool {
	return ws.sendFrameSb(context.Background(), sb, finalFrame).status()
}

// SendFrameSbAsync makes a task that calls SendFrameSb.
func (ws *WebSocket) SendFrameSbAsync(sb *StringBuilder, finalFrame bool) *Task {
	if err := checkArgument("sb", "StringBuilder", sb); err != nil {
		return noTask(ws, "SendFrameSb", err)
	}
	return newTask(ws, "SendFrameSb", func(ctx context.Context) result { return ws.sendFrameSb(ctx, sb, finalFrame) })
}

func (ws *WebSocket) sendFrameSb(ctx context.Context, sb *StringBuilder, finalFrame bool) result {
	return ws.base().call("SendFrameSb", func(l *lasterr.Log) error {
		if err := checkArgument("sb", "StringBuilder", sb); err != nil {
			return err
		}
		return ws.sendData(ctx, l, frame.Text, []byte(sb.snapshot()), finalFrame)
	})
}

// SendFrameBd sends the bytes of bd as one binary frame, or inside an unfinished
// message as a continuation frame.
func (ws *WebSocket) SendFrameBd(bd *BinData, finalFrame bool) bool {
	return ws.sendFrameBd(context.Background(), bd, finalFrame).status()
}

// SendFrameBdAsync makes a task that calls SendFrameBd.
func (ws *WebSocket) SendFrameBdAsync(bd *BinData, finalFrame bool) *Task {
	if err := checkArgument("bd", "BinData", bd); err != nil {
		return noTask(ws, "SendFrameBd", err)
	}
	return newTask(ws, "SendFrameBd", func(ctx context.Context) result { return ws.sendFrameBd(ctx, bd, finalFrame) })
}

func (ws *WebSocket) sendFrameBd(ctx context.Context, bd *BinData, finalFrame bool) result {
	return ws.base().call("SendFrameBd", func(l *lasterr.Log) error {
		if err := checkArgument("bd", "BinData", bd); err != nil {
			return err
		}
		return ws.sendData(ctx, l, frame.Binary, bd.snapshot(), finalFrame)
	})
}

// sendData sends a data frame: of the kind opcode, or a continuation.
func (ws *WebSocket) sendData(ctx context.Context, l *lasterr.Log, opcode frame.Opcode, p []byte, final bool) error {
	return ws.transmit(ctx, l, func(ctx context.Context, s *session, conn *fairlead.Conn) error {
		select {
		case s.sendTurn <- struct{}{}:
			defer func() { <-s.sendTurn }()
		case <-ctx.Done():
			return ctx.Err()
		}
		return s.outgoing.send(ctx, l, conn, opcode, p, final)
	})
}

// send decides whether the frame begins a message or continues one. Where the
// connection knows better (a send was given up after its frame had gone, or
// somebody writes through Conn), its word counts.
func (o *outgoing) send(ctx context.Context, l *lasterr.Log, conn *fairlead.Conn, opcode frame.Opcode, p []byte, final bool) error {
	next := *o
	if !next.inMessage {
		next.isText, next.utf8 = opcode == frame.Text, frame.UTF8Validator{}
	}
	if next.isText && (!next.utf8.Write(p) || final && !next.utf8.Complete()) {
		return fail("the text is not UTF-8", "Nothing was sent. Send other bytes with SendFrameBd, as a message of their own.")
	}
	h := frame.Header{Fin: final, Opcode: opcode}
	if o.inMessage {
		h.Opcode = frame.Continuation
	}
	h.RSV = compression(conn, h.Opcode)
	err := conn.WriteFrame(ctx, h, p)
	if errors.Is(err, fairlead.ErrMidMessage) {
		if h.Opcode == frame.Continuation {
			h.Opcode = opcode
		} else {
			h.Opcode = frame.Continuation
		}
		h.RSV = compression(conn, h.Opcode)
		err = conn.WriteFrame(ctx, h, p)
	}
	if err != nil {
		return err
	}
	next.inMessage = !final
	*o = next
	l.Value("opcode", opcodeNames[h.Opcode])
	l.Value("final", final)
	l.Value("payloadBytes", len(p))
	return nil
}

// compression is the bit that asks conn to compress a message, on its first frame
// (RFC 7692 section 6).
func compression(conn *fairlead.Conn, opcode frame.Opcode) uint8 {
	if _, on := conn.Compression(); !on || opcode == frame.Continuation {
		return 0
	}
	return frame.RSV1
}

// transmit runs a call that sends, and explains its errors.
func (ws *WebSocket) transmit(ctx context.Context, l *lasterr.Log, send func(context.Context, *session, *fairlead.Conn) error) error {
	c := ws.self()
	s := c.current()
	conn, err := s.open()
	if err != nil {
		return err
	}
	ws.mu.Lock()
	e := ws.events
	ws.mu.Unlock()
	ctx, stop := e.watch(ctx)
	defer stop()
	s.sending.Store(l)
	defer s.sending.CompareAndSwap(l, nil)
	c.mu.Lock()
	idle := c.settings.idleTimeoutMs.or(defaultTimeoutMs)
	c.mu.Unlock()
	conn.SetIdleTimeout(milliseconds(idle))
	return sendingFailure(ctx, conn, send(ctx, s, conn))
}

// sendingFailure is the error of a call that sends for one of the connection.
func sendingFailure(ctx context.Context, conn *fairlead.Conn, cause error) error {
	if _, ours := errors.AsType[*Error](cause); cause == nil || ours {
		return cause
	}
	lost := conn.Err() != nil
	_, closed := errors.AsType[*fairlead.CloseError](cause)
	switch ended := ctx.Err(); {
	case ended != nil && errors.Is(cause, ended) && lost:
		return aborted(ctx, "Begin a new session: the frame was cut off in the middle, so the connection was dropped.")
	case ended != nil && errors.Is(cause, ended):
		return aborted(ctx, "Call it again when the frame is wanted; the connection is as it was.")
	case errors.Is(cause, fairlead.ErrIdleTimeout):
		return failFor(cause, "the server took no byte within IdleTimeoutMs", "The connection was dropped, because a frame was cut off; begin a new session.")
	case closed && !lost:
		return failFor(cause, "a Close was sent before: nothing can follow it", "Call ReadFrame until it returns the server's Close.")
	case lost:
		return failFor(cause, "the connection is closed", "Begin a new session: Connect, then UseConnection.")
	default:
		return cause
	}
}
