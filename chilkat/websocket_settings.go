package chilkat

import (
	"strconv"

	"github.com/fairlead-ws/fairlead"
)

// settings are the properties that sessions do not change.
type settings struct {
	idleTimeoutMs    setting[int]
	closeAutoRespond setting[bool]
	pingAutoRespond  setting[bool]
	pongAutoConsume  setting[bool]
	uncommon         string
	options          socketOptions
}

// socketOptions is what UncommonOptions asks for.
type socketOptions struct {
	compress     bool
	anyCloseCode bool
	maxMessage   setting[int64]
}

func (s *settings) policy() fairlead.Policy {
	return fairlead.Policy{
		AnswerPing:  s.pingAutoRespond.or(true),
		SwallowPong: s.pongAutoConsume.or(true),
		AnswerClose: s.closeAutoRespond.or(true),
	}
}

// pick gives one setting.
func pick[T any](ws *WebSocket, name string, f func(*settings) T) T {
	return get(ws.base(), name, func() T {
		c := ws.held()
		c.mu.Lock()
		defer c.mu.Unlock()
		return f(&c.settings)
	})
}

// change stores one setting. A ReadFrame that is under way heeds it.
func change(ws *WebSocket, name string, value any, f func(*settings) error) {
	set(ws.base(), name, value, func() error {
		c := ws.held()
		c.mu.Lock()
		defer c.mu.Unlock()
		if err := f(&c.settings); err != nil {
			return err
		}
		if c.session.reader.Load() == c {
			c.session.connection().SetPolicy(c.settings.policy())
		}
		return nil
	})
}

// CloseAutoRespond reports whether ReadFrame answers a Close, if none was sent,
// with a Close of the same code, and closes the connection. The default is true.
// Once Close frames were sent and received the connection is closed either way.
func (ws *WebSocket) CloseAutoRespond() bool {
	return pick(ws, "CloseAutoRespond", func(s *settings) bool { return s.closeAutoRespond.or(true) })
}

// SetCloseAutoRespond turns the automatic answer to a Close on or off.
func (ws *WebSocket) SetCloseAutoRespond(on bool) {
	change(ws, "CloseAutoRespond", on, func(s *settings) error { s.closeAutoRespond.put(on); return nil })
}

// PingAutoRespond reports whether ReadFrame answers each Ping with a Pong and
// does not return it. The default is true.
func (ws *WebSocket) PingAutoRespond() bool {
	return pick(ws, "PingAutoRespond", func(s *settings) bool { return s.pingAutoRespond.or(true) })
}

// SetPingAutoRespond turns the automatic answer to a Ping on or off. When off,
// ReadFrame returns a Ping, NeedSendPong tells of it, and SendPong answers it.
func (ws *WebSocket) SetPingAutoRespond(on bool) {
	change(ws, "PingAutoRespond", on, func(s *settings) error { s.pingAutoRespond.put(on); return nil })
}

// PongAutoConsume reports whether ReadFrame passes over Pong frames; then
// PongConsumed tells of them. The default is true.
func (ws *WebSocket) PongAutoConsume() bool {
	return pick(ws, "PongAutoConsume", func(s *settings) bool { return s.pongAutoConsume.or(true) })
}

// SetPongAutoConsume makes ReadFrame pass over Pong frames, or return them.
func (ws *WebSocket) SetPongAutoConsume(on bool) {
	change(ws, "PongAutoConsume", on, func(s *settings) error { s.pongAutoConsume.put(on); return nil })
}

// IdleTimeoutMs is the longest pause in milliseconds without a byte moved, for
// each call that reads or sends by itself. It begins anew with each call and
// each byte, so it never bounds the whole. The default is 30000; 0 means no
// limit. A read that it ends may be repeated; a send that it ends in the middle
// of a frame drops the connection.
func (ws *WebSocket) IdleTimeoutMs() int {
	return pick(ws, "IdleTimeoutMs", func(s *settings) int { return s.idleTimeoutMs.or(defaultTimeoutMs) })
}

// SetIdleTimeoutMs sets the longest pause, from the next call on. A negative
// number is refused.
func (ws *WebSocket) SetIdleTimeoutMs(ms int) {
	change(ws, "IdleTimeoutMs", ms, func(s *settings) error {
		return putTimeout(&s.idleTimeoutMs, "IdleTimeoutMs", ms)
	})
}

// UncommonOptions is the list of keywords that was set; the default is "".
func (ws *WebSocket) UncommonOptions() string {
	return pick(ws, "UncommonOptions", func(s *settings) string { return s.uncommon })
}

// SetUncommonOptions sets a comma-separated list of keywords:
//
//   - MaxMessageBytes=N is the largest message that is read in the sessions to
//     come, in bytes; 0 means no limit, without the keyword it is 16777216;
//   - AllowAnyCloseCode lets SendClose send status codes that RFC 6455 keeps
//     from the wire;
//   - ProtectFromVpn is accepted and does nothing;
//   - PermessageDeflate makes AddClientHeaders offer compression (RFC 7692). When
//     the server agrees, frames are compressed on the wire, and everything else is
//     as without it: limits and sizes are those of the data itself. It costs about
//     800 KiB for a session, and is not for secrets that are sent together with
//     text which others choose (RFC 7692, section 8).
//
// A keyword that is not known has no effect, and LastErrorText names it.
func (ws *WebSocket) SetUncommonOptions(keywords string) {
	change(ws, "UncommonOptions", keywords, func(s *settings) error {
		var o socketOptions
		err := eachKeyword(keywords, o.use)
		s.uncommon, s.options = keywords, o
		return err
	})
}

// use takes one keyword of UncommonOptions.
func (o *socketOptions) use(name, value string) error {
	switch name {
	case "protectfromvpn":
	case "allowanyclosecode":
		o.anyCloseCode = true
	case "permessagedeflate":
		o.compress = true
	case "maxmessagebytes":
		n, err := strconv.ParseUint(value, 10, 63)
		if err != nil {
			return fail("the value of MaxMessageBytes is not a number of bytes", "Write MaxMessageBytes=N with digits only; 0 means no limit.")
		}
		o.maxMessage.put(int64(n))
	default:
		return errUnknownKeyword
	}
	return nil
}
