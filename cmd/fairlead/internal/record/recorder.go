package record

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// recorder writes lines. Each is one call of Write, so that a crash tears no
// more than the last one.
type recorder struct {
	begin time.Time
	open  Opening

	mu      sync.Mutex
	out     io.Writer
	err     error  // the first; nothing is written after it
	opened  bool   // the opening has been written: frames may come
	early   []Line // frames that came before it
	sending []byte // payload of the message that is being sent
	came    time.Time
}

func newRecorder(out io.Writer, url string) *recorder {
	return &recorder{begin: time.Now(), out: out, open: Opening{Version: 1, URL: wstrace.RedactTarget(url), Times: map[string]time.Duration{}}}
}

// write adds the line with the time at, now for the zero time.
func (r *recorder) write(l Line, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(l, at)
}

func (r *recorder) add(l Line, at time.Time) {
	if at.IsZero() {
		at = time.Now()
	}
	l.TS, l.Mono = at.UTC(), at.Sub(r.begin)
	if !r.opened && l.Type != "open" {
		r.early = append(r.early, l)
		return
	}
	r.put(l)
}

func (r *recorder) put(l Line) {
	if r.err != nil {
		return
	}
	text, err := json.Marshal(l)
	if err == nil {
		_, err = r.out.Write(append(text, '\n'))
	}
	if err != nil {
		r.err = fmt.Errorf("cannot write the recording: %w", err)
	}
}

// start writes the opening.
func (r *recorder) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	open := r.open
	r.add(Line{Type: "open", Open: &open}, time.Time{})
	r.opened = true
	for _, l := range r.early {
		r.put(l)
	}
	r.early = nil
}

func (r *recorder) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// trace notes the handshake and control frames, and when data frames passed.
func (r *recorder) trace() *wstrace.Trace {
	took := func(name string, d time.Duration, err error) {
		if err == nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.open.Times[name] = d
		}
	}
	return &wstrace.Trace{
		ResolveDone: func(e wstrace.ResolveDone) { took("dns", e.Duration, e.Err) },
		ConnectDone: func(e wstrace.ConnectDone) {
			took("tcp", e.Duration, e.Err)
			if e.Err == nil {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.open.Addr = e.Addr
			}
		},
		TLSDone: func(e wstrace.TLSDone) { took("tls", e.Duration, e.Err) },
		RequestStart: func(e wstrace.RequestStart) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.open.Request = fieldsOf(e.Head)
		},
		RequestDone: func(e wstrace.RequestDone) { took("request", e.Duration, e.Err) },
		ResponseDone: func(e wstrace.ResponseDone) {
			took("response", e.Duration, e.Err)
			r.mu.Lock()
			defer r.mu.Unlock()
			r.open.Status, r.open.Response = e.Status, fieldsOf(e.Head)
		},
		FrameSent: func(e wstrace.Frame) {
			r.mu.Lock()
			defer r.mu.Unlock()
			payload := r.sending
			if e.Header.Opcode.IsControl() {
				payload = e.Preview // all of it: at most 125 bytes
			}
			r.add(frameLine("out", e.Header, payload), time.Time{})
		},
		FrameReceived: func(e wstrace.Frame) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.came = time.Now(); e.Header.Opcode.IsControl() {
				r.add(frameLine("in", e.Header, e.Preview), r.came)
			}
		},
	}
}

// received adds a data frame, with the time at which it was seen to come.
func (r *recorder) received(h frame.Header, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(frameLine("in", h, payload), r.came)
}

// send lets write send a message with the payload p.
func (r *recorder) send(p []byte, write func() error) error {
	r.mu.Lock()
	r.sending = p
	r.mu.Unlock()
	return write()
}

func fieldsOf(head wstrace.Head) []Field {
	var all []Field
	for name, value := range head.Fields() {
		all = append(all, Field{name, value})
	}
	return all
}
