package chilkat

import (
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/frame"
)

// take keeps what is known of a frame and its payload, which it copies. The
// payload of a control frame never mixes with a message: between messages it
// waits beside the data until the next data frame, inside one it is dropped.
func (r *received) take(h frame.Header, payload []byte) {
	r.opcode, r.any = h.Opcode, true
	if h.Opcode.IsControl() {
		if !r.inMessage {
			r.control, r.hasControl = append(r.control[:0], payload...), true
		}
		return
	}
	r.final, r.inMessage = h.Fin, !h.Fin
	r.hasControl = false
	r.data = append(r.data, payload...)
}

// waiting is what GetFrameData gives next.
func (r *received) waiting() []byte {
	if r.hasControl {
		return r.control
	}
	return r.data
}

// clear drops what is waiting.
func (r *received) clear() {
	if r.hasControl {
		r.hasControl = false
		return
	}
	r.data = nil
}

// fetch hands what is waiting to use, and clears it.
func (s *session) fetch(l *lasterr.Log, use func([]byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.received.waiting()
	l.Value("bytes", len(p))
	use(p)
	s.received.clear()
}

// GetFrameData is the data that ReadFrame has gathered since the last GetFrameData,
// as text, and clears it; "" when there is none, nil only when disposed. What is
// not UTF-8 becomes U+FFFD, a character that is not complete yet too: call it
// after FinalFrame.
//
// A control frame that came between messages is given first, by itself, until the
// next data frame is read.
func (ws *WebSocket) GetFrameData() *string {
	return give(ws.base(), "GetFrameData", func(l *lasterr.Log) (text string, _ error) {
		ws.self().current().fetch(l, func(p []byte) { text = frameText(p) })
		return text, nil
	}).text()
}

// GetFrameDataSb appends what GetFrameData would give to sb, and clears it. When
// it fails nothing is cleared.
func (ws *WebSocket) GetFrameDataSb(sb *StringBuilder) bool {
	return ws.base().call("GetFrameDataSb", func(l *lasterr.Log) error {
		if err := checkArgument("sb", "StringBuilder", sb); err != nil {
			return err
		}
		ws.self().current().fetch(l, func(p []byte) { sb.append(frameText(p)) })
		return nil
	}).status()
}

// GetFrameDataBd appends the bytes that ReadFrame has gathered to bd, and clears
// them. When it fails nothing is cleared.
func (ws *WebSocket) GetFrameDataBd(bd *BinData) bool {
	return ws.base().call("GetFrameDataBd", func(l *lasterr.Log) error {
		if err := checkArgument("bd", "BinData", bd); err != nil {
			return err
		}
		ws.self().current().fetch(l, bd.append)
		return nil
	}).status()
}

func frameText(p []byte) string {
	text, _ := decodeText(p, "utf-8") // never fails: every sequence of bytes has a meaning
	return text
}

// PollDataAvailable reports whether ReadFrame has something to begin with: bytes
// that came, or the end of the connection, so that a loop which polls comes to
// its end in ReadFrame. It never waits. true does not promise a whole frame. It is
// false while another call reads, and before the handshake is validated.
func (ws *WebSocket) PollDataAvailable() bool {
	return ws.base().ask("PollDataAvailable", func(*lasterr.Log) (bool, error) {
		conn, err := ws.self().current().open()
		if err != nil {
			return false, err
		}
		return conn.Readable(), nil
	}).answer()
}
