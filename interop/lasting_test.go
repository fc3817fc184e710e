package interop_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// A lasting thing serves all tests of this process: it is made for the first that
// needs it and goes after the last. Where it cannot be made, each test that needs
// it tries, and says why.
type lasting[T any] struct {
	make func(*testing.T) T

	mu    sync.Mutex
	made  bool
	thing T
}

func (l *lasting[T]) get(t *testing.T) T {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.made {
		l.thing = l.make(t)
		l.made = true
	}
	return l.thing
}

// atEnd has what is to be done after the last test: first the children end.
var atEnd struct {
	mu       sync.Mutex
	children []*child
	actions  []func() error
}

func doAtEnd(action func() error) {
	atEnd.mu.Lock()
	defer atEnd.mu.Unlock()
	atEnd.actions = append(atEnd.actions, action)
}

// startLasting is startChild for a program that ends after the last test. It has
// to listen on loopback only.
func startLasting(t *testing.T, cmd *exec.Cmd, line func(string) (ready bool)) {
	t.Helper()
	c := spawn(t, cmd, line)
	atEnd.mu.Lock()
	atEnd.children = append(atEnd.children, c)
	atEnd.mu.Unlock()
	c.await(t)
	wantLoopbackOnly(t, c.name, c.cmd.Process.Pid)
}

// startServer starts a program that ends after the last test. It is ready when it
// accepts connections at each of the addresses, and has to listen on loopback
// only.
func startServer(t *testing.T, cmd *exec.Cmd, addresses ...string) {
	t.Helper()
	c := spawn(t, cmd, func(string) bool { return false })
	atEnd.mu.Lock()
	atEnd.children = append(atEnd.children, c)
	atEnd.mu.Unlock()
	limit := time.Now().Add(startWithin)
	for _, address := range addresses {
		for !accepts(address) {
			select {
			case <-c.ended:
				t.Fatalf("%s ended before it was ready; it printed:\n%s", c.name, c.output.Bytes())
			case <-time.After(2 * time.Millisecond):
			}
			if time.Now().After(limit) {
				t.Fatalf("%s does not listen at %s within %v", c.name, address, startWithin)
			}
		}
	}
	wantLoopbackOnly(t, c.name, c.cmd.Process.Pid)
}

// accepts says whether something accepts connections at address: a path, or host
// and port.
func accepts(address string) bool {
	network := "tcp"
	if _, _, err := net.SplitHostPort(address); err != nil {
		network = "unix"
	}
	c, err := net.Dial(network, address)
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

// tests are those of this process, and what has to be done when they are over.
type tests struct{ *testing.M }

func (m tests) Run() int {
	code := m.M.Run()
	errs := make(chan error)
	for _, c := range atEnd.children {
		go func() { errs <- c.end() }()
	}
	for range atEnd.children {
		if err := <-errs; err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	for _, action := range atEnd.actions {
		if err := action(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	if code != 0 {
		for _, c := range atEnd.children {
			out := c.output.Bytes()
			fmt.Fprintf(os.Stderr, "%s printed:\n%s", c.name, out[max(0, len(out)-4<<10):])
		}
	}
	return code
}
