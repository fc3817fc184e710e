package wstest_test

import (
	"testing"
	"testing/synctest"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// The scripted peer is a judge: each of these clients breaks one rule, and
// each must lose its script, while the client without a fault passes.
func TestScriptsFindBrokenClients(t *testing.T) {
	fin := func(op frame.Opcode) frame.Header { return frame.Header{Fin: true, Opcode: op} }
	script := []wstest.Step{
		wstest.Upgrade(),
		wstest.SendFrame(fin(frame.Text), []byte("hello")),
		wstest.ExpectFrame(frame.Text, true, []byte("hello")),
		wstest.SendFrame(fin(frame.Binary), nil),
		wstest.ExpectFrame(frame.Binary, true, nil),
		wstest.SendFrame(frame.Header{Opcode: frame.Text}, []byte("a")),
		wstest.SendFrame(fin(frame.Pong), []byte("nobody asked")),
		wstest.SendFrame(fin(frame.Ping), []byte("p")),
		wstest.SendFrame(fin(frame.Continuation), []byte("b")),
		wstest.ExpectFrame(frame.Pong, true, []byte("p")),
		wstest.ExpectFrame(frame.Text, true, []byte("ab")),
		wstest.SendFrame(fin(frame.Close), []byte("\x0f\xa0")),
		wstest.SendFrame(fin(frame.Ping), []byte("late")),
		wstest.ExpectClose(4000),
		wstest.ExpectEOF(),
	}
	for _, fault := range []string{
		"", "zero mask",
		"no mask", "wrong mask", "reserved bit", "echo altered", "echo as binary", "echo in fragments", "echo of each fragment",
		"no pong", "empty pong", "pong late", "pong as ping", "answers a pong", "no close", "other close code", "close twice",
		"pong after close", "close 1005", "stays",
	} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, server := pipe(t, 0)
				go (&faulty{client: newClient(t, conn), fault: fault}).run()
				err := wstest.Play(server, script...)
				if broken := fault != "" && fault != "zero mask"; broken != (err != nil) {
					t.Errorf("verdict: %v", err)
				}
			})
		})
	}
}

// faulty is an echo client with one fault.
type faulty struct {
	*client
	fault string
	msg   string
	op    frame.Opcode
	pong  []string // kept back
}

func (f *faulty) run() {
	if _, err := f.open("/", handshake.Offer{}); err != nil {
		return
	}
	for {
		h, payload, err := f.receive()
		if err != nil {
			return
		}
		switch h.Opcode {
		case frame.Ping:
			f.ping(payload)
		case frame.Pong:
			if f.fault == "answers a pong" {
				f.put(frame.Pong, true, payload)
			}
		case frame.Close:
			if f.close(payload) {
				return
			}
		default:
			f.data(h, payload)
		}
	}
}

func (f *faulty) ping(payload string) {
	switch f.fault {
	case "no pong":
	case "empty pong":
		f.put(frame.Pong, true, "")
	case "pong late":
		f.pong = append(f.pong, payload)
	case "pong as ping":
		f.put(frame.Ping, true, payload)
	default:
		f.put(frame.Pong, true, payload)
	}
}

func (f *faulty) data(h frame.Header, payload string) {
	if h.Opcode != frame.Continuation {
		f.op = h.Opcode
		f.msg = ""
	}
	f.msg += payload
	if f.fault == "echo of each fragment" {
		f.put(h.Opcode, h.Fin, payload)
		return
	}
	if !h.Fin {
		return
	}
	switch {
	case f.fault == "echo altered" && f.msg != "":
		f.put(f.op, true, f.msg[1:]+"!")
	case f.fault == "echo as binary":
		f.put(frame.Binary, true, f.msg)
	case f.fault == "echo in fragments":
		f.put(f.op, false, f.msg)
		f.put(frame.Continuation, true, "")
	default:
		f.put(f.op, true, f.msg)
	}
	for _, p := range f.pong {
		f.put(frame.Pong, true, p)
	}
	f.pong = nil
}

// close answers a Close and reports whether the client is done.
func (f *faulty) close(payload string) bool {
	switch f.fault {
	case "no close":
	case "other close code":
		f.put(frame.Close, true, "\x03\xe8")
	case "close 1005":
		f.put(frame.Close, true, "\x03\xed")
	case "close twice":
		f.put(frame.Close, true, payload)
		f.put(frame.Close, true, payload)
	case "pong after close":
		f.put(frame.Close, true, payload)
		f.put(frame.Pong, true, "late")
	case "stays":
		f.put(frame.Close, true, payload)
		return false
	default:
		f.put(frame.Close, true, payload)
	}
	f.Close()
	return true
}

// put sends one frame, with the fault if it is one of framing.
func (f *faulty) put(op frame.Opcode, fin bool, payload string) {
	h := frame.Header{Fin: fin, Opcode: op, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: int64(len(payload))}
	body := []byte(payload)
	switch f.fault {
	case "no mask":
		h.Masked = false
	case "zero mask":
		h.Mask = [4]byte{}
	case "reserved bit":
		h.RSV = frame.RSV2
	}
	if h.Masked && f.fault != "wrong mask" {
		frame.Mask(body, body, h.Mask, 0)
	}
	f.Write(append(frame.AppendHeader(nil, h), body...))
}
