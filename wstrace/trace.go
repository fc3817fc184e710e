// Package wstrace watches what a WebSocket client does: one seam through which
// logs, dumps, metrics and last-error texts learn of every step.
//
// Start with [Dump], which writes each event as one line for a person to read,
// and [WithTrace], which makes everything done under a context report to it:
//
//	ctx = wstrace.WithTrace(ctx, wstrace.Dump(os.Stderr))
//
// A program that wants single events fills in the hooks of a [Trace] itself.
//
// Events carry no credentials. A [Head] masks them when it is made, so there is
// no event from which a hook could log a password, a cookie or a query value.
// Payload previews are the application's own data and are not masked.
package wstrace

import "context"

// Trace is a set of hooks; any of them may be nil. Each Start is followed by
// exactly one Done, which has the time between the two and the error, if any.
//
// A hook runs on the goroutine that does the work and delays it until it
// returns. Hooks may be called from several goroutines at once: frames are sent
// and received independently, and addresses of one host may be tried in
// parallel. A hook must not call back into the connection that it watches.
type Trace struct {
	// ResolveStart and ResolveDone enclose the lookup of a host name. Neither
	// is called for an address that is a literal IP address.
	ResolveStart func(ResolveStart)
	ResolveDone  func(ResolveDone)

	// ConnectStart and ConnectDone enclose each attempt to connect to one
	// address. There are several when a host has several addresses, and they
	// may overlap (RFC 8305).
	ConnectStart func(ConnectStart)
	ConnectDone  func(ConnectDone)

	// HopStart and HopDone enclose what it takes to get through one hop on the
	// way: the dialogue with a proxy, or the whole SSH connection. The steps
	// that lead to the hop (lookup, connect, TLS) lie inside, and so do those of
	// the hops before it.
	HopStart func(HopStart)
	HopDone  func(HopDone)

	// TLSStart and TLSDone enclose a TLS handshake, with the server or with a
	// proxy on the way to it.
	TLSStart func(TLSStart)
	TLSDone  func(TLSDone)

	// RequestStart and RequestDone enclose the sending of the opening request.
	RequestStart func(RequestStart)
	RequestDone  func(RequestDone)

	// ResponseStart and ResponseDone enclose the wait for the response head
	// and the reading of it.
	ResponseStart func(ResponseStart)
	ResponseDone  func(ResponseDone)

	// FrameReceived is called when a frame has come whole and was found legal.
	FrameReceived func(Frame)
	// FrameSent is called just before a frame goes to the kernel, so that no
	// answer is seen before its question.
	FrameSent func(Frame)

	// CloseStart and CloseDone enclose the closing handshake (RFC 6455
	// section 7), or report the end of a connection that had none.
	CloseStart func(CloseStart)
	CloseDone  func(CloseDone)
}

type contextKey struct{}

// WithTrace returns a context under which events go to trace and, after it, to
// the trace that ctx carries already. A nil trace leaves ctx as it is, a nil
// ctx counts as [context.Background]. The hooks are copied: assigning to trace
// later changes nothing.
func WithTrace(ctx context.Context, trace *Trace) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if trace == nil {
		return ctx
	}
	return context.WithValue(ctx, contextKey{}, Join(trace, FromContext(ctx)))
}

// FromContext returns the trace that ctx carries, or an empty one. It never
// returns nil. The result is shared and must not be changed.
func FromContext(ctx context.Context) *Trace {
	if ctx != nil {
		if trace, ok := ctx.Value(contextKey{}).(*Trace); ok {
			return trace
		}
	}
	return &nothing
}

var nothing Trace // nobody changes it

// Join returns a new trace that passes each event to all traces, in their
// order. Nil entries are ignored.
func Join(traces ...*Trace) *Trace {
	var all Trace
	for _, t := range traces {
		if t == nil {
			continue
		}
		all.ResolveStart = join(all.ResolveStart, t.ResolveStart)
		all.ResolveDone = join(all.ResolveDone, t.ResolveDone)
		all.ConnectStart = join(all.ConnectStart, t.ConnectStart)
		all.ConnectDone = join(all.ConnectDone, t.ConnectDone)
		all.HopStart = join(all.HopStart, t.HopStart)
		all.HopDone = join(all.HopDone, t.HopDone)
		all.TLSStart = join(all.TLSStart, t.TLSStart)
		all.TLSDone = join(all.TLSDone, t.TLSDone)
		all.RequestStart = join(all.RequestStart, t.RequestStart)
		all.RequestDone = join(all.RequestDone, t.RequestDone)
		all.ResponseStart = join(all.ResponseStart, t.ResponseStart)
		all.ResponseDone = join(all.ResponseDone, t.ResponseDone)
		all.FrameReceived = join(all.FrameReceived, t.FrameReceived)
		all.FrameSent = join(all.FrameSent, t.FrameSent)
		all.CloseStart = join(all.CloseStart, t.CloseStart)
		all.CloseDone = join(all.CloseDone, t.CloseDone)
	}
	return &all
}

func join[E any](first, second func(E)) func(E) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(e E) {
		first(e)
		second(e)
	}
}

// Call passes e to hook unless hook is nil.
func Call[E any](hook func(E), e E) {
	if hook != nil {
		hook(e)
	}
}
