package session

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/query"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/stream"
	"github.com/fairlead-ws/fairlead/frame"
)

// Kind is what an Action does.
type Kind uint8

// The kinds of actions.
const (
	Send Kind = iota
	Ping
	Pong
	Close
	Sleep
	Expect
	RawFrame
)

// Action is one thing to do: most are messages to send.
type Action struct {
	Kind Kind
	Type fairlead.MessageType // of a message
	Data []byte               // payload
	// Rest is what follows Data of a message too long to be held.
	Rest   io.Reader
	Code   frame.StatusCode // of a Close
	Reason string
	Time   time.Duration // of a Sleep; how long an Expect waits
	Expect *query.Query
	Frame  frame.Header
	// Declared, of a RawFrame, is the length that the header tells, where it is
	// not that of the payload.
	Declared *int64

	done func() // called when Rest was read
}

// Input is where actions come from. Next returns io.EOF after the last one, and
// the error of ctx when that ends.
type Input interface {
	Next(ctx context.Context) (Action, error)
}

// Decoding is how the text of an input or of a flag becomes bytes.
type Decoding uint8

// The decodings.
const (
	AsIs Decoding = iota
	Hex
	Base64
)

// Decode returns the bytes that p stands for. Space in hexadecimal digits and
// around base64 is passed over.
func (d Decoding) Decode(p []byte) ([]byte, error) {
	switch d {
	case Hex:
		var digits []byte
		for _, c := range p {
			if !unicode.IsSpace(rune(c)) {
				digits = append(digits, c)
			}
		}
		out := make([]byte, hex.DecodedLen(len(digits)))
		if _, err := hex.Decode(out, digits); err != nil {
			return nil, errors.New("expected pairs of hexadecimal digits")
		}
		return out, nil
	case Base64:
		out, err := base64.StdEncoding.DecodeString(string(p))
		if err != nil {
			return nil, errors.New("expected base64")
		}
		return out, nil
	}
	return p, nil
}

// Reading is how a stream becomes actions.
type Reading struct {
	Framing   stream.Framing
	Delimiter []byte
	Keep      bool
	Type      fairlead.MessageType
	Decoding  Decoding
}

// Pipe is the Input of a stream. A read of a stream cannot be ended, so it is
// done by a goroutine that outlives connections.
type Pipe struct {
	actions chan Action
	end     chan struct{} // closed after the last action
	err     error         // why it was the last; read after end
	quit    chan struct{}
}

// NewPipe begins to read in. Call Stop in the end.
func NewPipe(in io.Reader, how Reading) *Pipe {
	p := &Pipe{actions: make(chan Action), end: make(chan struct{}), quit: make(chan struct{})}
	go p.run(stream.NewReader(in, how.Framing, how.Delimiter, how.Keep), how)
	return p
}

// Stop lets the goroutine go once its read has ended.
func (p *Pipe) Stop() { close(p.quit) }

// Next returns the next action.
func (p *Pipe) Next(ctx context.Context) (Action, error) {
	select {
	case a := <-p.actions:
		return a, nil
	case <-p.end:
		return Action{}, p.err
	case <-ctx.Done():
		return Action{}, ctx.Err()
	}
}

func (p *Pipe) run(in *stream.Reader, how Reading) {
	defer close(p.end)
	for n := 1; ; n++ {
		data, rest, err := in.Next()
		if err != nil {
			p.err = err
			if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				p.err = exit.With(exit.Read, fmt.Errorf("reading the input: %w", err))
			}
			return
		}
		a, err := how.action(data, rest)
		if err != nil {
			p.err = exit.With(exit.Read, fmt.Errorf("message %d of the input: %w", n, err))
			return
		}
		consumed := make(chan struct{})
		if a.Rest != nil {
			a.done = func() { close(consumed) }
		} else {
			close(consumed)
		}
		select {
		case p.actions <- a:
		case <-p.quit:
			return
		}
		select {
		case <-consumed:
		case <-p.quit:
			return
		}
	}
}

func (how Reading) action(data []byte, rest io.Reader) (Action, error) {
	if how.Framing == stream.JSONL {
		if rest != nil {
			return Action{}, fmt.Errorf("a line of JSON has more than %d MiB", stream.Hold>>20)
		}
		return parseScript(data)
	}
	if rest != nil && how.Decoding != AsIs {
		return Action{}, fmt.Errorf("more than %d MiB to decode in one message", stream.Hold>>20)
	}
	data, err := how.Decoding.Decode(data)
	return Action{Kind: Send, Type: how.Type, Data: data, Rest: rest}, err
}
