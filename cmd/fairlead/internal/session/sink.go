package session

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/stream"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
	"github.com/fairlead-ws/fairlead/frame"
)

// Message is one that came.
type Message struct {
	Type fairlead.MessageType
	Data []byte // valid during the call
	Time time.Time
}

// Event is something else that happened.
type Event struct {
	Type   string // "open", "close", "pong" or "note"
	Time   time.Time
	Code   frame.StatusCode // of a close
	Reason string           // as the peer wrote it
	Remote bool             // the peer began the close
	Failed bool             // the close is an error that is told elsewhere
	RTT    time.Duration    // of a pong
	Header http.Header      // of the server's answer, when it opened; secrets are in it
	Text   string           // of a note, or why no Close frame came; may hold what a peer wrote
}

// String is the event as a person reads it, safe for a terminal.
func (e Event) String() string {
	switch e.Type {
	case "close":
		who := "by this side"
		if e.Remote {
			who = "by the peer"
		}
		text := fmt.Sprintf("closed %s: %v", who, e.Code)
		if e.Reason != "" {
			text += fmt.Sprintf(", reason %+q", e.Reason)
		}
		if e.Text != "" {
			text += ": " + terminal.Line(e.Text)
		}
		return text
	case "pong":
		return fmt.Sprintf("pong after %v", e.RTT.Round(time.Microsecond))
	}
	return terminal.Line(e.Text)
}

// Sink is where messages and events go. It is used by several goroutines.
type Sink interface {
	Message(m Message) error
	Event(e Event)
}

// Output is a Sink that writes messages to a stream, and events to another one.
type Output struct {
	Out       io.Writer
	Err       io.Writer // nil for no events
	Framing   stream.Framing
	Delimiter []byte
	Encoding  Decoding // of binary messages, and of all where Framing is Lines
	Terminal  *terminal.Style

	mu  sync.Mutex
	buf []byte
}

// Message writes the message in one call.
func (o *Output) Message(m Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var err error
	if o.buf, err = o.append(o.buf[:0], m); err != nil {
		return err
	}
	_, err = o.Out.Write(o.buf)
	if cap(o.buf) > stream.Hold {
		o.buf = nil
	}
	return exit.Output(err)
}

func (o *Output) append(dst []byte, m Message) ([]byte, error) {
	if o.Framing == stream.JSONL {
		return appendLine(dst, messageLine(m))
	}
	p := m.Data
	switch {
	case o.Encoding == Hex && m.Type == fairlead.Binary:
		p = hex.AppendEncode(nil, p)
	case o.Encoding == Base64 && m.Type == fairlead.Binary:
		p = base64.StdEncoding.AppendEncode(nil, p)
	case o.Terminal != nil && o.Framing == stream.Lines:
		return append(append(dst, o.Terminal.Message(m.Type == fairlead.Binary, p)...), '\n'), nil
	case o.Terminal != nil && !o.Terminal.Raw:
		p = []byte(terminal.Text(string(p)))
	}
	return stream.Append(dst, o.Framing, o.Delimiter, p)
}

// Event tells a person, and whoever reads lines of JSON.
func (o *Output) Event(e Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.Framing == stream.JSONL && e.Type != "note" && e.Type != "open" {
		if text, err := appendLine(nil, eventLine(e)); err == nil {
			_, _ = o.Out.Write(text) // an output that is gone is noticed by the next message
		}
	}
	if o.Err != nil && e.Type != "open" && !e.Failed {
		fmt.Fprintf(o.Err, "fairlead: %s\n", e)
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func messageLine(m Message) line {
	l := line{TS: stamp(m.Time), Dir: "in", Type: m.Type.String()}
	opcode, fin, length := int(m.Type), true, int64(len(m.Data))
	l.Opcode, l.Fin, l.Len = &opcode, &fin, &length
	if m.Type == fairlead.Text && utf8.Valid(m.Data) {
		text := string(m.Data)
		l.Text = &text
	} else {
		text := base64.StdEncoding.EncodeToString(m.Data)
		l.Base64 = &text
	}
	return l
}

func eventLine(e Event) line {
	l := line{TS: stamp(e.Time), Dir: "in", Type: e.Type, Code: int(e.Code), Reason: e.Reason, RTT: float64(e.RTT) / 1e6}
	if e.Type == "close" && !e.Remote {
		l.Dir = "out"
	}
	return l
}

func appendLine(dst []byte, l line) ([]byte, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return dst, err
	}
	// What a terminal would act on is escaped here too: the JSON is the same.
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r < utf8.RuneSelf && r != 0x7f, unicode.IsPrint(r):
			dst = append(dst, text[:size]...)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, "\\u%04x\\u%04x", high, low)
		default:
			dst = fmt.Appendf(dst, "\\u%04x", r)
		}
		text = text[size:]
	}
	return append(dst, '\n'), nil
}
