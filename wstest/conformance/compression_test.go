package conformance_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"testing/synctest"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstest/conformance"
)

func TestCompressedIsComplete(t *testing.T) {
	got := map[string]int{}
	seen := map[string]bool{}
	for _, c := range conformance.Compressed(1) {
		got[c.Section()]++
		if seen[c.ID] || c.Text == "" {
			t.Errorf("case %v: twice, or without a text", c)
		}
		seen[c.ID] = true
		if _, _, ok := c.Answer(nil); ok {
			t.Errorf("case %v: played without an offer", c)
		}
	}
	if got["12"] != 90 || got["13"] != 126 || len(seen) != 216 {
		t.Errorf("sections have %v cases", got)
	}
	// A client that cannot limit its window is met where it need not.
	for _, c := range conformance.Compressed(1) {
		plain := []handshake.Extension{(handshake.Deflate{}).Offer()}
		_, _, ok := c.Answer(plain)
		if limits := c.ID[:5] == "13.3." || c.ID[:5] == "13.5."; ok == limits {
			t.Errorf("case %v: answers an offer without client_max_window_bits: %v", c, ok)
		}
	}
}

// The player is a judge: a client without a fault passes, and each of these, wrong
// in one way, loses.
func TestCompressedClients(t *testing.T) {
	for _, tt := range []struct {
		name   string
		client deflateClient
		loses  func(id string) bool
	}{
		{"faultless", deflateClient{}, func(string) bool { return false }},
		{"uncompressed", deflateClient{plain: true}, func(string) bool { return false }},
		{"window too large", deflateClient{bits: 15}, func(id string) bool { return id[:5] == "13.3." || id[:5] == "13.5." || id[:5] == "13.7." }},
		{"RSV1 on every fragment", deflateClient{everyRSV1: true}, func(string) bool { return true }},
		{"forgets the window", deflateClient{forgets: true}, func(id string) bool { return id != "12.5.5" /* noise refers to nothing */ }},
		{"keeps its own window", deflateClient{keeps: true}, func(id string) bool {
			return id[:5] == "13.2." || id[:5] == "13.5." || id[:5] == "13.6." || id[:5] == "13.7."
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, c := range conformance.Compressed(16 << 10) {
				if c.ID[len(c.ID)-2:] != ".5" { // messages of 4096 octets
					continue
				}
				offered := handshake.Offer{Extensions: []handshake.Extension{handshake.Deflate{ClientMaxWindowBits: 15}.Offer()}}
				answer, c, _ := c.Answer(offered.Extensions)
				agreed, err := handshake.AgreedDeflate(offered, handshake.Agreement{Extensions: []handshake.Extension{answer}})
				if err != nil {
					t.Fatal(err)
				}
				synctest.Test(t, func(t *testing.T) {
					conn, server := wstest.Pipe()
					client := tt.client
					go client.run(conn, *agreed)
					v := c.Run(server)
					if lost := v.Behavior == conformance.Failed; lost != tt.loses(c.ID) || !lost && v.BehaviorClose != conformance.OK {
						t.Errorf("%v: %.300s", c, v)
					}
				})
			}
		})
	}
}

// deflateClient echoes what comes compressed, in two fragments.
type deflateClient struct {
	plain     bool
	bits      int // in place of those agreed on
	everyRSV1 bool
	forgets   bool // inflates without the window that the server keeps
	keeps     bool // keeps its window where it must not
}

func (c deflateClient) run(conn net.Conn, d handshake.Deflate) {
	defer conn.Close()
	bits := d.ClientMaxWindowBits
	if c.bits != 0 {
		bits = c.bits
	}
	in := bufio.NewReader(conn)
	inflater := deflate.NewDecompressor(d.ServerMaxWindowBits, !c.forgets)
	compressor := deflate.NewCompressor(bits, !d.ClientNoContextTakeover || c.keeps)
	var body []byte
	var op frame.Opcode
	for {
		h, err := (&rawClient{in: in}).header()
		if err != nil {
			return
		}
		p := make([]byte, h.Length)
		if _, err := io.ReadFull(in, p); err != nil {
			return
		}
		put := func(op frame.Opcode, fin bool, rsv uint8, p []byte) {
			h := frame.Header{Fin: fin, RSV: rsv, Opcode: op, Masked: true, Length: int64(len(p))}
			_, _ = conn.Write(append(frame.AppendHeader(nil, h), p...))
		}
		if h.Opcode == frame.Close {
			put(frame.Close, true, 0, p)
			return
		}
		if h.Opcode != frame.Continuation {
			op, body = h.Opcode, nil
		}
		if body, err = inflater.Append(body, p, h.Fin, 1<<20); err != nil {
			put(frame.Close, true, 0, binary.BigEndian.AppendUint16(nil, uint16(frame.StatusInvalidPayload)))
			return
		}
		if !h.Fin {
			continue
		}
		wire, rsv, next := body, uint8(0), uint8(0)
		if !c.plain {
			wire, rsv = compressor.Append(nil, body, true), frame.RSV1
		}
		if c.everyRSV1 {
			next = frame.RSV1
		}
		put(op, false, rsv, wire[:len(wire)/2])
		put(frame.Continuation, true, next, wire[len(wire)/2:])
	}
}
