package demo

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"
)

// subprotocol is what the sessions offer.
const subprotocol = "echo.fairlead"

// patience is how long a foreign server has for what it is asked by query.
const patience = 2 * time.Second

// A server is whom the sessions speak to.
type server struct {
	url      *url.URL
	foreign  bool          // not our own: it may not know the query parameters
	patience time.Duration // how long it has for what it is asked by query
}

var (
	errLeftOut   = errors.New("left out")
	errNotOpened = errors.New("no session")
)

// A lineWriter keeps lines of several goroutines whole. After a failed write it
// writes no more.
type lineWriter struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.w.Write(p)
	l.err = err
	return n, err
}

// failure returns the error of the write that failed.
func (l *lineWriter) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrOutput, l.err)
}

func (l *lineWriter) say(format string, args ...any) {
	fmt.Fprintf(l, format+"\n", args...)
}

// A session is what a program knows of its server, and the place for what it
// finds wrong.
type session struct {
	*lineWriter
	server
	wrong []error
}

// step tells what comes next.
func (s *session) step(format string, args ...any) {
	s.say("  "+format, args...)
}

// leaveOut tells that the server did not do what it was asked by query. Our own
// server has no such excuse.
func (s *session) leaveOut(why string) error {
	if !s.foreign {
		return fmt.Errorf("%w: %s", ErrUnexpected, why)
	}
	s.say("left out: %s", why)
	return errLeftOut
}

// with returns the server's URL with query parameters of our own added.
func (s *session) with(query url.Values) *url.URL {
	u := *s.url
	switch added := query.Encode(); {
	case u.RawQuery == "":
		u.RawQuery = added
	case added != "":
		u.RawQuery += "&" + added
	}
	return &u
}

// expect compares what came with what had to come. Program and runner go on, so
// that one mistake does not hide the next.
func expect[T comparable](s *session, what string, got, want T) {
	if got == want {
		s.step("  %s: %s", what, show(got))
		return
	}
	err := fmt.Errorf("%s is %s, %w: %s", what, show(got), ErrUnexpected, show(want))
	s.step("  %v", err)
	s.wrong = append(s.wrong, err)
}

func show(v any) string {
	if text, ok := v.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(v)
}
