package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/route"
)

// Env is what Build needs of the world.
type Env struct {
	// Getenv looks up a variable. nil means that there are none.
	Getenv func(string) string
	// AskPassword asks the person at the terminal. nil where there is none.
	AskPassword func(prompt string) (string, error)
	// Err gets warnings.
	Err io.Writer
}

func (e Env) get(name string) string {
	if e.Getenv == nil {
		return ""
	}
	return e.Getenv(name)
}

func (e Env) warn(format string, args ...any) {
	if e.Err != nil {
		fmt.Fprintf(e.Err, "fairlead: warning: "+format+"\n", args...)
	}
}

// Setup is what the flags say.
type Setup struct {
	// Dialer may be changed before its first dial: its Trace, say.
	Dialer *fairlead.Dialer
	// URL is what to dial. It has no user in it.
	URL string
	// MaxTime bounds the whole run; 0 means that nothing does.
	MaxTime time.Duration

	closers []func() error
}

// Close writes the cookies and closes the files of the setup. Call it when the
// last connection has ended.
func (s *Setup) Close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// Context returns a context that ends with MaxTime.
func (s *Setup) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.MaxTime == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, s.MaxTime, exit.With(exit.Timeout, fmt.Errorf("the run took longer than --max-time %v", s.MaxTime)))
}

// Build checks the flags and makes a Dialer of them. text is the URL as it was
// typed, "" for that of the profile. Errors have an exit code, and hold no
// secret. It may be called once.
func (f *Flags) Build(text string, env Env) (*Setup, error) {
	fromProfile, err := f.apply(env)
	if err != nil {
		return nil, err
	}
	if text == "" {
		text = fromProfile
	}
	if text == "" {
		return nil, exit.Usagef("a URL is missing: fairlead wss://host/path")
	}
	u, err := url.Parse(URL(text))
	if err != nil || u.Host == "" {
		return nil, exit.With(exit.URL, errors.New("this is not a URL: expected ws://host/path, wss://host/path, host:port or :port"))
	}
	s := &Setup{MaxTime: time.Duration(f.maxTime)}
	d := &fairlead.Dialer{
		Subprotocols: f.protocols,
		Timeout:      time.Duration(f.dialTimeout),
		Limits:       fairlead.Limits{MessageBytes: int64(f.maxMessage), Fragments: -1},
	}
	if d.Compression, err = compressionOf(f.compression); err != nil {
		return nil, err
	}
	if f.maxRedirs < 0 || f.maxRedirs > 10 {
		return nil, exit.Usagef("--max-redirs: expected a number from 0 to 10")
	}
	if f.location {
		d.Redirects = f.maxRedirs
	}
	if d.Header, err = f.fields(); err != nil {
		return nil, err
	}
	if d.Auth, err = f.credentials(u, env); err != nil {
		return nil, err
	}
	if d.TLS, err = f.tlsConfig(env); err != nil {
		return nil, err
	}
	if err := f.route(d, u); err != nil {
		return nil, err
	}
	if err := f.files(s, d, env); err != nil {
		return nil, err
	}
	s.Dialer, s.URL = d, u.String()
	return s, nil
}

func (f *Flags) route(d *fairlead.Dialer, u *url.URL) error {
	w, err := f.way()
	if err != nil {
		return err
	}
	w.note(u)
	d.Route = w
	d.CheckRedirect = func(_ context.Context, next *url.URL, _ []*url.URL) error {
		w.note(next)
		return nil
	}
	return nil
}

// files opens what has to be closed again.
func (f *Flags) files(s *Setup, d *fairlead.Dialer, env Env) error {
	j, err := f.cookieFlags(d.Header)
	if err != nil {
		return err
	}
	if j != nil {
		d.Jar = j
	}
	if f.cookieJar != "" {
		s.closers = append(s.closers, func() error { return j.save(f.cookieJar) })
	}
	if path := env.get("SSLKEYLOGFILE"); path != "" {
		cfg, file, err := route.LogKeys(d.TLS, path)
		if err != nil {
			return exit.With(exit.Write, fmt.Errorf("the file of SSLKEYLOGFILE: %w", err))
		}
		env.warn("SSLKEYLOGFILE is set: who has that file can read this session")
		d.TLS = cfg
		s.closers = append(s.closers, file.Close)
	}
	return nil
}

func compressionOf(text string) (fairlead.Compression, error) {
	switch text {
	case "off":
		return fairlead.CompressionOff, nil
	case "no-takeover":
		return fairlead.CompressionNoTakeover, nil
	case "takeover":
		return fairlead.CompressionTakeover, nil
	}
	return 0, exit.Usagef("--compression: expected off, no-takeover or takeover")
}
