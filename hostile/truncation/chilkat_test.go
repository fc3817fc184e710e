package truncation_test

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
)

// fetches are the three forms in which data of ReadFrame can be had.
var fetches = []struct {
	name  string
	fetch func(ws *chilkat.WebSocket) (string, bool)
}{
	{"GetFrameData", func(ws *chilkat.WebSocket) (string, bool) {
		p := ws.GetFrameData()
		if p == nil {
			return "", false
		}
		return *p, true
	}},
	{"GetFrameDataSb", func(ws *chilkat.WebSocket) (string, bool) {
		sb := chilkat.NewStringBuilder()
		ok := ws.GetFrameDataSb(sb)
		p := sb.GetAsString()
		return deref(p), ok && p != nil
	}},
	{"GetFrameDataBd", func(ws *chilkat.WebSocket) (string, bool) {
		bd := chilkat.NewBinData()
		ok := ws.GetFrameDataBd(bd)
		return string(bd.GetBinary()), ok
	}},
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// TestChilkat: ReadFrame of package chilkat, plain, over TLS and compressed.
func TestChilkat(t *testing.T) {
	if err := authority().err; err != nil {
		t.Fatal(err)
	}
	for kind, k := range map[string]struct {
		deflated compression
		tls      bool
		ends     int
	}{"plain": {none, false, 2}, "TLS": {one, true, 3}, "compressed": {all, false, 2}} {
		s := newSession(k.deflated, largeSize)
		srv := s.listen(t, k.tls)
		for i, f := range fetches {
			t.Run(kind+"/"+f.name, func(t *testing.T) {
				walk(t, kind, s.offsets(463, 1), func(cut int) error {
					return srv.readFrames(f.fetch, cut, end((cut+i)%k.ends))
				})
			})
		}
	}
}

// readFrames reads a session that is cut with a WebSocket, and judges it.
func (srv *server) readFrames(fetch func(*chilkat.WebSocket) (string, bool), cut int, e end) error {
	s := srv.session
	host, port, err := net.SplitHostPort(srv.addr)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	rest, ws := chilkat.NewRest(), chilkat.NewWebSocket()
	defer rest.DisposeRest()
	defer ws.DisposeWebSocket()
	rest.SetTLSConfig(authority().client)
	if s.deflated != none {
		ws.SetUncommonOptions("PermessageDeflate")
	}
	ws.SetPingAutoRespond(false)
	if !rest.Connect(host, number, srv.tls, false) || !ws.UseConnection(rest) || !ws.AddClientHeaders() {
		return fmt.Errorf("no connection: %w", errors.Join(rest.LastError(), ws.LastError()))
	}
	full := rest.FullRequestNoBody("GET", path(cut, e)) != nil
	cause := rest.LastError()
	if full {
		full = ws.ValidateServerHandshake()
		cause = ws.LastError()
	}
	switch {
	case full && cut < s.head():
		return errors.New("half an answer has opened a session")
	case !full && cut >= s.head() && e != reset:
		return fmt.Errorf("the whole answer opens nothing: %w", cause)
	case !full && !causedBy(e, cause):
		return fmt.Errorf("the dial has failed with %w, want an error for %v", cause, e)
	case !full:
		return nil
	}
	g, err := gather(ws, fetch)
	if err != nil {
		return err
	}
	if err := judgeSocket(ws, g.err, e); err != nil {
		return err
	}
	if e == notify {
		e = eof
	}
	return s.judge(g, cut, e, e == reset)
}

// causedBy is matches for any end.
func causedBy(e end, err error) bool {
	if e == notify {
		e = eof
	}
	return e.matches(err, true)
}

// gather reads frames and fetches what they bring, message by message.
func gather(ws *chilkat.WebSocket, fetch func(*chilkat.WebSocket) (string, bool)) (g got, err error) {
	opcode := frame.Text
	for ws.ReadFrame() {
		op, fin := frame.Opcode(ws.FrameOpcodeInt()), ws.FinalFrame()
		if op == frame.Text || op == frame.Binary {
			opcode = op
		}
		if op.IsControl() || !fin {
			continue
		}
		p, ok := fetch(ws)
		if !ok {
			return g, fmt.Errorf("the data of a frame is not to be had: %w", ws.LastError())
		}
		g.messages = append(g.messages, message{text: opcode == frame.Text, data: p})
	}
	g.err = ws.LastError()
	return g, nil
}

// judgeSocket demands what must hold of a WebSocket whose stream has ended.
func judgeSocket(ws *chilkat.WebSocket, err error, e end) error {
	const lost = 3 // ReadFrameFailReason
	switch {
	case ws.ReadFrameFailReason() != lost:
		return fmt.Errorf("ReadFrameFailReason is %d after %w", ws.ReadFrameFailReason(), err)
	case ws.IsConnected():
		return errors.New("IsConnected is true")
	case !errors.Is(err, net.ErrClosed):
		return fmt.Errorf("error %w does not match net.ErrClosed", err)
	case ws.CloseReceived() && (ws.CloseStatusCode() != 1000 || ws.CloseReason() != reason):
		return fmt.Errorf("the Close has the code %d and the reason %q", ws.CloseStatusCode(), ws.CloseReason())
	case ws.CloseReceived() != isClosed(err) && e != reset:
		return fmt.Errorf("CloseReceived is %t after %w", ws.CloseReceived(), err)
	case ws.ReadFrame():
		return errors.New("ReadFrame succeeds after it failed")
	case ws.SendFrame("late", true):
		return errors.New("SendFrame succeeds on a lost connection")
	}
	return nil
}
