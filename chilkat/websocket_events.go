package chilkat

import "context"

// SetAbortCheck sets a function that is asked every HeartbeatMs while a call
// blocks; true aborts the call. It runs on a goroutine of its own, one question
// at a time, and while it runs the call does not return. Nil asks nobody.
func (ws *WebSocket) SetAbortCheck(check func() bool) {
	if ws != nil {
		ws.setAbortCheck(ws.base(), check)
	}
}

// HeartbeatMs is the time between two questions to the abort check, in
// milliseconds. The default is 0: it is never asked.
func (ws *WebSocket) HeartbeatMs() int {
	return get(ws.base(), "HeartbeatMs", func() int { return ws.heartbeatMs.value })
}

// SetHeartbeatMs sets the time between two questions to the abort check; 0
// turns them off. A negative number is refused.
func (ws *WebSocket) SetHeartbeatMs(ms int) {
	if ws != nil {
		ws.setHeartbeatMs(ws.base(), ms)
	}
}

// SetContext makes every call that blocks end with ctx, as if the abort check
// had answered true. Nil, the default, means no context.
func (ws *WebSocket) SetContext(ctx context.Context) {
	if ws != nil {
		ws.setContext(ctx, ws.base())
	}
}
