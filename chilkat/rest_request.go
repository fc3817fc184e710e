package chilkat

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// exchange is the last request and what came of it.
type exchange struct {
	request  *http1.Request
	response *http1.Response
}

// SendReqNoBody sends a request without a body. verb is the method, as "GET";
// path begins with "/" and may have a query. ReadResponseHeader comes next. The
// body of the response before is skipped if nobody has read it.
//
// Nothing is sent when an argument is wrong.
func (r *Rest) SendReqNoBody(verb, path string) bool {
	return r.sendReqNoBody(context.Background(), verb, path).status()
}

// SendReqNoBodyAsync makes a task that calls SendReqNoBody.
func (r *Rest) SendReqNoBodyAsync(verb, path string) *Task {
	return newTask(r, "SendReqNoBody", func(ctx context.Context) result {
		return r.sendReqNoBody(ctx, verb, path)
	})
}

func (r *Rest) sendReqNoBody(ctx context.Context, verb, path string) result {
	return r.base().call("SendReqNoBody", func(l *lasterr.Log) error {
		return r.during(ctx, l, func(ctx context.Context) error { return r.send(ctx, l, verb, path) })
	})
}

// during runs the work of a call that uses the connection, with a context that
// ends when the call is aborted.
func (r *Rest) during(ctx context.Context, l *lasterr.Log, work func(ctx context.Context) error) error {
	if err := r.reserve(); err != nil {
		return err
	}
	defer r.working.Unlock()
	r.mu.Lock()
	e := r.events
	r.mu.Unlock()
	ctx, stop := e.open(ctx, l)
	defer stop()
	return work(ctx)
}

func (r *Rest) idleTimeout() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return milliseconds(r.idleTimeoutMs.or(defaultTimeoutMs))
}

func (r *Rest) send(ctx context.Context, l *lasterr.Log, verb, path string) error {
	r.mu.Lock()
	requestTarget, err := r.head.makeTarget(path)
	r.mu.Unlock()
	switch {
	case !http1.ValidFieldName(verb):
		return fail("the argument verb is not an HTTP method", `Pass "GET" to open a WebSocket.`)
	case err != nil:
		return err
	}
	k, err := r.ready(ctx, l)
	if err != nil {
		return err
	}
	r.mu.Lock()
	fields := r.head.all(k.target, verb)
	r.mu.Unlock()
	req := &http1.Request{Method: verb, Target: requestTarget, Major: 1, Minor: 1, Fields: fields}
	if err := r.authorize(ctx, req, k.target); err != nil {
		return err
	}
	b, err := http1.AppendRequest(nil, req.Method, req.Target, req.Fields)
	if err != nil {
		return failFor(err, "the request cannot be sent as it is", "Change the part that is named.")
	}
	r.mu.Lock()
	r.exchange = exchange{request: req}
	r.mu.Unlock()

	trace := wstrace.FromContext(ctx)
	wstrace.Call(trace.RequestStart, wstrace.RequestStart{Head: requestHeadOf(req)})
	begin := time.Now()
	n, err := k.write(ctx, r.idleTimeout(), b)
	wstrace.Call(trace.RequestDone, wstrace.RequestDone{Bytes: n, Duration: time.Since(begin), Err: err})
	if err != nil {
		return sendFailure(ctx, err)
	}
	k.phase, k.used = phaseSent, true
	return nil
}

func sendFailure(ctx context.Context, cause error) error {
	const again = "The connection was closed; call Connect again."
	switch err := aborted(ctx, again); {
	case err != nil:
		return err
	case errors.Is(cause, os.ErrDeadlineExceeded):
		return failFor(cause, "the server took no byte of the request within IdleTimeoutMs", again)
	default:
		return failFor(cause, "the connection was lost while the request was sent", again)
	}
}

// ready is the connection for the next request. It opens it again where Connect
// was told to.
func (r *Rest) ready(ctx context.Context, l *lasterr.Log) (*link, error) {
	r.mu.Lock()
	k, t := r.link, r.target
	r.mu.Unlock()
	if k != nil && k.phase == phaseHead && !k.ended() {
		if err := r.skipBody(ctx, k); err != nil {
			return nil, err
		}
	}
	switch {
	case k == nil || k.gone():
		if !t.autoReconnect {
			return nil, errNotConnected
		}
		l.Say("The connection is gone: opening it again.")
		return r.dial(ctx, t)
	case k.phase == phaseSent:
		return nil, fail("the response to the request before was not read", "Call ReadResponseHeader first, or Connect to begin anew.")
	case k.phase == phaseSwitched:
		return nil, fail("the server has switched this connection to another protocol", "Call ValidateServerHandshake of the WebSocket, or Connect to begin anew.")
	}
	return k, nil
}

// LastRequestStartLine is the request line of the last request as it was sent,
// "" before the first.
func (r *Rest) LastRequestStartLine() string {
	return get(r.base(), "LastRequestStartLine", func() string {
		if r.exchange.request == nil {
			return ""
		}
		return r.exchange.request.Method + " " + r.exchange.request.Target + " HTTP/1.1"
	})
}

// LastRequestHeader is the header of the last request as it was sent, without
// the request line, credentials included; "" before the first request.
func (r *Rest) LastRequestHeader() string {
	return get(r.base(), "LastRequestHeader", func() string {
		if r.exchange.request == nil {
			return ""
		}
		return headerLines(r.exchange.request.Fields)
	})
}

func headerLines(fields []http1.Field) string {
	var b []byte
	for _, f := range fields {
		b = append(b, f.Name+": "+f.Value+"\r\n"...)
	}
	return string(b)
}

// requestHeadOf is what logs may see of a request.
func requestHeadOf(req *http1.Request) wstrace.Head {
	return wstrace.NewRequestHead(req.Method, req.Target, traceFields(req.Fields)...)
}

func traceFields(fields []http1.Field) []wstrace.Field {
	list := make([]wstrace.Field, len(fields))
	for i, f := range fields {
		list[i] = wstrace.Field(f)
	}
	return list
}
