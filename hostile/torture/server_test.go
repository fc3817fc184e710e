package torture_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// peer is how a WebSocket server behaves.
type peer struct {
	push     []int                          // sizes of letters that it sends first; negative ones in three fragments with a Ping between
	json     bool                           // letters are sent as JSON strings
	echo     bool                           // it sends letters back
	closes   bool                           // it begins the closing handshake after push
	deflated bool                           // it agrees to compression, with takeover unless the client wants none
	answer   func(req *http.Request) string // in place of the 101, "" means the 101
}

// serve talks to one client until the connection ends.
func (p peer) serve(log *journal, nc net.Conn) {
	in := bufio.NewReader(nc)
	var z *deflate.Compressor
	var d *deflate.Decompressor
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if p.answer != nil {
			if text := p.answer(req); text != "" {
				if _, err := io.WriteString(nc, text); err != nil || strings.Contains(text, "Connection: close") {
					return
				}
				continue
			}
		}
		extension := ""
		if p.deflated {
			takeover := !strings.Contains(req.Header.Get("Sec-WebSocket-Extensions"), "no_context_takeover")
			z, d = deflate.NewCompressor(15, takeover), deflate.NewDecompressor(15, takeover)
			extension = "Sec-WebSocket-Extensions: permessage-deflate"
			if !takeover {
				extension += "; server_no_context_takeover; client_no_context_takeover"
			}
			extension += "\r\n"
		}
		if offered := req.Header.Get("Sec-WebSocket-Protocol"); offered != "" {
			extension += "Sec-WebSocket-Protocol: " + strings.Split(offered, ",")[0] + "\r\n"
		}
		if _, err := fmt.Fprintf(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSet-Cookie: k=v\r\n%sSec-WebSocket-Accept: %s\r\n\r\n",
			extension, handshake.AcceptKey(req.Header.Get("Sec-WebSocket-Key"))); err != nil {
			return
		}
		break
	}
	s := &served{peer: p, log: log, in: in, nc: nc, z: z, d: d}
	// Sending never keeps from reading: a client may write before it reads.
	var pushing sync.WaitGroup
	pushing.Go(s.push)
	s.follow()
	nc.Close()
	pushing.Wait()
}

// served is a session at the server.
type served struct {
	peer
	log *journal
	in  *bufio.Reader

	mu sync.Mutex // of writing
	nc net.Conn
	z  *deflate.Compressor

	d          *deflate.Decompressor
	message    []byte
	compressed bool
	open       bool
}

func (s *served) push() {
	for i, size := range s.peer.push {
		text := letter("server", i, max(size, -size))
		if s.json {
			text = `"` + text + `"`
		}
		s.sendLetter(text, size < 0)
	}
	if s.closes {
		payload, _ := frame.AppendClose(nil, frame.StatusNormal, "bye")
		s.send(frame.Header{Fin: true, Opcode: frame.Close}, payload)
	}
}

func (s *served) sendLetter(text string, fragmented bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pieces := []string{text}
	if fragmented {
		third := len(text) / 3
		pieces = []string{text[:third], text[third : 2*third], text[2*third:]}
	}
	var out []byte
	for i, piece := range pieces {
		h, p := frame.Header{Fin: i == len(pieces)-1, Opcode: frame.Text}, []byte(piece)
		if i > 0 {
			h.Opcode = frame.Continuation
		}
		if s.z != nil {
			if i == 0 {
				h.RSV = frame.RSV1
			}
			p = s.z.Append(nil, p, h.Fin)
		}
		h.Length = int64(len(p))
		out = append(frame.AppendHeader(out, h), p...)
		if i == 0 && fragmented {
			out = append(frame.AppendHeader(out, frame.Header{Fin: true, Opcode: frame.Ping, Length: 4}), "ping"...)
		}
	}
	_, _ = s.nc.Write(out)
}

func (s *served) send(h frame.Header, p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.Length = int64(len(p))
	_, _ = s.nc.Write(append(frame.AppendHeader(nil, h), p...))
}

// follow reads frames until the Close, the end or a mistake of the client's.
func (s *served) follow() {
	for {
		h, p, err := s.frame()
		if err != nil {
			return
		}
		if !h.Masked {
			s.log.wrong("at the server: a frame without a mask")
			return
		}
		frame.Mask(p, p, h.Mask, 0)
		switch h.Opcode {
		case frame.Close:
			s.send(frame.Header{Fin: true, Opcode: frame.Close}, p)
			return
		case frame.Ping:
			s.send(frame.Header{Fin: true, Opcode: frame.Pong}, p)
		case frame.Pong:
		case frame.Text, frame.Binary, frame.Continuation:
			if s.open != (h.Opcode == frame.Continuation) {
				s.log.wrong(fmt.Sprintf("at the server: a frame %v where none may be", h.Opcode))
				return
			}
			s.data(h, p)
		default:
			s.log.wrong(fmt.Sprintf("at the server: a frame %v", h.Opcode))
			return
		}
	}
}

func (s *served) data(h frame.Header, p []byte) {
	if h.Opcode != frame.Continuation {
		s.compressed = h.RSV == frame.RSV1
	}
	s.open = !h.Fin
	if s.compressed {
		inflated, err := s.d.Append(nil, p, h.Fin, 16<<20)
		if err != nil {
			s.log.wrong("at the server: " + err.Error())
		}
		p = inflated
	}
	s.message = append(s.message, p...)
	if !h.Fin {
		return
	}
	text := string(s.message)
	s.message = nil
	s.log.arrive(strings.Trim(text, `"`))
	if s.echo {
		s.sendLetter(text, false)
	}
}

// frame reads one frame. A stream that ends in the middle of one gives an error.
func (s *served) frame() (frame.Header, []byte, error) {
	var head []byte
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return frame.Header{}, nil, err
		}
		head = append(head, b)
		h, n, err := frame.ParseHeader(head)
		if err != nil {
			s.log.wrong("at the server: " + err.Error())
			return h, nil, err
		}
		if n == 0 {
			continue
		}
		if h.Length > 16<<20 {
			s.log.wrong("at the server: an endless frame")
			return h, nil, errors.New("too large")
		}
		p := make([]byte, h.Length)
		_, err = io.ReadFull(s.in, p)
		return h, p, err
	}
}

type certified struct{ client, server *tls.Config }

// authority has the certificate of all TLS servers here.
var authority = sync.OnceValue(func() (a certified) {
	ca, err := wstest.NewCA()
	if err != nil {
		panic(err)
	}
	cert, err := ca.Issue("server.example", "proxy.example", "127.0.0.1", "192.0.2.1")
	if err != nil {
		panic(err)
	}
	a.client, a.server = &tls.Config{RootCAs: ca.Pool(), CurvePreferences: []tls.CurveID{tls.X25519}}, &tls.Config{Certificates: []tls.Certificate{cert}}
	return a
})

// secure puts TLS before a server.
func secure(serve func(net.Conn)) func(net.Conn) {
	return func(raw net.Conn) {
		nc := tls.Server(raw, authority().server)
		serve(nc)
	}
}
