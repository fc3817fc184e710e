package wstest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// Options says what a [Server] does beyond echoing. The zero value is a plain
// server that knows no subprotocol.
type Options struct {
	// TLS makes the server speak TLS (1.2 or later), with a certificate of an
	// authority of its own for localhost, 127.0.0.1 and ::1. See
	// [Server.CertPool].
	TLS bool

	// Subprotocols are those the server knows. It picks the first of the
	// client's list that is among them, and none when there is no such.
	Subprotocols []string

	// Deflate makes the server agree to permessage-deflate (RFC 7692) when a
	// client offers it, and then compress every echo. It says what the server
	// wants of the parameters, see [handshake.AnswerDeflate]; a pointer to the
	// zero value wants nothing. nil means that it negotiates no extension.
	Deflate *handshake.Deflate

	// Header is added to the response that opens a session.
	Header []handshake.Field

	// Check judges a request that keeps all rules of the handshake, by its
	// target and fields, before it is answered. Status 0 lets it pass, with
	// extra added to the response. Any other status, 300 to 599, refuses it,
	// with extra in the refusal. Check is called by many goroutines.
	Check func(target string, fields []handshake.Field) (status int, extra []handshake.Field)

	// CloseAfter is after how many echoes in a session the server closes it
	// first, with CloseCode. 0 means never.
	CloseAfter int

	// CloseCode is the status code for CloseAfter. 0 means 1000.
	CloseCode frame.StatusCode

	// Chaos makes the sessions difficult, within the rules.
	Chaos Chaos

	// Listener is where clients come in, of any kind; the server closes it. For
	// TLS with other certificates than those of TLS it is one of crypto/tls,
	// and [Server.URL] begins with ws:// all the same. nil means a free port of
	// 127.0.0.1.
	Listener net.Listener
}

// Server is an echo server on loopback that is strict about its clients: what
// breaks RFC 6455 is answered with the Close code that the RFC names and a
// reason that says why. It answers pings, and a Close with the same code, and
// then closes the TCP connection. It negotiates no extension unless
// [Options].Deflate says so.
//
// A message may have 64 MiB; more is refused with 1009. An echo goes out when
// its message is complete, as a single frame unless [Options].Chaos says
// otherwise.
type Server struct {
	opts     Options
	listener net.Listener
	url      string
	ca       *CA // nil without TLS
	err      error

	running sync.WaitGroup // the accept loop and every session

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	idle   chan struct{} // closed whenever open is empty
	count  uint64        // connections accepted so far
	closed bool

	stopped chan struct{} // closed by Close
}

// NewServer starts an echo server for ws on a free port of 127.0.0.1. If that
// fails, Err tells why and no client can reach the server; [Start] returns the
// error instead.
func NewServer() *Server { return startOrErr(Options{}) }

// NewTLSServer is [NewServer] for wss. Clients need [Server.CertPool] as their
// roots.
func NewTLSServer() *Server { return startOrErr(Options{TLS: true}) }

func startOrErr(opts Options) *Server {
	s, err := Start(opts)
	if err != nil {
		return &Server{err: err, url: "ws://127.0.0.1:0"}
	}
	return s
}

// NewUnixServer starts a plain echo server on a Unix socket, which Close
// removes.
func NewUnixServer(path string) (*Server, error) {
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("wstest: %w", err)
	}
	return serve(listener, Options{})
}

// Start starts an echo server on a free port of 127.0.0.1, or on the Listener
// of opts, which it leaves open when it fails.
func Start(opts Options) (*Server, error) {
	if err := checkFields(opts.Header); err != nil {
		return nil, err
	}
	for _, name := range opts.Subprotocols {
		if !http1.ValidFieldName(name) {
			return nil, errors.New("wstest: Options.Subprotocols has a name that is not a token")
		}
	}
	if _, err := frame.AppendClose(nil, opts.CloseCode, ""); opts.CloseCode != 0 && err != nil {
		return nil, fmt.Errorf("wstest: Options.CloseCode: %w", err)
	}
	if opts.Listener != nil {
		return serve(opts.Listener, opts)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("wstest: %w", err)
	}
	return serve(listener, opts)
}

// serve takes over the listener.
func serve(listener net.Listener, opts Options) (*Server, error) {
	s := &Server{opts: opts, listener: listener, open: map[net.Conn]struct{}{}, idle: make(chan struct{}), stopped: make(chan struct{})}
	close(s.idle)
	host := "localhost"
	if listener.Addr().Network() == "tcp" {
		host = listener.Addr().String()
	}
	s.url = "ws://" + host
	wrap := func(conn net.Conn) net.Conn { return conn }
	if opts.TLS {
		config, err := s.newTLS()
		if err != nil {
			listener.Close()
			return nil, err
		}
		s.url = "wss://" + host
		wrap = func(conn net.Conn) net.Conn { return tls.Server(conn, config) }
	}
	s.running.Go(func() { s.accept(wrap) })
	return s, nil
}

// newTLS makes the authority and a configuration with a certificate of it.
func (s *Server) newTLS() (*tls.Config, error) {
	ca, err := NewCA()
	if err != nil {
		return nil, err
	}
	cert, err := ca.Issue("localhost", "127.0.0.1", "::1")
	if err != nil {
		return nil, err
	}
	s.ca = ca
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

func checkFields(fields []handshake.Field) error {
	for i, f := range fields {
		if !http1.ValidFieldName(f.Name) {
			return fmt.Errorf("wstest: the name of header field %d is not a token", i+1)
		}
		if !http1.ValidFieldValue(f.Value) {
			return fmt.Errorf("wstest: the value of header field %s has a control character", f.Name)
		}
	}
	return nil
}

// acceptPause keeps a full table of file descriptors from becoming a busy loop.
const acceptPause = 10 * time.Millisecond

func (s *Server) accept(wrap func(net.Conn) net.Conn) {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(acceptPause)
			continue
		}
		number, ok := s.enter(conn)
		if !ok {
			conn.Close()
			return
		}
		s.running.Go(func() {
			defer s.leave(conn)
			newSession(wrap(conn), &s.opts, newChaos(s.opts.Chaos, number, s.stopped)).serve()
		})
	}
}

// enter notes an open connection and counts it, unless the server is closed.
func (s *Server) enter(conn net.Conn) (number uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, false
	}
	if len(s.open) == 0 {
		s.idle = make(chan struct{})
	}
	s.open[conn] = struct{}{}
	s.count++
	return s.count - 1, true
}

func (s *Server) leave(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
	if len(s.open) == 0 {
		close(s.idle)
	}
}

// URL returns what a client dials: "ws://127.0.0.1:port", or "wss://..." for a
// TLS server. It has no path; add one to steer the session, "/?ping=hello" for
// instance. For a Unix server it is "ws://localhost".
func (s *Server) URL() string { return s.url }

// Addr returns the host and port the server listens on, or the path of its
// Unix socket. It is empty when Err is not nil.
func (s *Server) Addr() string {
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Err returns why [NewServer] or [NewTLSServer] could not start, or nil.
func (s *Server) Err() error { return s.err }

// CertPool returns a new pool with the authority of a TLS server, and nil
// without TLS.
func (s *Server) CertPool() *x509.CertPool {
	if s.ca == nil {
		return nil
	}
	return s.ca.Pool()
}

// CertPEM returns the certificate of the authority of a TLS server in PEM
// form, and nil without TLS.
func (s *Server) CertPEM() []byte {
	if s.ca == nil {
		return nil
	}
	return s.ca.PEM()
}

// Sessions returns the number of open connections, those in their handshake
// included.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// WaitIdle waits until no connection is open. The error is that of ctx.
func (s *Server) WaitIdle(ctx context.Context) error {
	if s.listener == nil {
		return nil
	}
	s.mu.Lock()
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends the server and every session, by closing their TCP connections,
// and returns when all its goroutines have ended. Further calls do nothing.
func (s *Server) Close() {
	if s.listener == nil {
		return
	}
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stopped)
	}
	for conn := range s.open {
		conn.Close()
	}
	s.mu.Unlock()
	s.listener.Close()
	s.running.Wait()
}
