package fairlead

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// maxEmptyReads is how often a connection may return neither bytes nor an error
// in a row, as in package bufio.
const maxEmptyReads = 100

// errAside tells a pump that a reader wants its turn.
var errAside = errors.New("fairlead: a reader took over")

// longAgo is a deadline that ends a blocked read at once.
var longAgo = time.Unix(1, 0)

// receiveSide is the state of reading. Whoever holds the turn owns it.
//
// It stands either between frames, or inside the payload of hdr. Where a call
// stops, by a timeout say, the next one goes on.
type receiveSide struct {
	c    *Conn
	turn turn
	gate gate
	recv protocol.Receiver
	sock *rawSocket // nil when the connection is no socket of the system's

	buf       []byte // read from the socket and not used: buf[r:w]
	r, w      int
	socketErr error                 // came together with bytes
	err       error                 // what every read returns from now on
	data      []byte                // buffer of ReadFrame and Messages, see scratch
	box       *[]byte               // where data came from
	inflater  *deflate.Decompressor // nil without compression

	registered <-chan struct{} // of the context that await has told the gate of

	// Of the read under way.
	ctx   context.Context
	pump  bool
	armed bool // it may be broken into

	// Between reads.
	timed bool // a read deadline is set
	burst bool // the last read filled more than a short buffer
	lent  bool // a caller uses bytes of buf, ctl or data until the next read

	// The frame and the message under way. That what is small stands together makes
	// a Conn smaller.
	open      bool        // the payload of hdr is not finished
	inflating bool        // hdr is that of a compressed message, and more comes of it
	backlog   bool        // the inflater has more than was asked for
	typ       MessageType // of the message
	user      verb        // who is in the middle of it
	hdr       frame.Header
	remaining int64           // bytes of the payload that are not taken
	ctl       *controlPayload // of the last control frame
	preview   []byte          // first bytes of the payload, when frames are traced
	stream    *MessageReader  // the user, for verbReader
	partial   []byte          // what an interrupted verb had gathered
}

type controlPayload [frame.MaxControlPayload]byte

// verb says by which kind of call the unfinished message is being read.
type verb uint8

const (
	verbNone    verb = iota
	verbMessage      // Read, ReadAppend, Messages
	verbReader       // Reader
	verbFrame        // ReadFrame
	verbDiscard      // Close, which throws it away
)

func (in *receiveSide) start(c *Conn, buffered []byte, recv protocol.Receiver) {
	in.c = c
	in.gate.side = in
	in.recv = recv
	in.sock = newRawSocket(c)
	if in.sock == nil || len(buffered) > 0 {
		in.buf = make([]byte, max(shortRead, len(buffered)))
		in.w = copy(in.buf, buffered)
	}
}

func (in *receiveSide) breakIn() {
	if err := in.c.nc.SetReadDeadline(longAgo); err != nil {
		go in.c.drop(in.c.endedBy(false, err))
	}
}

// takeBack leaves to the caller of the last read what it was lent. A pump does
// so before it reads: its read is none of that caller's.
func (in *receiveSide) takeBack() {
	if in.lent {
		in.buf, in.ctl, in.lent = slices.Clone(in.buf), nil, false
		in.data, in.box = nil, nil
	}
}

// receive reads once from the connection: at least one byte, or an error. A nil p
// stands for the free part of the buffer. An error that leaves in.err nil did no
// harm.
func (c *Conn) receive(ctx context.Context, p []byte, pump bool) (int, error) {
	in := &c.in
	if err := in.socketErr; err != nil {
		return 0, c.lose(err)
	}
	for empty := 0; empty < maxEmptyReads; empty++ {
		n, broken, err := in.read(ctx, p, pump)
		if err != nil {
			err = c.notRead(ctx, n, broken, err)
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, c.lose(io.ErrNoProgress)
}

// notRead says what the error of a read means for its caller: nil when there are
// bytes, or when the read is to be made again. It is apart to keep the stack of a
// goroutine small that waits in receive.
func (c *Conn) notRead(ctx context.Context, n int, broken bool, err error) error {
	timeout := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case n > 0:
		if !timeout {
			c.in.socketErr = err
		}
		return nil
	case errors.Is(err, errNotArmed):
		return whyNot(ctx)
	case !timeout:
		return c.lose(err)
	case ctx.Err() != nil:
		return whyNot(ctx)
	case broken:
		// A pump was asked to step aside, or the context of an earlier call
		// ended late: the next enter tells them apart.
		return nil
	default:
		return ErrIdleTimeout
	}
}

// read reads once. broken says that ctx, or a reader that waits for a pump, has
// broken into it.
func (in *receiveSide) read(ctx context.Context, p []byte, pump bool) (n int, broken bool, err error) {
	in.ctx, in.pump, in.armed = ctx, pump, false
	if in.sock == nil || pump || in.timed {
		err = in.arm()
	}
	switch {
	case err != nil:
	case in.sock != nil:
		n, err = in.sock.Read(p)
	case p == nil:
		n, err = in.c.nc.Read(in.roomToFill())
		in.burst = n >= shortRead
	default:
		n, err = in.c.nc.Read(p)
	}
	if in.armed {
		broken = in.gate.leave()
	}
	if broken {
		in.timed = true
	}
	in.ctx = nil
	return n, broken, err
}

// arm prepares the read under way for a wait: the idle timeout begins, and the
// context may break in. A socket does so only when it is about to block.
func (in *receiveSide) arm() error {
	if in.armed {
		return nil
	}
	if err := in.setPause(time.Duration(in.c.idle.Load())); err != nil {
		return err
	}
	in.armed = in.gate.enter(in.ctx, in.pump)
	if !in.armed {
		return errNotArmed
	}
	return nil
}

// errNotArmed says that there is a reason not to wait: a context has ended, or a
// reader wants the turn of a pump.
var errNotArmed = errors.New("fairlead: called off before it waited")

func whyNot(ctx context.Context) error {
	if ctx.Err() != nil {
		return interrupted(ctx, "read")
	}
	return errAside
}

// setPause sets the read deadline for one more pause of at most idle, or takes
// an old one away.
func (in *receiveSide) setPause(idle time.Duration) error {
	var deadline time.Time
	switch {
	case idle > 0:
		deadline = time.Now().Add(idle)
	case !in.timed:
		return nil
	}
	in.timed = idle > 0
	return in.c.nc.SetReadDeadline(deadline)
}

// lose ends the connection after an error of the socket. EOF is never a clean
// end: only a Close frame is (RFC 6455, section 7.1.5).
func (c *Conn) lose(cause error) error {
	if errors.Is(cause, io.EOF) {
		cause = io.ErrUnexpectedEOF
	}
	c.drop(c.endedBy(!c.out.closeSent(), cause))
	c.in.err = c.Err()
	return c.in.err
}

// breach fails the connection after a breach of the protocol (RFC 6455, section
// 7.1.7).
func (c *Conn) breach(err error) error {
	pe := violation(err)
	c.in.err = pe
	c.noteClose(pe.Code, pe.Text, false)
	c.lastWords(pe.Code)
	c.conclude(pe)
	c.startLinger(true)
	return c.in.err
}

// await waits for bytes when there are none. The verbs call it first, because a
// goroutine that waits here keeps the two KiB of stack that it began with.
func (c *Conn) await(ctx context.Context) error {
	in := &c.in
	if in.r < in.w || in.open || in.sock == nil {
		return nil
	}
	if done := ctx.Done(); done != in.registered {
		in.gate.register(ctx)
		in.registered = done
	}
	in.r, in.w = 0, 0
	n, err := c.receive(ctx, nil, false)
	in.w += n
	return err
}

// fill reads more bytes into the buffer behind those that are there. They are
// fewer than a header, so there is always room.
func (c *Conn) fill(ctx context.Context, pump bool) error {
	in := &c.in
	if in.r > 0 {
		in.w = copy(in.buf, in.buf[in.r:in.w])
		in.r = 0
	}
	n, err := c.receive(ctx, nil, pump)
	in.w += n
	return err
}

// advance goes on to the next frame, unless the current one is unfinished. A
// control frame is taken and judged whole; of a data frame the payload is left.
func (c *Conn) advance(ctx context.Context, pump bool) (ctl protocol.Control, err error) {
	in := &c.in
	if in.err != nil {
		return ctl, in.err
	}
	if !in.open {
		if err := c.nextHeader(ctx, pump); err != nil {
			return ctl, err
		}
	}
	if !in.hdr.Opcode.IsControl() {
		return ctl, nil
	}
	size := int(in.hdr.Length)
	if in.ctl == nil {
		in.ctl = new(controlPayload)
	}
	for in.remaining > 0 {
		if in.r == in.w {
			if err := c.fill(ctx, pump); err != nil {
				return ctl, err
			}
		}
		n := copy(in.ctl[size-int(in.remaining):size], in.buf[in.r:in.w])
		in.r += n
		in.remaining -= int64(n)
	}
	in.open = false
	if ctl, err = in.recv.Control(in.ctl[:size]); err != nil {
		return ctl, c.breach(err)
	}
	c.traceReceived(in.ctl[:size])
	return ctl, nil
}

func (c *Conn) nextHeader(ctx context.Context, pump bool) error {
	in := &c.in
	for {
		h, n, err := frame.ParseHeader(in.buf[in.r:in.w])
		if err == nil && n > 0 {
			if err = in.recv.Header(h); err == nil {
				in.r += n
				in.hdr, in.remaining, in.open = h, h.Length, true
				in.preview = in.preview[:0]
				in.inflating = in.inflater != nil && !h.Opcode.IsControl() && in.recv.Compressed()
				if h.Opcode == frame.Text || h.Opcode == frame.Binary {
					in.typ = MessageType(h.Opcode)
				}
				return nil
			}
		}
		if err != nil {
			return c.breach(err)
		}
		if err := c.fill(ctx, pump); err != nil {
			return err
		}
	}
}

// take moves payload of the current data frame into p, which is not empty. Big
// payloads go straight from the socket into p, small ones through the buffer,
// which may hold the next frames already.
func (c *Conn) take(ctx context.Context, p []byte, pump bool) (int, error) {
	in := &c.in
	if in.inflating {
		return c.takeInflated(ctx, p, pump)
	}
	if int64(len(p)) > in.remaining {
		p = p[:in.remaining]
	}
	var n int
	if in.r == in.w && (len(p) >= bigFrame || in.sock == nil && len(p) >= len(in.buf)) {
		var err error
		if n, err = c.receive(ctx, p, pump); err != nil {
			return 0, err
		}
	} else {
		if in.r == in.w {
			if err := c.fill(ctx, pump); err != nil {
				return 0, err
			}
		}
		n = copy(p, in.buf[in.r:in.w])
		in.r += n
	}
	if err := c.judge(p[:n]); err != nil {
		return 0, err
	}
	return n, nil
}

// whole takes the next message if it lies in the buffer, whole and in one frame. It
// stays there: a caller that hands it out marks the buffer as lent.
func (c *Conn) whole() (p []byte, ok bool) {
	in := &c.in
	if in.open || in.user != verbNone || in.partial != nil || c.trace.FrameReceived != nil {
		return nil, false
	}
	p, n := in.recv.Whole(in.buf[in.r:in.w])
	if n == 0 {
		return nil, false
	}
	in.r += n
	in.typ = MessageType(in.recv.MessageOpcode())
	return p, true
}

// inPlace returns the payload of the current data frame where it lies in the
// buffer, if all of it has come.
func (c *Conn) inPlace() (p []byte, ok bool, err error) {
	in := &c.in
	if in.inflating || in.remaining > int64(in.w-in.r) {
		return nil, false, nil
	}
	end := in.r + int(in.remaining)
	p = in.buf[in.r:end:end]
	in.r, in.lent = end, true
	return p, true, c.judge(p)
}

// judge passes payload that arrived to the state machine.
func (c *Conn) judge(p []byte) error {
	c.in.passed(p)
	if err := c.in.recv.Payload(p); err != nil {
		return c.breach(err)
	}
	return nil
}

// passed notes bytes of the payload as they came, compressed or not.
func (in *receiveSide) passed(p []byte) {
	in.remaining -= int64(len(p))
	if in.c.trace.FrameReceived != nil {
		in.preview = append(in.preview, p[:min(len(p), wstrace.PreviewBytes-len(in.preview))]...)
	}
}

// endFrame ends the current data frame, whose payload has been taken.
func (c *Conn) endFrame() error {
	in := &c.in
	in.open = false
	if err := in.recv.FrameEnd(); err != nil {
		return c.breach(err)
	}
	if in.hdr.Fin {
		in.user, in.stream = verbNone, nil
	}
	c.traceReceived(in.preview)
	return nil
}

func (c *Conn) traceReceived(payload []byte) {
	if c.trace.FrameReceived != nil {
		c.trace.FrameReceived(wstrace.Frame{Header: c.in.hdr, Preview: payload})
	}
}

// growBy is how much room a declared length gets before its bytes come. A
// compressed one is taken for so many times its size.
const (
	growBy       = 64 << 10
	inflateRatio = 4
	inflateRoom  = 512
)

// room makes room in dst for more of the current frame: 64 KiB at first, then as
// much as has arrived, so that nothing is allocated on a peer's word. Where nobody
// knows how much is to come it doubles, because to grow by little copies often.
func (in *receiveSide) room(dst []byte) []byte {
	if len(dst) < cap(dst) {
		return dst
	}
	want := in.remaining
	if in.inflating {
		want = max(inflateRoom, inflateRatio*want)
	}
	want = min(want, int64(max(growBy, len(dst))))
	if in.inflating || !in.hdr.Fin {
		want = max(want, int64(len(dst)))
	}
	return slices.Grow(dst, int(want))
}
