package http1_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// pieces is a stream that gives one piece for each read and fails with a
// timeout before each piece but the first; then it ends.
type pieces [][]byte

// cut makes pieces of data, split at the given offsets.
func cut(data string, offsets ...int) *pieces {
	var p pieces
	last := 0
	for _, o := range offsets {
		p = append(p, []byte(data[last:o]))
		last = o
	}
	p = append(p, []byte(data[last:]))
	return &p
}

// each makes pieces of one byte.
func each(data string) *pieces {
	var p pieces
	for i := range len(data) {
		p = append(p, []byte(data[i:i+1]), nil)
	}
	return &p
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(*p) == 0 {
		return 0, io.EOF
	}
	first := &(*p)[0]
	if len(*first) == 0 {
		*p = (*p)[1:]
		if len(*p) == 0 {
			return 0, io.EOF
		}
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(b, *first)
	*first = (*first)[n:]
	return n, nil
}

// patient calls read again as long as it fails with a timeout.
func patient[T any](read func() (T, error)) (T, error) {
	for {
		v, err := read()
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return v, err
		}
	}
}

// response reads a response from a stream given whole.
func response(s string) (*http1.Response, error) {
	return http1.NewReader(strings.NewReader(s), http1.Limits{}).ReadResponse()
}

// wantError checks that err is an *http1.Error with the given part whose text
// contains text, and that it is not io.EOF.
func wantError(t *testing.T, err error, part, text string) {
	t.Helper()
	var e *http1.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want an *http1.Error", err)
	}
	if e.Part != part || !strings.Contains(err.Error(), text) {
		t.Errorf("error is %q in part %q, want %q in part %q", err, e.Part, text, part)
	}
	if errors.Is(err, io.EOF) {
		t.Errorf("error %v matches io.EOF", err)
	}
}

// drain reads the rest of src, patiently.
func drain(src io.Reader) (string, error) {
	var all []byte
	_, err := patient(func() (int, error) {
		more, err := io.ReadAll(src)
		all = append(all, more...)
		return 0, err
	})
	return string(all), err
}
