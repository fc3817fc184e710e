package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/session"
)

// datum is one -d or --data-binary.
type datum struct {
	text   string
	binary bool
}

// dataFlag keeps -d and --data-binary in their common order.
type dataFlag struct {
	to     *[]datum
	binary bool
}

func (*dataFlag) String() string { return "" }

// Type names the flag's type.
func (*dataFlag) Type() string { return "stringArray" }

// Set adds a message.
func (d *dataFlag) Set(text string) error {
	*d.to = append(*d.to, datum{text, d.binary})
	return nil
}

// initial are the messages of -d and --data-binary.
func (c *connection) initial(how session.Reading, in io.Reader) ([]session.Action, error) {
	var all []session.Action
	for _, d := range c.data {
		data, err := d.bytes(in, c.keepNewline)
		if err != nil {
			return nil, err
		}
		a := session.Action{Kind: session.Send, Type: how.Type, Data: data}
		if d.binary {
			a.Type = fairlead.Binary
		} else if a.Data, err = how.Decoding.Decode(data); err != nil {
			return nil, exit.Usagef("--data: %w", err)
		}
		all = append(all, a)
	}
	return all, nil
}

func (d datum) bytes(in io.Reader, keepNewline bool) ([]byte, error) {
	path, isFile := strings.CutPrefix(d.text, "@")
	if !isFile {
		return []byte(d.text), nil
	}
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(in)
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, exit.With(exit.Read, fmt.Errorf("reading a message: %w", err))
	}
	if !d.binary && !keepNewline {
		data = bytes.TrimSuffix(data, []byte("\n"))
	}
	return data, nil
}

// readsInput reports whether a -d has standard input for itself.
func (c *connection) readsInput() bool {
	for _, d := range c.data {
		if d.text == "@-" {
			return true
		}
	}
	return false
}
