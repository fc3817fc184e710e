package chilkat

import (
	"sync"
	"sync/atomic"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/frame"
)

// session is one use of one connection. Objects that share a connection share
// the session.
type session struct {
	rest *Rest // nil for the session that every object begins with

	// readBusy is held by the one ReadFrame under way.
	readBusy sync.Mutex
	// reader is whose ReadFrame is under way.
	reader atomic.Pointer[core]
	// reading and sending are the logs of the calls under way, for the trace.
	reading, sending atomic.Pointer[lasterr.Log]
	sendTurn         chan struct{} // capacity 1
	outgoing         outgoing

	mu       sync.Mutex
	conn     *fairlead.Conn // once the handshake is validated
	owners   int
	received received
}

// received is what ReadFrame has left.
type received struct {
	data       []byte // payload of data frames
	control    []byte // payload of a control frame that came between messages
	hasControl bool   // and GetFrameData gives it
	opcode     frame.Opcode
	any        bool // a frame was returned
	final      bool // FIN of the last data frame
	inMessage  bool // data frames are to follow
	pongs      bool
	failReason int
}

func newSession(rest *Rest) *session {
	return &session{rest: rest, sendTurn: make(chan struct{}, 1)}
}

func (s *session) retain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owners++
}

// release drops the connection when the last owner goes.
func (s *session) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owners--
	if s.owners <= 0 && s.conn != nil {
		_ = s.conn.CloseNow() // it may have ended long ago
	}
}

// bound reports whether UseConnection began the session.
func (s *session) bound() bool { return s.rest != nil }

// connection is nil until the handshake is validated.
func (s *session) connection() *fairlead.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

// open is the connection of a session whose handshake was validated.
func (s *session) open() (*fairlead.Conn, error) {
	conn := s.connection()
	switch {
	case conn != nil:
		return conn, nil
	case s.bound():
		return nil, errNotValidated
	default:
		return nil, errNoSession
	}
}

var (
	errNoSession    = fail("there is no WebSocket connection", "Call Connect of a Rest, then UseConnection, and go through the opening handshake.")
	errNotValidated = fail("the opening handshake was not validated", "Call ValidateServerHandshake after the Rest has sent the opening request.")
)
