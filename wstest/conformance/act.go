package conformance

import (
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

func send(op frame.Opcode, payload string) act {
	return act{header: frame.Header{Fin: true, Opcode: op}, payload: []byte(payload)}
}

// part is a frame without FIN.
func part(op frame.Opcode, payload string) act {
	return act{header: frame.Header{Opcode: op}, payload: []byte(payload)}
}

func (a act) withRSV(bits uint8) act {
	a.header.RSV = bits
	return a
}

// closeWith is the Close frame with which the server ends the session. Its
// payload may be anything.
func closeWith(payload string) act {
	a := send(frame.Close, payload)
	a.closing = true
	return a
}

// closeCode is the payload of a Close frame, also one that is forbidden.
func closeCode(code frame.StatusCode, reason string) string {
	return string([]byte{byte(code >> 8), byte(code)}) + reason
}

func raw(p string) act { return act{raw: []byte(p)} }

func pause(d time.Duration, mark string) act { return act{pause: d, mark: mark} }

// inOctets is a text message in fragments of one octet.
func inOctets(message string) act {
	a := send(frame.Text, message)
	a.fragment = 1
	return a
}

func texts(payloads ...string) []event {
	var list []event
	for _, p := range payloads {
		list = append(list, eventOf("text", []byte(p)))
	}
	return list
}

func pongs(payloads ...string) []event {
	var list []event
	for _, p := range payloads {
		list = append(list, eventOf("pong", []byte(p)))
	}
	return list
}

func timeouts(marks ...string) []event {
	var list []event
	for _, m := range marks {
		list = append(list, eventOf("timeout", []byte(m)))
	}
	return list
}
