package probe

import (
	"fmt"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// maxEntries bounds frames and log: a server may send without end.
const maxEntries = 500

// watcher fills in what the trace sees.
type watcher struct {
	begin time.Time

	mu     sync.Mutex
	report *Report
	depth  int
}

func (w *watcher) now() time.Duration { return time.Since(w.begin) }

// start begins a step; key finds it again.
func (w *watcher) start(name, key, detail string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.report.Steps = append(w.report.Steps, Step{Name: name, Detail: wstrace.Escape(detail), Start: w.now(), depth: w.depth, key: key})
	if name == "hop" {
		w.depth++
	}
	w.log("%s %s: begins", name, detail)
}

// done ends the last step with that name and key.
func (w *watcher) done(name, key, detail string, took time.Duration, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if name == "hop" {
		w.depth--
	}
	for i := len(w.report.Steps) - 1; i >= 0; i-- {
		s := &w.report.Steps[i]
		if s.Name != name || s.key != key || s.done {
			continue
		}
		s.done, s.Took = true, took
		if detail != "" {
			s.Detail = wstrace.Escape(detail)
		}
		if err != nil {
			s.Error = wstrace.Escape(err.Error())
			w.log("%s %s: failed after %v: %v", name, s.Detail, round(took), err)
		} else {
			w.log("%s %s: done in %v", name, s.Detail, round(took))
		}
		return
	}
}

// log needs the lock.
func (w *watcher) log(format string, args ...any) {
	if len(w.report.Log) < maxEntries {
		w.report.Log = append(w.report.Log, Entry{w.now(), wstrace.Escape(fmt.Sprintf(format, args...))})
	}
}

// measure makes a step of what f does.
func (w *watcher) measure(name, detail string, f func() error) error {
	w.start(name, "", detail)
	begin := time.Now()
	err := f()
	w.done(name, "", "", time.Since(begin), err)
	return err
}

func (w *watcher) trace() *wstrace.Trace {
	return &wstrace.Trace{
		ResolveStart: func(e wstrace.ResolveStart) { w.start("dns", e.Host, e.Host) },
		ResolveDone: func(e wstrace.ResolveDone) {
			w.done("dns", e.Host, fmt.Sprintf("%s → %s", e.Host, list(e.Addrs)), e.Duration, e.Err)
		},
		ConnectStart: func(e wstrace.ConnectStart) { w.start("tcp", e.Addr, e.Addr) },
		ConnectDone: func(e wstrace.ConnectDone) {
			w.done("tcp", e.Addr, "", e.Duration, e.Err)
			if e.LocalAddr != "" {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.report.LocalAddr, w.report.RemoteAddr = e.LocalAddr, e.Addr
			}
		},
		HopStart: func(e wstrace.HopStart) { w.start("hop", e.Kind+e.Addr+e.Target, hopText(e.Kind, e.Addr, e.Target)) },
		HopDone: func(e wstrace.HopDone) {
			text := hopText(e.Kind, e.Addr, e.Target)
			if e.Detail != "" {
				text += " (" + e.Detail + ")"
			}
			w.done("hop", e.Kind+e.Addr+e.Target, text, e.Duration, e.Err)
		},
		TLSStart: func(e wstrace.TLSStart) { w.start("tls", e.ServerName, e.ServerName) },
		TLSDone: func(e wstrace.TLSDone) {
			text := e.ServerName
			if e.Version != "" {
				text += ", " + e.Version
			}
			w.done("tls", e.ServerName, text, e.Duration, e.Err)
		},
		RequestStart: func(e wstrace.RequestStart) {
			w.start("request", "", e.Head.Line())
			w.mu.Lock()
			defer w.mu.Unlock()
			w.report.Request = headOf(e.Head)
		},
		RequestDone:   func(e wstrace.RequestDone) { w.done("request", "", "", e.Duration, e.Err) },
		ResponseStart: func(wstrace.ResponseStart) { w.start("response", "", "") },
		ResponseDone: func(e wstrace.ResponseDone) {
			w.done("response", "", e.Head.Line(), e.Duration, e.Err)
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.report.Status = e.Status; e.Status != 0 {
				w.report.Response = headOf(e.Head)
			}
		},
		FrameSent:     func(e wstrace.Frame) { w.frame("out", e) },
		FrameReceived: func(e wstrace.Frame) { w.frame("in", e) },
	}
}

func (w *watcher) frame(dir string, e wstrace.Frame) {
	f := Frame{
		At: w.now(), Dir: dir, Opcode: e.Header.Opcode.String(), Fin: e.Header.Fin, RSV: int(e.Header.RSV), Len: e.Header.Length,
	}
	switch {
	case e.Header.Opcode == frame.Close:
		if code, reason, err := frame.ParseClose(e.Preview); err == nil {
			f.Preview = wstrace.Escape(code.String() + " " + reason)
		}
	case e.Header.RSV == 0 && (e.Header.Opcode == frame.Text || e.Header.Opcode == frame.Continuation):
		f.Preview = wstrace.Escape(string(e.Preview))
	default:
		f.Preview = fmt.Sprintf("%x", e.Preview)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.report.Frames) < maxEntries {
		w.report.Frames = append(w.report.Frames, f)
	}
}

func hopText(kind, addr, target string) string {
	if target == "" {
		return kind + " " + addr
	}
	return kind + " " + addr + " → " + target
}

func headOf(head wstrace.Head) *Head {
	h := &Head{Line: wstrace.Escape(head.Line()), Fields: []Field{}}
	for name, value := range head.Fields() {
		h.Fields = append(h.Fields, Field{wstrace.Escape(name), wstrace.Escape(value)})
	}
	return h
}

func list(addrs []string) string {
	const most = 4
	text := ""
	for i, a := range addrs {
		if i == most {
			return fmt.Sprintf("%s and %d more", text, len(addrs)-most)
		}
		if i > 0 {
			text += ", "
		}
		text += a
	}
	return text
}

// round shortens a time for people: three digits that count.
func round(d time.Duration) time.Duration {
	unit := time.Nanosecond
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}
