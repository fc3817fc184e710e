package chilkat

import (
	"strings"
	"time"
)

// meterOf gives a property of the connection's meter, the zero value before one.
func meterOf[T any](s *Socket, name string, f func(*meter) T) T {
	return get(s.base(), name, func() (v T) {
		if s.wire == nil {
			return v
		}
		m := &s.wire.meter
		m.mu.Lock()
		defer m.mu.Unlock()
		return f(m)
	})
}

// ReceivedCount is how many bytes the connection has brought, those inside TLS.
// It begins at 0 with each connection.
func (s *Socket) ReceivedCount() int {
	return meterOf(s, "ReceivedCount", func(m *meter) int { return m.total })
}

// RcvBytesPerSec is how many bytes the connection has brought per second, in the
// mean of the last five seconds.
func (s *Socket) RcvBytesPerSec() int {
	return meterOf(s, "RcvBytesPerSec", func(m *meter) int { return m.in.perSecond(time.Now()) })
}

// SendBytesPerSec is how many bytes the connection has taken per second, in the
// mean of the last five seconds.
func (s *Socket) SendBytesPerSec() int {
	return meterOf(s, "SendBytesPerSec", func(m *meter) int { return m.out.perSecond(time.Now()) })
}

// SessionLog is what the connection has carried while KeepSessionLog was true:
// a line for each piece that was "sent" or "received", 1 MiB at most. It begins
// anew with each connection.
//
// The log has the bytes inside TLS as they are, so it has what the program itself
// sends: header fields with credentials, cookies, messages. What is said to a
// proxy or an SSH server on the way is not in it.
func (s *Socket) SessionLog() string {
	return meterOf(s, "SessionLog", func(m *meter) string { return m.log.String() })
}

// KeepSessionLog reports whether SessionLog grows; the default is false.
func (s *Socket) KeepSessionLog() bool {
	return get(s.base(), "KeepSessionLog", func() bool { return s.live.keepLog.Load() })
}

// SetKeepSessionLog makes SessionLog grow from now on, or stops it.
func (s *Socket) SetKeepSessionLog(keep bool) {
	set(s.base(), "KeepSessionLog", keep, func() error { s.live.keepLog.Store(keep); return nil })
}

// SessionLogEncoding is how SessionLog shows bytes: "esc", the default, has
// escape sequences for what is not printable ASCII, "hex" has two digits for each
// byte.
func (s *Socket) SessionLogEncoding() string {
	return get(s.base(), "SessionLogEncoding", func() string {
		if s.live.hexLog.Load() {
			return "hex"
		}
		return "esc"
	})
}

// SetSessionLogEncoding sets how SessionLog shows the bytes to come: "esc" or
// "hex".
func (s *Socket) SetSessionLogEncoding(encoding string) {
	set(s.base(), "SessionLogEncoding", encoding, func() error {
		switch strings.ToLower(encoding) {
		case "esc":
			s.live.hexLog.Store(false)
		case "hex":
			s.live.hexLog.Store(true)
		default:
			return fail("SessionLogEncoding is neither esc nor hex", `Set it to "esc" or to "hex".`)
		}
		return nil
	})
}
