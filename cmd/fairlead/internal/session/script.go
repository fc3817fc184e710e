package session

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/query"
	"github.com/fairlead-ws/fairlead/frame"
)

// line is a line of JSONL, in both directions. What is recorded can be read
// again: ts, dir, rtt and len are passed over on input.
type line struct {
	TS     string          `json:"ts,omitempty"`
	Dir    string          `json:"dir,omitempty"` // "in" from the server, "out" to it
	Type   string          `json:"type,omitempty"`
	Text   *string         `json:"text,omitempty"`
	Base64 *string         `json:"base64,omitempty"`
	Code   int             `json:"code,omitempty"`
	Reason string          `json:"reason,omitempty"`
	RTT    float64         `json:"rtt,omitempty"` // milliseconds
	Opcode *int            `json:"opcode,omitempty"`
	Fin    *bool           `json:"fin,omitempty"`
	Len    *int64          `json:"len,omitempty"`
	RSV    int             `json:"rsv,omitempty"`  // only in: 4 is RSV1
	Mask   *bool           `json:"mask,omitempty"` // only in
	Sleep  json.RawMessage `json:"sleep,omitempty"`
	Expect *string         `json:"expect,omitempty"`
	Wait   json.RawMessage `json:"timeout,omitempty"`
}

// expectWait is how long an expectation of a script waits by default.
const expectWait = 10 * time.Second

// parseScript reads one line of a script.
func parseScript(text []byte) (Action, error) {
	var l line
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return Action{}, fmt.Errorf("expected a line of JSON such as {\"text\":\"hello\"}: %w", err)
	}
	if l.Sleep != nil {
		d, err := durationOf(l.Sleep)
		return Action{Kind: Sleep, Time: d}, err
	}
	if l.Expect != nil {
		q, err := query.Compile(*l.Expect)
		if err != nil {
			return Action{}, err
		}
		a := Action{Kind: Expect, Expect: q, Time: expectWait}
		if l.Wait != nil {
			a.Time, err = durationOf(l.Wait)
		}
		return a, err
	}
	data, binary, err := l.payload()
	if err != nil {
		return Action{}, err
	}
	if l.Type == "frame" {
		return l.rawFrame(data)
	}
	a := Action{Type: fairlead.Text, Data: data}
	switch l.Type {
	case "text":
	case "binary":
		a.Type = fairlead.Binary
	case "":
		if binary {
			a.Type = fairlead.Binary
		}
	case "ping":
		a.Kind = Ping
	case "pong":
		a.Kind = Pong
	case "close":
		a.Kind, a.Code, a.Reason = Close, frame.StatusNormal, l.Reason
		if l.Code != 0 {
			a.Code = frame.StatusCode(l.Code)
		}
	default:
		return Action{}, fmt.Errorf("the type %q is unknown: expected text, binary, ping, pong, close or frame", l.Type)
	}
	return a, nil
}

// ParseFrame reads a frame as a script has it; its type may be left out.
func ParseFrame(text []byte) (Action, error) {
	var l line
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return Action{}, fmt.Errorf("expected a frame such as {\"opcode\":1,\"fin\":true,\"text\":\"hello\"}: %w", err)
	}
	l.Type = "frame"
	data, _, err := l.payload()
	if err != nil {
		return Action{}, err
	}
	return l.rawFrame(data)
}

func (l line) payload() (data []byte, binary bool, err error) {
	switch {
	case l.Text != nil && l.Base64 != nil:
		return nil, false, errors.New("both text and base64 are there: choose one")
	case l.Base64 != nil:
		data, err = base64.StdEncoding.DecodeString(*l.Base64)
		if err != nil {
			err = errors.New("base64 has something else in it")
		}
		return data, true, err
	case l.Text != nil:
		return []byte(*l.Text), false, nil
	case l.Type == "" || l.Type == "text" || l.Type == "binary":
		return nil, false, errors.New("expected text, base64, sleep or expect")
	}
	return nil, false, nil
}

// rawFrame is a frame as it is written, legal or not.
func (l line) rawFrame(data []byte) (Action, error) {
	h := frame.Header{Fin: true, Opcode: frame.Text, Masked: true, RSV: uint8(l.RSV)}
	if l.Opcode != nil {
		h.Opcode = frame.Opcode(*l.Opcode)
	} else if l.Base64 != nil {
		h.Opcode = frame.Binary
	}
	if h.Opcode > 0xF || l.RSV < 0 || l.RSV > 7 {
		return Action{}, errors.New("an opcode has 4 bits, rsv has 3")
	}
	if l.Fin != nil {
		h.Fin = *l.Fin
	}
	if l.Mask != nil {
		h.Masked = *l.Mask
	}
	return Action{Kind: RawFrame, Frame: h, Data: data, Declared: l.Len}, nil
}

// durationOf reads "1.5s", "2" or a number of seconds.
func durationOf(raw json.RawMessage) (time.Duration, error) {
	text := string(raw)
	_ = json.Unmarshal(raw, &text) // of a number the text stays
	return connect.ParseDuration(text)
}
