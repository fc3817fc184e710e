package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Session is one session of a recording.
type Session struct {
	Open   Opening
	Lines  []Line // the opening and the end among them
	Closed bool   // the end was recorded
}

// Read reads a recording. The last line of a session may be torn, because the
// recorder was killed or is still at work: it is left out and no error. Lines
// of other types than this version knows are passed over.
func Read(in io.Reader) ([]Session, error) {
	r := bufio.NewReaderSize(in, 64<<10)
	var sessions []Session
	var torn error // of the line before
	for number := 1; ; number++ {
		text, err := readLine(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		last := err != nil
		if text = bytes.TrimSpace(text); len(text) > 0 {
			var l Line
			jsonErr := json.Unmarshal(text, &l)
			if torn != nil && (jsonErr != nil || l.Type != "open") {
				return nil, torn
			}
			if torn = nil; jsonErr != nil {
				torn = fmt.Errorf("line %d is not one of a recording: %w", number, jsonErr)
			} else if sessions, err = add(sessions, l); err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
		}
		if last {
			if len(sessions) == 0 {
				return nil, torn
			}
			return sessions, nil
		}
	}
}

// readLine returns a line with its newline, or what there is and io.EOF.
func readLine(r *bufio.Reader) ([]byte, error) {
	var all []byte
	for {
		part, err := r.ReadSlice('\n')
		all = append(all, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return all, err
		}
		if len(all) > maxLine {
			return nil, fmt.Errorf("it has more than %d MiB", maxLine>>20)
		}
	}
}

func add(sessions []Session, l Line) ([]Session, error) {
	if l.Type == "open" {
		if l.Open == nil {
			return nil, errors.New("an opening without its particulars")
		}
		if l.Open.Version != 1 {
			return nil, fmt.Errorf("version %d of the format is unknown here", l.Open.Version)
		}
		return append(sessions, Session{Open: *l.Open, Lines: []Line{l}}), nil
	}
	if len(sessions) == 0 {
		return nil, errors.New("a recording begins with a line of the type open")
	}
	s := &sessions[len(sessions)-1]
	s.Lines = append(s.Lines, l)
	s.Closed = s.Closed || l.Type == "end"
	return sessions, nil
}

// Message is a message of a session, put together.
type Message struct {
	Line // of its first frame
	Data []byte
}

// messages puts the frames of the session together, in the order in which the
// messages ended.
func (s *Session) messages() ([]Message, error) {
	var all []Message
	open := map[string]*Message{}
	for i := range s.Lines {
		l := &s.Lines[i]
		if !l.isData() {
			continue
		}
		p, err := l.payload()
		if err != nil {
			return nil, err
		}
		m := open[l.Dir]
		switch {
		case l.Type == "continuation" && m == nil:
			continue // it began before the recording did
		case l.Type == "continuation":
			m.Data = append(m.Data, p...)
		default:
			m = &Message{Line: *l, Data: p}
			open[l.Dir] = m
		}
		if l.fin() {
			all = append(all, *m)
			delete(open, l.Dir)
		}
	}
	return all, nil
}
