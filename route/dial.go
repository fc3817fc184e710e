package route

import (
	"context"
	"net"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// dial is [net.Dialer.DialContext] with this package's errors and hooks.
func dial(ctx context.Context, dialer *net.Dialer, network, addr string) (net.Conn, error) {
	if ctx == nil {
		return nil, &Error{Phase: PhaseConnect, Addr: addr, Err: errNilContext}
	}
	watch := watcher{trace: wstrace.FromContext(ctx)}
	conn, err := dialer.DialContext(watch.attach(ctx), network, addr)
	watch.finish(conn)
	if err != nil {
		err = withContext(ctx, err)
		return nil, &Error{Phase: phaseOf(err), Addr: addr, Err: err}
	}
	return conn, nil
}

// watcher turns the events of net.Dialer, which are known to httptrace only,
// into those of wstrace. It calls one hook at a time and each Done before dial
// returns: net.Dialer reports the attempts that lost the race later or never.
type watcher struct {
	trace *wstrace.Trace

	mu       sync.Mutex
	finished bool
	host     string
	resolve  time.Time
	attempts []attempt
}

type attempt struct {
	wstrace.ConnectDone
	start time.Time
	open  bool // connected, not reported yet: which one is used is known at the end
}

func (w *watcher) attach(ctx context.Context) context.Context {
	t := w.trace
	if t.ResolveStart == nil && t.ResolveDone == nil && t.ConnectStart == nil && t.ConnectDone == nil {
		return ctx
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:     w.resolveStart,
		DNSDone:      w.resolveDone,
		ConnectStart: w.connectStart,
		ConnectDone:  w.connectDone,
	})
}

func (w *watcher) resolveStart(e httptrace.DNSStartInfo) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.host, w.resolve = e.Host, time.Now()
	wstrace.Call(w.trace.ResolveStart, wstrace.ResolveStart{Host: e.Host})
}

func (w *watcher) resolveDone(e httptrace.DNSDoneInfo) {
	w.mu.Lock()
	defer w.mu.Unlock()
	done := wstrace.ResolveDone{Host: w.host, Duration: time.Since(w.resolve), Err: e.Err}
	for _, addr := range e.Addrs {
		done.Addrs = append(done.Addrs, addr.String())
	}
	wstrace.Call(w.trace.ResolveDone, done)
}

func (w *watcher) connectStart(network, addr string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.finished {
		return
	}
	w.attempts = append(w.attempts, attempt{
		ConnectDone: wstrace.ConnectDone{Network: network, Addr: addr},
		start:       time.Now(),
	})
	wstrace.Call(w.trace.ConnectStart, wstrace.ConnectStart{Network: network, Addr: addr})
}

func (w *watcher) connectDone(network, addr string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.finished {
		return
	}
	for i := range w.attempts {
		a := &w.attempts[i]
		if a.open || a.Network != network || a.Addr != addr {
			continue
		}
		a.Duration = time.Since(a.start)
		if err == nil {
			a.open = true
			return
		}
		done := a.ConnectDone
		done.Err = err
		w.attempts = append(w.attempts[:i], w.attempts[i+1:]...)
		wstrace.Call(w.trace.ConnectDone, done)
		return
	}
}

// finish reports the attempts that are left: conn's, if there is one, and those
// that it overtook.
func (w *watcher) finish(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finished = true
	for _, a := range w.attempts {
		if !a.open {
			a.Duration = time.Since(a.start)
		}
		if conn != nil && a.open && conn.RemoteAddr().String() == a.Addr {
			a.LocalAddr = conn.LocalAddr().String()
			conn = nil
		} else {
			a.Err = context.Canceled
		}
		wstrace.Call(w.trace.ConnectDone, a.ConnectDone)
	}
}
