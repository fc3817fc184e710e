package wstest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

const (
	openingTimeout = 10 * time.Second // for TLS and the request
	closingTimeout = 5 * time.Second  // from our Close to the end
	readBuffer     = 32 << 10
)

// session serves one connection of a [Server].
type session struct {
	conn net.Conn
	opts *Options
	in   *bufio.Reader
	out  []byte // scratch for control frames

	msg       []byte // room for a header, then the message so far
	msgOpcode frame.Opcode
	msgSize   int64 // its bytes, also when they are dropped
	inMessage bool
	text      frame.UTF8Validator

	deflate *compression // nil without

	echoes    int
	closeSent bool
	chaos     chaos
}

func newSession(conn net.Conn, opts *Options, c chaos) *session {
	return &session{conn: conn, opts: opts, chaos: c}
}

func (s *session) serve() {
	defer s.conn.Close()
	plan, err := s.open()
	if r := (*refusal)(nil); errors.As(err, &r) {
		if _, err := s.conn.Write(appendRefusal(nil, r)); err == nil {
			s.linger()
		}
		return
	}
	if err != nil || plan.drop {
		return
	}
	err = s.follow(plan)
	if err == nil && s.in.Buffered() > 0 {
		s.linger()
	}
	if f := (*failure)(nil); errors.As(err, &f) && !s.closeSent {
		if s.sendClose(f.code, f.text) == nil {
			s.linger()
		}
	}
}

// linger lets the client read what was written last: closing a TCP connection
// with unread input resets it, and a reset discards what is under way.
func (s *session) linger() {
	if closeWrite(s.conn) == nil && s.conn.SetReadDeadline(time.Now().Add(closingTimeout)) == nil {
		_, _ = io.Copy(io.Discard, s.conn)
	}
}

// open does the opening handshake, bounded in time.
func (s *session) open() (plan, error) {
	if err := s.conn.SetDeadline(time.Now().Add(openingTimeout)); err != nil {
		return plan{}, err
	}
	head := http1.NewReader(s.conn, http1.Limits{})
	req, err := head.ReadRequest()
	if malformed := (*http1.Error)(nil); errors.As(err, &malformed) && malformed.Err == nil {
		return plan{}, badRequest("%v", malformed)
	}
	if err != nil {
		return plan{}, err
	}
	o, refused := checkOpening(req)
	if refused != nil {
		return plan{}, refused
	}
	if len(head.Buffered()) > 0 {
		return plan{}, badRequest("there are bytes after the request; the client must wait for the response (RFC 6455 section 4.1)")
	}
	p, refused := planOf(req.Target)
	if refused != nil {
		return plan{}, refused
	}
	extra, refused := s.check(req)
	if refused != nil {
		return plan{}, refused
	}
	extra = append(extra, s.opts.Header...)
	extra = append(extra, s.agree(req)...)
	for _, name := range o.subprotocols {
		if slices.Contains(s.opts.Subprotocols, name) {
			extra = append(extra, handshake.Field{Name: "Sec-WebSocket-Protocol", Value: name})
			break
		}
	}
	if _, err := s.conn.Write(appendSwitch(nil, o.key, extra...)); err != nil {
		return plan{}, err
	}
	s.in = bufio.NewReaderSize(s.conn, readBuffer)
	s.conn = s.chaos.wrap(s.conn)
	return p, s.conn.SetDeadline(time.Time{})
}

// check asks Options.Check.
func (s *session) check(req *http1.Request) ([]handshake.Field, *refusal) {
	if s.opts.Check == nil {
		return nil, nil
	}
	status, extra := s.opts.Check(req.Target, slices.Clone(req.Fields))
	if err := checkFields(extra); err != nil {
		return nil, &refusal{status: http.StatusInternalServerError, text: "Options.Check: " + err.Error()}
	}
	switch {
	case status == 0:
		return slices.Clone(extra), nil
	case status < 300 || status > 599:
		return nil, &refusal{status: http.StatusInternalServerError, text: "Options.Check returned a status that refuses nothing"}
	}
	return nil, &refusal{status: status, text: "refused by Options.Check", fields: extra}
}

// follow does what the plan says and then echoes until the session ends.
func (s *session) follow(p plan) error {
	if p.ping != nil {
		if err := s.sendControl(frame.Ping, p.ping); err != nil {
			return err
		}
	}
	if p.close != nil {
		if err := s.startClose(p.close); err != nil {
			return err
		}
	}
	return s.echo()
}

func (s *session) sendControl(op frame.Opcode, payload []byte) error {
	s.out = frame.AppendHeader(s.out[:0], frame.Header{Fin: true, Opcode: op, Length: int64(len(payload))})
	s.out = append(s.out, payload...)
	_, err := s.conn.Write(s.out)
	return err
}

// startClose sends the only Close of the session and bounds what follows.
func (s *session) startClose(payload []byte) error {
	s.closeSent = true
	if err := s.sendControl(frame.Close, payload); err != nil {
		return err
	}
	return s.conn.SetReadDeadline(time.Now().Add(closingTimeout))
}

func (s *session) sendClose(code frame.StatusCode, reason string) error {
	payload, err := frame.AppendClose(nil, code, reason)
	if err != nil {
		return err
	}
	return s.startClose(payload)
}
