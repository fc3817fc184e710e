// Package demo runs sample sessions against an echo server and tells what
// happens in them, frame by frame. Run is all there is to call.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstrace"
)

var (
	// ErrURL is matched by the error of a URL that names no WebSocket.
	ErrURL = errors.New("want a URL such as ws://host:port/path or wss://host/path")
	// ErrUnexpected is matched by the error of a session in which something
	// else came than had to come.
	ErrUnexpected = errors.New("not as expected")
	// ErrOutput is matched by the error of an Out that takes no more.
	ErrOutput = errors.New("cannot write the output")
)

// Options says with whom to speak and where to tell of it.
type Options struct {
	URL string    // of an echo server; "" starts one on loopback
	Out io.Writer // gets the narration
}

// programTimeout ends a program whose server falls silent.
const programTimeout = 30 * time.Second

// A program is one sample session.
type program struct {
	name string
	run  func(context.Context, *session) error
}

// A chapter is the programs that use one package.
type chapter struct {
	face     string
	programs []program
}

var chapters = []chapter{
	{"chilkat", []program{
		{"1. open a session, offering a subprotocol", chilkatOpen},
		{"2. one message in three frames", chilkatFragments},
		{"3. a ping between the fragments", chilkatPingBetween},
		{"4. answer the server's ping by hand", chilkatPongByHand},
		{"5. close, from our side", chilkatClose},
		{"5. close, the server first, answered by itself", chilkatCloseAnswered},
		{"5. close, the server first, answered by hand", chilkatCloseByHand},
		{"7. a binary message", chilkatBinary},
		{"8. tasks: run, wait, cancel", chilkatTasks},
		{"9. an endless reader and a sender on a timer", chilkatReaderAndTimer},
	}},
	{"fairlead", []program{
		{"1. open a session, offering a subprotocol", rootOpen},
		{"2. one message in three frames", rootFragments},
		{"3. a ping between the fragments", rootPingBetween},
		{"4. answer the server's ping by hand", rootPongByHand},
		{"5. close, from our side", rootClose},
		{"5. close, the server first, answered by itself", rootCloseAnswered},
		{"5. close, the server first, answered by hand", rootCloseByHand},
		{"7. a binary message", rootBinary},
		{"8. a read that is given up loses nothing", rootCancelledRead},
		{"9. an endless reader and a sender on a timer", rootReaderAndTimer},
	}},
}

// Run runs every program. The error is nil only if all of them saw what they
// had to see.
func Run(ctx context.Context, opts Options) error {
	out := &lineWriter{w: opts.Out}
	target, with := opts.URL, server{foreign: true, patience: patience}
	if target == "" {
		echo, err := wstest.Start(wstest.Options{Subprotocols: []string{subprotocol}})
		if err != nil {
			return err
		}
		defer echo.Close()
		target, with = echo.URL(), server{patience: programTimeout}
		out.say("An echo server listens at %s.", target)
	}
	var err error
	if with.url, err = parseURL(target); err != nil {
		return err
	}
	return runAll(ctx, out, with, chapters)
}

func runAll(ctx context.Context, out *lineWriter, with server, chapters []chapter) error {
	var total, left int
	var failures []error
	for _, c := range chapters {
		for _, p := range c.programs {
			out.say("\n%s: %s", c.face, p.name)
			s := &session{lineWriter: out, server: with}
			err := runOne(ctx, s, p)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := out.failure(); err != nil {
				return err
			}
			total++
			switch {
			case errors.Is(err, errLeftOut):
				left++
			case err != nil:
				out.say("  FAILED: %s", wstrace.Escape(err.Error()))
				failures = append(failures, fmt.Errorf("package %s, %s: %w", c.face, p.name, err))
			default:
				out.say("  as expected")
			}
			if isNoSession(err) {
				return err // the others would fail for the same reason
			}
		}
	}
	out.say("\n%d sessions: %d as expected, %d left out, %d failed.", total, total-left-len(failures), left, len(failures))
	if err := out.failure(); err != nil {
		return err
	}
	return errors.Join(failures...)
}

func runOne(ctx context.Context, s *session, p program) error {
	ctx, cancel := context.WithTimeout(ctx, programTimeout)
	defer cancel()
	if err := p.run(ctx, s); err != nil {
		return err
	}
	return errors.Join(s.wrong...)
}

// isNoSession reports whether err says that there is nobody to speak with.
func isNoSession(err error) bool {
	var dial *fairlead.HandshakeError
	return errors.Is(err, errNotOpened) || errors.As(err, &dial)
}

// parseURL refuses what no program could use. Its errors do not quote text,
// which may hold a password.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "" || u.Fragment != "" {
		return nil, ErrURL
	}
	if u.User != nil {
		return nil, fmt.Errorf("%w: without a user name in it", ErrURL)
	}
	return u, nil
}
