package chilkat

import (
	"sync"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// WebSocket is a WebSocket session, frame by frame. It rides on the connection
// of a [Rest]: UseConnection takes it, AddClientHeaders prepares the opening
// request, which the Rest sends, and ValidateServerHandshake judges the answer.
// From then on SendFrame and ReadFrame carry data, and GetFrameData gives what
// ReadFrame has gathered. SendClose begins the end, and ReadFrame reads the
// server's Close.
//
// One goroutine may read while others send. A read that ends by a timeout or an
// abort loses nothing: the next one goes on.
//
// A message of more than 16 MiB, after all its frames, ends the session; see
// UncommonOptions. Data that nobody fetches with GetFrameData is gathered up to
// twice that, then ReadFrame fails until it is fetched.
//
// The zero value is ready.
type WebSocket struct {
	object
	events

	// Guarded by object.mu.
	core     *core
	borrowed bool // core is another object's, see LoadTaskCaller
}

// core is what makes an object the one it is: its settings and its session.
// LoadTaskCaller lets two objects have the same core, so it has a lock of its
// own. Locks are taken in the order object.mu, core.mu, session.mu.
type core struct {
	mu       sync.Mutex
	settings settings
	session  *session // never nil
}

// NewWebSocket makes a WebSocket without a session.
func NewWebSocket() *WebSocket { return &WebSocket{} }

// DisposeWebSocket ends the object's life. It drops the connection, without a
// Close frame, unless an object that got it by ShareConnection still has it. It
// may be called twice.
func (ws *WebSocket) DisposeWebSocket() {
	ws.base().dispose("DisposeWebSocket", ws.leave)
}

// leave lets go of the session, unless it is only borrowed.
func (ws *WebSocket) leave() {
	c := ws.self()
	ws.mu.Lock()
	borrowed := ws.borrowed
	ws.mu.Unlock()
	if !borrowed {
		c.join(newSession(nil))
	}
}

// self is the core of ws, which is not nil.
func (ws *WebSocket) self() *core {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.held()
}

// held is self for who holds ws.mu.
func (ws *WebSocket) held() *core {
	if ws.core == nil {
		ws.core = &core{session: newSession(nil)}
	}
	return ws.core
}

// current is the session of c.
func (c *core) current() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// join makes s the session of c, and lets the one before go.
func (c *core) join(s *session) {
	s.retain()
	c.mu.Lock()
	old := c.session
	c.session = s
	c.mu.Unlock()
	old.release()
}

// UseConnection begins a session on the connection of rest, which must be open.
// Everything of a session before is forgotten and its connection dropped;
// settings stay. Until ValidateServerHandshake has succeeded nothing can be sent
// or read, and the connection still belongs to rest.
func (ws *WebSocket) UseConnection(rest *Rest) bool {
	return ws.base().call("UseConnection", func(*lasterr.Log) error {
		if err := checkArgument("rest", "Rest", rest); err != nil {
			return err
		}
		if rest.current() == nil {
			return errNotConnected
		}
		ws.self().join(newSession(rest))
		return nil
	}).status()
}

// ShareConnection makes ws a second object on the connection of other, with its
// own log and settings: one may read while the other sends. What was gathered,
// and all that is known of the last frame and of the Close, is common to both.
// It fails when other has no connection. It is not part of the reference of this
// version.
func (ws *WebSocket) ShareConnection(other *WebSocket) bool {
	return ws.base().call("ShareConnection", func(*lasterr.Log) error {
		if err := checkArgument("other", "WebSocket", other); err != nil {
			return err
		}
		mine, theirs := ws.self(), other.self()
		if mine == theirs {
			return fail("the argument other is this object itself", "Pass the object whose connection is to be shared.")
		}
		s := theirs.current()
		if !s.bound() {
			return fail("the argument other has no connection", "Call UseConnection of other first.")
		}
		mine.join(s)
		return nil
	}).status()
}

// LoadTaskCaller makes ws the object whose Async method made the task: the same
// connection, the same state, the same settings. It is meant for the function of
// Task.SetTaskCompleted. It fails for a task that no WebSocket made. Disposing ws
// leaves the connection alone.
func (ws *WebSocket) LoadTaskCaller(task *Task) bool {
	return ws.base().call("LoadTaskCaller", func(*lasterr.Log) error {
		if err := checkArgument("task", "Task", task); err != nil {
			return err
		}
		caller, ok := task.caller().(*WebSocket)
		if !ok {
			return fail("the task was not made by a WebSocket", "Pass a task that an Async method of a WebSocket has made.")
		}
		if caller == ws {
			return nil
		}
		c := caller.self()
		ws.leave()
		ws.mu.Lock()
		defer ws.mu.Unlock()
		ws.core, ws.borrowed = c, true
		return nil
	}).status()
}

// Conn is the connection beneath, for what this class cannot do; nil before
// ValidateServerHandshake has succeeded. Messages that are read or written there
// are not seen here. It is not part of the reference.
func (ws *WebSocket) Conn() *fairlead.Conn {
	return get(ws.base(), "Conn", func() *fairlead.Conn { return ws.held().current().connection() })
}
