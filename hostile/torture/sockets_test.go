package torture_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// passage is a scenario over sockets, through a gauntlet.
type passage struct {
	name    string
	network string // "tcp" unless set
	serve   func(*journal, net.Conn)
	backend *rig // the server behind serve, where that is a proxy
	run     func(p *pass) error
	// lossy is that of scenario.
	lossy bool
	// told says that errors are texts: those of tasks.
	told bool
}

// pass is one run of a passage.
type pass struct {
	ctx  context.Context // ends with the blow, if that is its kind
	addr string          // of the gauntlet
	host string
	port int
	log  *journal
}

// patience is how long a call over sockets may take once the blow has come. It is
// more than the second of bubbles, for the machine may be busy.
const patience = 5 * time.Second

// rig is the server of a passage.
type rig struct {
	listener net.Listener
	log      atomic.Pointer[journal]
	serving  sync.WaitGroup
}

func newRig(t *testing.T, network string, serve func(*journal, net.Conn)) *rig {
	t.Helper()
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "server")
	}
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{listener: l}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			r.serving.Go(func() {
				defer nc.Close()
				serve(r.log.Load(), nc)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		accepting.Wait()
	})
	return r
}

// run walks over everything that passes, with each kind of blow.
func (p passage) walk(t *testing.T) {
	t.Helper()
	countScenario(p.name)
	stroke := watchdog(t)
	if p.network == "" {
		p.network = "tcp"
	}
	r := newRig(t, p.network, p.serve)
	stroke("without a blow")
	p.try(t, r, trickles, -1) // opens what stays open, and fails if that cannot be
	if t.Failed() {
		return
	}
	before := baseline()
	passed, blows := 0, 0
	for b := range blow(numBlows) {
		for due := 1; ; due++ {
			if !long() && due%7 != (int(b)+len(p.name))%7 {
				if due > 200 {
					break
				}
				continue
			}
			stroke(fmt.Sprintf("%s: thing %d, %v", p.name, due, b))
			struck := p.try(t, r, b, due)
			if !before.restored() {
				tally.leaks.Add(1)
				t.Errorf("%v at %d: %v\n%s", b, due, before, stacks())
			}
			if t.Failed() {
				return
			}
			if !struck {
				break
			}
			blows++
			passed = max(passed, due)
		}
	}
	tally.faults.Add(int64(blows))
	t.Logf("%d things pass, %d blows", passed, blows)
}

// try runs the passage with one blow and judges it.
func (p passage) try(t *testing.T, r *rig, b blow, due int) (struck bool) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	addr := "127.0.0.1:0"
	if p.network == "unix" {
		addr = filepath.Join(t.TempDir(), "gauntlet")
	}
	g, err := newGauntlet(p.network, addr, r.listener.Addr().String(), b, due, cancel)
	if err != nil {
		t.Fatal(err)
	}
	log := &journal{}
	r.log.Store(log)
	if p.backend != nil {
		p.backend.log.Store(log)
	}
	run := &pass{ctx: ctx, addr: g.listener.Addr().String(), log: log}
	if tcp, ok := g.listener.Addr().(*net.TCPAddr); ok {
		run.host, run.port = "127.0.0.1", tcp.Port
	}
	err = p.run(run)
	ended := time.Now()
	// What was written passes on before the gauntlet is taken away.
	if b == trickles || due < 0 {
		g.drain()
	}
	g.close()
	r.serving.Wait()
	if p.backend != nil {
		p.backend.serving.Wait()
	}
	if g.struck && ended.Sub(g.at) > patience {
		tally.hangs.Add(1)
		t.Errorf("%v at %d: it took %v, then %v", b, due, ended.Sub(g.at), err)
	}
	if verdict := p.judge(log, g, err); verdict != nil {
		tally.wrong.Add(1)
		t.Errorf("%v at %d: %v", b, due, verdict)
	}
	return g.struck
}

func (p passage) judge(log *journal, g *gauntlet, err error) error {
	harmless := !g.struck || g.blow == trickles
	if wrong := log.verdict(harmless && !p.lossy); len(wrong) > 0 {
		return fmt.Errorf("wrong delivery: %s", strings.Join(wrong, "; "))
	}
	switch {
	case err == nil:
		return nil
	case harmless:
		return fmt.Errorf("failed although nothing was in the way: %w", err)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("io.EOF: %w", err)
	case p.told: // in words
		return nil
	}
	for _, cause := range g.blow.causes() {
		if errors.Is(err, cause) {
			return nil
		}
	}
	return fmt.Errorf("the error does not have the cause: %w", err)
}

// causes are what the error after a blow must match one of.
func (b blow) causes() []error {
	switch b {
	case stalls, aborts:
		return []error{context.Canceled, chilkat.ErrAborted}
	case finishes:
		return []error{io.ErrUnexpectedEOF, net.ErrClosed}
	}
	return []error{syscall.ECONNRESET, syscall.EPIPE, io.ErrUnexpectedEOF, net.ErrClosed}
}

// drain waits until all that was sent has passed: until both sides have ended.
func (g *gauntlet) drain() {
	g.listener.Close()
	done := make(chan struct{})
	go func() {
		g.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
	}
}

// resources are what must be given back.
type resources struct{ goroutines, descriptors int }

func baseline() resources { return resources{runtime.NumGoroutine(), descriptors()} }

// left waits for goroutines to end and counts those that do not.
func (r resources) left() (left int, text string) {
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Microsecond) {
		left = runtime.NumGoroutine() - r.goroutines
		if left <= 0 || time.Now().After(end) {
			break
		}
	}
	if left > 0 {
		text = string(stacks())
	}
	return left, text
}

// restored waits until as much is in use as before.
func (r resources) restored() bool {
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Microsecond) {
		if runtime.NumGoroutine() <= r.goroutines && descriptors() <= r.descriptors {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

func (r resources) String() string {
	return fmt.Sprintf("%d goroutines, %d before; %d descriptors, %d before",
		runtime.NumGoroutine(), r.goroutines, descriptors(), r.descriptors)
}

// descriptors counts those of the process, where the system shows them.
func descriptors() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

func stacks() []byte {
	buf := make([]byte, 1<<20)
	return buf[:runtime.Stack(buf, true)]
}
