package chilkat

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// ReadResponseHeader reads the head of the response to SendReqNoBody and returns
// its status code, -1 on failure. Interim responses are passed over, 101 is not
// one of them. After a timeout or an abort nothing is lost: calling again goes
// on.
func (r *Rest) ReadResponseHeader() int {
	return r.readResponseHeader(context.Background()).integer()
}

// ReadResponseHeaderAsync makes a task that calls ReadResponseHeader.
func (r *Rest) ReadResponseHeaderAsync() *Task {
	return newTask(r, "ReadResponseHeader", r.readResponseHeader)
}

func (r *Rest) readResponseHeader(ctx context.Context) result {
	return give(r.base(), "ReadResponseHeader", func(l *lasterr.Log) (status int, err error) {
		err = r.during(ctx, l, func(ctx context.Context) error {
			status, err = r.readHead(ctx)
			return err
		})
		return status, err
	})
}

// readHead reads the head of the response and returns its status code.
func (r *Rest) readHead(ctx context.Context) (int, error) {
	k := r.current()
	if k == nil {
		return 0, errNotConnected
	}
	if k.phase != phaseSent {
		return 0, fail("no request waits for its response", "Call SendReqNoBody first.")
	}
	trace := wstrace.FromContext(ctx)
	wstrace.Call(trace.ResponseStart, wstrace.ResponseStart{})
	begin := time.Now()
	done := k.reading(ctx, r.idleTimeout())
	resp, err := k.reader.ReadResponse()
	done()
	event := wstrace.ResponseDone{Duration: time.Since(begin), Err: err}
	if err == nil {
		event.Status, event.Head = resp.Status, wstrace.NewResponseHead(statusLine(resp), traceFields(resp.Fields)...)
	}
	wstrace.Call(trace.ResponseDone, event)
	if err != nil {
		return 0, r.readFailure(ctx, k, err, "ReadResponseHeader")
	}
	k.phase = phaseHead
	if resp.Status == 101 {
		k.phase = phaseSwitched
	}
	r.mu.Lock()
	r.exchange.response = resp
	r.mu.Unlock()
	return resp.Status, nil
}

// readFailure is the error of a read, and closes the connection unless the call
// may be made again.
func (r *Rest) readFailure(ctx context.Context, k *link, cause error, again string) error {
	if err := aborted(ctx, "Nothing is lost: "+again+" goes on with the response."); err != nil {
		return err
	}
	if errors.Is(cause, os.ErrDeadlineExceeded) {
		return failFor(cause, "no byte of the response came within IdleTimeoutMs", "Call "+again+" to go on waiting, or raise IdleTimeoutMs, or MaxReadIdleMs of the Socket.")
	}
	k.hangUp()
	if remoteAlert(cause) != "" {
		// With TLS 1.3 a server judges the client's certificate when the
		// handshake is over for the client.
		reason := tlsReason(cause)
		r.setFailReason(reason)
		return failFor(cause, connectAdvice[reason][0], connectAdvice[reason][1])
	}
	if e, ok := errors.AsType[*http1.Error](cause); ok && e.Err == nil {
		cause = &fairlead.HandshakeError{Phase: fairlead.PhaseResponse, Err: cause}
		return failFor(cause, "the response could not be read", "Check that the port speaks HTTP, and with tls as Connect was told; the connection was closed.")
	}
	return failFor(cause, "the connection was lost before the end of the response", "Call Connect again.")
}

// maxBody is the largest body of a response that is read.
const maxBody = 16 << 20

// maxSkipped is the largest body that is read only to reach the next response.
const maxSkipped = 64 << 10

// readBody reads the body of the response whose head was read last. After a 101
// it is empty.
func (r *Rest) readBody(ctx context.Context, _ *lasterr.Log) ([]byte, error) {
	k := r.current()
	switch {
	case k == nil:
		return nil, errNotConnected
	case k.phase == phaseSwitched:
		return nil, nil
	case k.phase != phaseHead:
		return nil, fail("there is no response whose body could be read", "Call SendReqNoBody and ReadResponseHeader first; a body is read once.")
	}
	body, truncated, err := r.takeBody(ctx, k, maxBody)
	switch {
	case err != nil:
		return nil, r.readFailure(ctx, k, err, "ReadRespBodyString")
	case truncated:
		return nil, fail("the body of the response is larger than 16 MiB", "Ask for a smaller part; the connection was closed.")
	}
	return body, nil
}

// skipBody reads a body that nobody has asked for. Where it is long, the
// connection is closed.
func (r *Rest) skipBody(ctx context.Context, k *link) error {
	if _, _, err := r.takeBody(ctx, k, maxSkipped); err != nil {
		return r.readFailure(ctx, k, err, "ReadRespBodyString")
	}
	return nil
}

func (r *Rest) takeBody(ctx context.Context, k *link, most int64) (body []byte, truncated bool, err error) {
	r.mu.Lock()
	x := r.exchange
	r.mu.Unlock()
	done := k.reading(ctx, r.idleTimeout())
	body, truncated, err = k.reader.ReadBody(x.request.Method, x.response, most)
	done()
	if err != nil {
		return nil, false, err
	}
	k.phase = phaseIdle
	// RFC 9112 section 9.3. Bytes behind the body belong to no request.
	closing := http1.HasToken(x.response.Values("Connection"), "close") || x.response.Minor == 0
	if closing || truncated || len(k.reader.Buffered()) > 0 {
		k.hangUp()
	}
	return body, truncated, nil
}

func statusLine(resp *http1.Response) string {
	return fmt.Sprintf("HTTP/%d.%d %d %s", resp.Major, resp.Minor, resp.Status, resp.Reason)
}
