// Package model is a second receiver: what a WebSocket client makes of the bytes of
// a server, and what it owes in answer, written from RFC 6455, RFC 7692 and RFC 1951
// alone. It is small, slow and obvious, and shares nothing with Fairlead, which a
// fuzz target compares with it.
package model

// Config is what was negotiated, and how the client is set up.
type Config struct {
	MaxMessage   int // bytes after inflating; 0 means no limit
	MaxFragments int // frames of one message; 0 means no limit

	Deflate    bool // permessage-deflate was agreed on
	WindowBits int  // of the server
	Takeover   bool // the server keeps its window from message to message

	AnswerPing  bool
	AnswerClose bool
}

// Message is one that is delivered.
type Message struct {
	Text bool
	Data string
}

// End says how the session ended.
type End int

// The ends that there are.
const (
	Lost   End = iota // the bytes ended before a Close
	Closed            // a Close came
	Failed            // the client fails the connection (RFC 6455, section 7.1.7)
)

// Outcome is what a client makes of all the bytes of a server.
type Outcome struct {
	Messages []Message
	Pongs    []string // payloads of those that are sent
	Closes   []string // payloads of the Close frames that are sent: one or none

	End    End
	Code   int // status code that came, or that the connection is failed with; 1006 if lost
	Reason string

	// Pending says that the bytes ended inside a compressed frame. How much of
	// what came a client has inflated by then is its own affair, and so is
	// whether it has seen yet that it goes wrong.
	Pending bool
}

// The codes of section 7.4.1 that a client fails a connection with.
const (
	noStatus       = 1005
	abnormal       = 1006
	protocolError  = 1002
	invalidPayload = 1007
	policy         = 1008
	tooBig         = 1009
)

// The opcodes of section 5.2.
const (
	continuation = 0x0
	text         = 0x1
	binary       = 0x2
	closing      = 0x8
	ping         = 0x9
	pong         = 0xA
)

// receiver is the state between two frames.
type receiver struct {
	Config
	out Outcome

	open       bool // a message is under way
	text       bool
	compressed bool
	fragments  int
	wire       []byte // its payload as it came
	declared   uint64 // its size, as far as headers told, when it is not compressed
	history    []byte // what compressed messages before it held
}

// failure is a code to fail the connection with.
type failure int

// Run receives the bytes of a server, after which the connection ends.
func Run(server []byte, cfg Config) Outcome {
	r := &receiver{Config: cfg}
	err := r.frames(server)
	switch err {
	case over:
	case none:
		r.out.End, r.out.Code = Lost, abnormal
	default:
		r.out.End, r.out.Code, r.out.Reason = Failed, int(err), ""
		r.out.Closes = append(r.out.Closes, string([]byte{byte(err >> 8), byte(err)}))
	}
	return r.out
}

const (
	none failure = 0
	over failure = -1 // a Close came
)

// frames goes through the frames one by one.
func (r *receiver) frames(p []byte) failure {
	for {
		h, size, err := parse(p)
		if err != none || size == 0 {
			return err
		}
		if err := r.judge(h); err != none {
			return err
		}
		p = p[size:]
		whole := uint64(len(p)) >= h.length
		payload := p
		if whole {
			payload, p = p[:h.length], p[h.length:]
		}
		if h.opcode >= 8 {
			if !whole {
				return none
			}
			err = r.control(h.opcode, payload)
		} else {
			err = r.data(h, payload, whole)
		}
		if err != none || !whole {
			return err
		}
	}
}

// data takes payload of a frame of a message, all that there is of it.
func (r *receiver) data(h header, payload []byte, whole bool) failure {
	r.wire = append(r.wire, payload...)
	last := whole && h.fin
	message, err := r.wire, none
	if r.compressed {
		r.out.Pending = !whole
		message, err = inflate(r.history, r.wire, 1<<r.WindowBits, last)
	}
	if wrong := r.check(message); wrong != none {
		return wrong
	}
	if err != none {
		return err
	}
	if !last {
		return none
	}
	if r.text && !isText(message) {
		return invalidPayload
	}
	r.out.Messages = append(r.out.Messages, Message{Text: r.text, Data: string(message)})
	if r.compressed && r.Takeover {
		r.history = append(r.history, message...)
	}
	r.open, r.wire = false, nil
	return none
}

// check goes through what there is of a message: the first byte that is one too
// many, or cannot be text, decides.
func (r *receiver) check(message []byte) failure {
	for i := 0; i < len(message); {
		n, bad := 1, -1
		if r.text {
			n, bad = codePoint(message[i:])
		}
		end := min(i+n, len(message))
		if bad >= 0 {
			end = i + bad + 1
		}
		switch {
		case r.MaxMessage > 0 && end > r.MaxMessage:
			return tooBig
		case bad >= 0:
			return invalidPayload
		}
		i = end
	}
	return none
}

// control takes a control frame (section 5.5).
func (r *receiver) control(opcode byte, payload []byte) failure {
	switch opcode {
	case ping:
		if r.AnswerPing {
			r.out.Pongs = append(r.out.Pongs, string(payload))
		}
	case closing:
		return r.close(payload)
	}
	return none
}

// close takes a Close frame (section 5.5.1).
func (r *receiver) close(payload []byte) failure {
	code := noStatus
	switch {
	case len(payload) == 1:
		return protocolError
	case len(payload) >= 2:
		code = int(payload[0])<<8 | int(payload[1])
		if !maySend(code) {
			return protocolError
		}
		if !isText(payload[2:]) {
			return invalidPayload
		}
		r.out.Reason = string(payload[2:])
	}
	r.out.End, r.out.Code = Closed, code
	if r.AnswerClose {
		// "the endpoint typically echos the status code it received"
		r.out.Closes = append(r.out.Closes, string(payload[:min(2, len(payload))]))
	}
	return over
}

// maySend says whether a Close frame may carry code (section 7.4 and the registry
// that it sets up, which has 1012 to 1014 as well).
func maySend(code int) bool {
	switch code {
	case 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014:
		return true
	}
	return 3000 <= code && code <= 4999
}
