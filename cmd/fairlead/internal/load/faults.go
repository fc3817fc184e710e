package load

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/fairlead-ws/fairlead"
)

// faults counts errors by what they have in common.
type faults struct {
	mu    sync.Mutex
	each  map[string]int64
	first error
}

// maxFaults bounds the kinds: the text of a peer may be part of one.
const maxFaults = 50

func (f *faults) add(what string, err error) {
	kind := what + ": " + class(err)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.each == nil {
		f.each = map[string]int64{}
		f.first = err
	}
	if _, known := f.each[kind]; !known && len(f.each) >= maxFaults {
		kind = what + ": other errors"
	}
	f.each[kind]++
}

// Fault is how often something went wrong.
type Fault struct {
	Error string `json:"error"`
	Count int64  `json:"count"`
}

func (f *faults) list() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Fault, 0, len(f.each))
	for text, n := range f.each {
		list = append(list, Fault{text, n})
	}
	slices.SortFunc(list, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Error, b.Error))
	})
	return list
}

// class is the error without what differs from one connection to the next:
// addresses and ports.
func class(err error) string {
	if dial, ok := errors.AsType[*fairlead.HandshakeError](err); ok {
		if cause := root(dial.Err); cause != "" {
			return dial.Phase + ": " + cause
		}
		return err.Error()
	}
	if cause := root(err); cause != "" {
		return cause
	}
	return err.Error()
}

func root(err error) string {
	var number syscall.Errno
	var name *net.DNSError
	switch {
	case errors.As(err, &number):
		return number.Error()
	case errors.As(err, &name):
		return name.Err
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection ended without a Close frame"
	}
	return ""
}
