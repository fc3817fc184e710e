package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// watch is what -v, -vv and -i show.
func (c *connection) watch(setup *connect.Setup, w io.Writer) *wstrace.Trace {
	var secrets *connect.Secrets
	if c.showSecrets {
		secrets = setup.Reveal()
	}
	w = &lockedWriter{w: w}
	t := &wstrace.Trace{}
	if c.verbose > 0 {
		t = wstrace.Dump(w)
		t.RequestStart = func(e wstrace.RequestStart) { printHead(w, "> ", e.Head, secrets) }
		if c.verbose == 1 {
			t.FrameReceived, t.FrameSent = nil, nil
		}
	}
	if c.verbose > 0 || c.include {
		t.ResponseDone = func(e wstrace.ResponseDone) {
			if e.Err != nil {
				fmt.Fprintf(w, "* no response: %s\n", terminal.Line(e.Err.Error()))
				return
			}
			printHead(w, "< ", e.Head, nil)
		}
	}
	return t
}

// printHead writes the lines of a head, secrets masked unless they are given.
func printHead(w io.Writer, prefix string, head wstrace.Head, secrets *connect.Secrets) {
	var b strings.Builder
	first := head.Line()
	if secrets != nil {
		if parts := strings.SplitN(first, " ", 3); len(parts) == 3 {
			first = parts[0] + " " + secrets.Target() + " " + parts[2]
		}
	}
	fmt.Fprintf(&b, "%s%s\n", prefix, terminal.Line(first))
	for name, value := range head.Fields() {
		if secrets != nil {
			if known := secrets.Value(name); known != "" {
				value = known
			}
		}
		fmt.Fprintf(&b, "%s%s: %s\n", prefix, terminal.Line(name), terminal.Line(value))
	}
	_, _ = io.WriteString(w, b.String()+prefix+"\n")
}

// lockedWriter keeps lines of several goroutines apart.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
