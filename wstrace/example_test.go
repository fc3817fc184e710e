package wstrace_test

import (
	"context"
	"fmt"
	"os"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// withoutTime leaves the time out of a dump, for an output that can be compared.
type withoutTime struct{}

func (withoutTime) Write(p []byte) (int, error) {
	column, rest := []rune(string(p))[:2], []rune(string(p))[2+len("15:04:05.000 "):]
	fmt.Print(string(column), string(rest))
	return len(p), nil
}

func ExampleWithTrace() {
	ctx := wstrace.WithTrace(context.Background(), wstrace.Dump(withoutTime{})) // os.Stderr, usually

	// What is dialed under ctx reports to the dump. Here, by hand:
	trace := wstrace.FromContext(ctx)
	wstrace.Call(trace.RequestStart, wstrace.RequestStart{
		Head: wstrace.NewRequestHead("GET", "/chat?token=s3cret",
			wstrace.Field{Name: "Host", Value: "example.com"},
			wstrace.Field{Name: "Authorization", Value: "Bearer s3cret"}),
	})
	wstrace.Call(trace.FrameSent, wstrace.Frame{
		Header:  frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Length: 5},
		Preview: []byte("Hello"),
	})
	wstrace.Call(trace.FrameReceived, wstrace.Frame{
		Header:  frame.Header{Fin: true, Opcode: frame.Text, Length: 9},
		Preview: []byte("\x1b[2JHello"),
	})
	// Output:
	// → request GET /chat?token=*** HTTP/1.1 | Host: example.com | Authorization: Bearer ***
	// → text fin len=5 mask "Hello"
	// ← text fin len=9 "\x1b[2JHello"
}

func ExampleDump() {
	ctx := wstrace.WithTrace(context.Background(), wstrace.Dump(os.Stderr))
	_ = ctx // dial with it
}

// Single events, and only those that are of interest.
func ExampleTrace() {
	var frames, bytes int64
	trace := &wstrace.Trace{
		TLSDone: func(e wstrace.TLSDone) { fmt.Println(e.ServerName, "speaks", e.Version) },
		FrameSent: func(f wstrace.Frame) {
			frames++
			bytes += f.Header.Length
		},
	}
	wstrace.Call(trace.TLSDone, wstrace.TLSDone{ServerName: "example.com", Version: "TLS 1.3"})
	wstrace.Call(trace.FrameSent, wstrace.Frame{Header: frame.Header{Fin: true, Opcode: frame.Text, Length: 5}})
	fmt.Println(frames, "frame of", bytes, "bytes")
	// Output:
	// example.com speaks TLS 1.3
	// 1 frame of 5 bytes
}
