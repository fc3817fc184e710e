package chilkat

import "context"

// SetAbortCheck sets a function that is asked every HeartbeatMs while a call
// blocks; true aborts the call. It runs on a goroutine of its own, one question
// at a time, and while it runs the call does not return. Nil asks nobody.
func (r *Rest) SetAbortCheck(check func() bool) {
	if r != nil {
		r.setAbortCheck(r.base(), check)
	}
}

// HeartbeatMs is the time between two questions to the abort check, in
// milliseconds. The default is 0: it is never asked.
func (r *Rest) HeartbeatMs() int {
	return get(r.base(), "HeartbeatMs", func() int { return r.heartbeatMs.value })
}

// SetHeartbeatMs sets the time between two questions to the abort check; 0
// turns them off. A negative number is refused.
func (r *Rest) SetHeartbeatMs(ms int) {
	if r != nil {
		r.setHeartbeatMs(r.base(), ms)
	}
}

// SetContext makes every call that blocks end with ctx, as if the abort check
// had answered true. Nil, the default, means no context.
func (r *Rest) SetContext(ctx context.Context) {
	if r != nil {
		r.setContext(ctx, r.base())
	}
}
