package chilkat

import "context"

const defaultHeartbeatMs = 1000

// SetAbortCheck sets a function that is asked every HeartbeatMs while a call
// blocks; true aborts the call. It runs on a goroutine of its own, one question
// at a time, and while it runs the call does not return. Nil asks nobody.
func (s *Socket) SetAbortCheck(check func() bool) {
	if s != nil {
		s.setAbortCheck(s.base(), check)
	}
}

// HeartbeatMs is the time between two questions to the abort check, in
// milliseconds. The default is 1000; 0 means that it is never asked.
func (s *Socket) HeartbeatMs() int {
	return get(s.base(), "HeartbeatMs", func() int { return s.heartbeatMs.or(defaultHeartbeatMs) })
}

// SetHeartbeatMs sets the time between two questions to the abort check; 0
// turns them off. A negative number is refused.
func (s *Socket) SetHeartbeatMs(ms int) {
	if s != nil {
		s.setHeartbeatMs(s.base(), ms)
	}
}

// SetContext makes every call that blocks end with ctx, as if the abort check
// had answered true. Nil, the default, means no context.
func (s *Socket) SetContext(ctx context.Context) {
	if s != nil {
		s.setContext(ctx, s.base())
	}
}
