package wstest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
	inMessage bool
	text      frame.UTF8Validator

	closeSent bool
}

func newSession(conn net.Conn, opts *Options) *session {
	return &session{conn: conn, opts: opts}
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
	if f := (*failure)(nil); errors.As(err, &f) && !s.closeSent {
		if s.sendClose(f.code, f.text) == nil {
			s.linger()
		}
	}
}

// linger lets the client read what was written last: closing a TCP connection
// with unread input resets it, and a reset discards what is under way.
func (s *session) linger() {
	if c, ok := s.conn.(interface{ CloseWrite() error }); !ok || c.CloseWrite() != nil {
		return
	}
	if s.conn.SetReadDeadline(time.Now().Add(closingTimeout)) == nil {
		io.Copy(io.Discard, s.conn)
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

// plan is what the query of the request asks of the session.
type plan struct {
	ping  []byte // nil: no Ping
	close []byte // payload of a Close; nil: no Close
	drop  bool
}

func planOf(target string) (plan, *refusal) {
	var p plan
	_, query, _ := strings.Cut(target, "?")
	// A pair that cannot be read is none of ours.
	values, _ := url.ParseQuery(query)
	if values.Has("ping") {
		p.ping = append([]byte{}, values.Get("ping")...)
		if len(p.ping) > frame.MaxControlPayload {
			return plan{}, badRequest("ping: a Ping carries at most %d bytes", frame.MaxControlPayload)
		}
	}
	if values.Has("close") {
		code, err := strconv.ParseUint(values.Get("close"), 10, 16)
		if err != nil {
			return plan{}, badRequest("close: not a status code")
		}
		p.close, err = frame.AppendClose([]byte{}, frame.StatusCode(code), values.Get("reason"))
		if err != nil {
			return plan{}, badRequest("close: %v", err)
		}
	}
	p.drop = values.Get("drop") == "1"
	return p, nil
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

// readHeader reads one frame header. io.EOF stands between frames only.
func readHeader(in *bufio.Reader) (frame.Header, error) {
	for {
		p, _ := in.Peek(min(in.Buffered(), frame.MaxHeaderSize))
		h, n, err := frame.ParseHeader(p)
		if err != nil {
			return h, err
		}
		if n > 0 {
			in.Discard(n)
			return h, nil
		}
		if _, err := in.Peek(len(p) + 1); err != nil {
			if errors.Is(err, io.EOF) && len(p) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return h, err
		}
	}
}

// readPayload gives the payload of h to use, unmasked, in pieces that are
// valid during the call. It stops at the first error of use.
func readPayload(in *bufio.Reader, h frame.Header, use func(p []byte) error) error {
	for left, pos := h.Length, 0; left > 0; {
		if _, err := in.Peek(1); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		p, _ := in.Peek(int(min(left, int64(in.Buffered()))))
		if h.Masked {
			pos = frame.Mask(p, p, h.Mask, pos)
		}
		if err := use(p); err != nil {
			return err
		}
		in.Discard(len(p))
		left -= int64(len(p))
	}
	return nil
}

// readAll is readPayload into one slice, for payloads known to be small.
func readAll(in *bufio.Reader, h frame.Header) ([]byte, error) {
	var all bytes.Buffer
	err := readPayload(in, h, func(p []byte) error {
		all.Write(p)
		return nil
	})
	return all.Bytes(), err
}
