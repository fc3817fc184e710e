package hostile_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// tcp is a session over loopback whose server's end is the test's.
func tcp(t *testing.T, d fairlead.Dialer) (*fairlead.Conn, net.Conn) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := ln.Accept()
		if err == nil {
			err = wstest.Play(conn, wstest.Upgrade())
		}
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	d.Route = route.TCP{}
	c, err := d.Dial(t.Context(), "ws://"+ln.Addr().String()+"/")
	if err != nil {
		t.Fatal(err)
	}
	server := <-accepted
	t.Cleanup(func() {
		_ = c.CloseNow()
		_ = server.Close()
	})
	return c, server
}

// pressureProbes are K01 to K03 and K18: what one side cannot take stays with the
// other.
func pressureProbes() []probe {
	// flood writes until the other side takes no more, and returns how much it took.
	flood := func(write func() (int, error)) *atomic.Int64 {
		var sent atomic.Int64
		go func() {
			for {
				n, err := write()
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		}()
		return &sent
	}
	settled := func(t *testing.T, sent *atomic.Int64) int64 {
		for before := int64(-1); ; time.Sleep(200 * time.Millisecond) {
			now := sent.Load()
			if now == before && now > 0 {
				return now
			}
			if before = now; now > 256<<20 {
				t.Fatalf("%d bytes were taken, and more would be", now)
			}
		}
	}
	return []probe{
		{id: "K01/nobody-reads", alone: true, run: func(t *testing.T) {
			c, server := tcp(t, fairlead.Dialer{})
			before := heap()
			wire := frameOf(frame.Binary, true, times(64<<10, "x"))
			sent := settled(t, flood(func() (int, error) { return server.Write(wire) }))
			if grown := heap() - before; grown > 1<<20 {
				t.Errorf("the heap grew by %d bytes", grown)
			}
			t.Logf("the peer could send %d bytes", sent)
			if err := c.CloseNow(); err != nil {
				t.Error(err)
			}
		}},
		{id: "K02/one-message-a-tick", alone: true, run: func(t *testing.T) {
			c, server := tcp(t, fairlead.Dialer{})
			before := heap()
			var number atomic.Int64
			sent := flood(func() (int, error) { return server.Write(text(fmt.Sprint(number.Add(1)))) })
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for i := 1; i <= 30; i++ {
				<-tick.C
				if _, p, err := c.Read(t.Context()); err != nil || string(p) != fmt.Sprint(i) {
					t.Fatalf("%q, %v", p, err)
				}
			}
			if grown := heap() - before; grown > 1<<20 {
				t.Errorf("the heap grew by %d bytes", grown)
			}
			t.Logf("the peer could send %d bytes", sent.Load())
		}},
		{id: "K03/64-writers", alone: true, lessons: []string{"L18", "L19"}, run: func(t *testing.T) {
			c, _ := tcp(t, fairlead.Dialer{})
			p := make([]byte, 16<<10)
			ctx, cancel := context.WithCancel(t.Context())
			var count atomic.Int64
			var wg sync.WaitGroup
			before := heap()
			for range 64 {
				wg.Go(func() {
					for c.Write(ctx, fairlead.Binary, p) == nil {
						count.Add(int64(len(p)))
					}
				})
			}
			sent := settled(t, &count)
			grown := heap() - before
			cancel()
			wg.Wait()
			// A writer waits with its message, which is its own; the library queues a
			// quarter of a MiB and a message for each.
			if grown > 4<<20 {
				t.Errorf("the heap grew by %d bytes", grown)
			}
			t.Logf("%d bytes went out, the heap grew by %d", sent, grown)
		}},
		{id: "K18/junk-in-64-MiB", alone: true, lessons: []string{"L94"}, run: func(t *testing.T) {
			old := debug.SetMemoryLimit(64 << 20)
			defer debug.SetMemoryLimit(old)
			n := rounds(1000, 200)
			seed := rand.NewChaCha8([32]byte{1})
			var most uint64
			for i := range n {
				junk := make([]byte, 32<<10)
				_, _ = seed.Read(junk)
				client, server := wstest.PipeSize(64 << 10)
				if _, err := server.Write(junk); err != nil {
					t.Fatal(err)
				}
				_ = server.Close()
				c := fairlead.NewConn(client, fairlead.ConnConfig{})
				var err error
				for err == nil {
					_, _, err = c.Read(t.Context())
				}
				if !errors.Is(err, net.ErrClosed) {
					t.Fatalf("connection %d: %v", i, err)
				}
				_ = c.CloseNow()
				var m runtime.MemStats
				if i%50 == 0 {
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapInuse)
				}
			}
			if most > 64<<20 {
				t.Errorf("the heap had %d bytes", most)
			}
			t.Logf("%d connections, at most %d bytes of heap", n, most)
		}},
	}
}

// lifeProbes are K11 to K17: what a connection costs while it lives and when it is
// gone, and what the caller's hooks can do to it.
func lifeProbes() []probe {
	idle := func(t *testing.T, n int) ([]*fairlead.Conn, func()) {
		server := echo(t)
		conns := make([]*fairlead.Conn, n)
		for i := range conns {
			c, err := (&fairlead.Dialer{Route: lingerless}).Dial(t.Context(), server.URL())
			if err != nil {
				t.Fatal(err)
			}
			conns[i] = c
		}
		return conns, func() {
			for _, c := range conns {
				_ = c.CloseNow()
			}
		}
	}
	probes := []probe{
		{id: "K11/source", lessons: []string{"L37", "L38"}, run: func(t *testing.T) {
			// crypto/rand ends the program when the system has no randomness to give
			// (Go 1.24); what is left is that nothing else makes keys.
			weak := regexp.MustCompile(`"math/rand"|rand\.(New|NewPCG|NewSource|Uint32|Uint64|IntN)\(`)
			files, err := filepath.Glob("../*.go")
			if err != nil || len(files) < 30 {
				t.Fatalf("%d files, %v", len(files), err)
			}
			for _, file := range files {
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if found := weak.Find(source); found != nil && !strings.HasSuffix(file, "_test.go") {
					t.Errorf("%s has %s", file, found)
				}
			}
		}},
		{id: "K13/idle", alone: true, run: func(t *testing.T) {
			n := rounds(2000, 100)
			goroutines, files := runtime.NumGoroutine(), descriptors()
			_, end := idle(t, n)
			// The server of the test has a goroutine and a descriptor for each, too.
			if g := runtime.NumGoroutine() - goroutines; g > n+8 {
				t.Errorf("%d goroutines for %d connections and their servers", g, n)
			}
			if d := descriptors() - files; descriptors() > 0 && d > 2*n+8 {
				t.Errorf("%d descriptors for %d connections and their servers", d, n)
			}
			end()
			level(t, "descriptors", files+4, descriptors)
		}},
		{id: "K12/idle-memory", alone: true, run: func(t *testing.T) {
			const n = 500
			before := heap()
			conns := make([]*fairlead.Conn, n)
			for i := range conns {
				conns[i] = fairlead.NewConn(nothing{}, fairlead.ConnConfig{})
			}
			each := (heap() - before) / n
			runtime.KeepAlive(conns)
			if each > 8<<10 {
				t.Errorf("an idle connection holds %d bytes", each)
			}
			t.Logf("an idle connection holds %d bytes", each)
		}},
		{id: "K17/goroutine-leak-profile", alone: true, run: func(t *testing.T) {
			profile := pprof.Lookup("goroutineleak")
			if profile == nil {
				t.Skip("this toolchain has no profile of leaked goroutines; goleak looks for them at the end of each package")
			}
			_, end := idle(t, 10)
			end()
			runtime.GC()
			if n := profile.Count(); n != 0 {
				t.Errorf("%d goroutines leaked", n)
			}
		}},
	}
	for name, end := range map[string]func(c *fairlead.Conn){
		"Close":    func(c *fairlead.Conn) { _ = c.Close(context.Background(), frame.StatusNormal, "") },
		"CloseNow": func(c *fairlead.Conn) { _ = c.CloseNow() },
		"failed-write": func(c *fairlead.Conn) {
			c.SetIdleTimeout(time.Millisecond)
			_ = c.Write(context.Background(), fairlead.Binary, large)
			_ = c.CloseNow()
		},
		"idle-read": func(c *fairlead.Conn) {
			c.SetIdleTimeout(time.Millisecond)
			_, _, _ = c.Read(context.Background())
			_ = c.CloseNow()
		},
		"cancelled-read": func(c *fairlead.Conn) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			_, _, _ = c.Read(ctx)
			_ = c.CloseNow()
		},
	} {
		probes = append(probes, probe{id: "K16/" + name, alone: true, run: func(t *testing.T) {
			// A timer, a context or a goroutine that still knew the Conn would keep it.
			gone := func() weak.Pointer[fairlead.Conn] {
				client, server := wstest.Pipe()
				played := make(chan struct{})
				go func() {
					defer close(played)
					_ = wstest.Play(server, wstest.ExpectClose(frame.StatusNormal), send(bye()))
					_ = server.Close()
				}()
				c := fairlead.NewConn(client, fairlead.ConnConfig{CloseTimeout: time.Hour, WriteTimeout: time.Hour})
				end(c)
				_ = client.Close()
				<-played
				return weak.Make(c)
			}()
			for stop := time.Now().Add(10 * time.Second); gone.Value() != nil; runtime.GC() {
				if time.Now().After(stop) {
					t.Fatal("the connection is held after its end")
				}
			}
		}})
	}
	return append(probes, hookProbes()...)
}

// nothing is a connection on which nothing happens.
type nothing struct{ net.Conn }

func (nothing) Close() error                     { return nil }
func (nothing) SetReadDeadline(time.Time) error  { return nil }
func (nothing) SetWriteDeadline(time.Time) error { return nil }

// hookProbes are K14 and K15: a hook that panics panics in the call that it was
// called from, and leaves no lock behind; a hook that blocks keeps nobody else.
func hookProbes() []probe {
	type hook struct {
		name string
		set  func(trace *wstrace.Trace, do func())
		call func(ctx context.Context, c *fairlead.Conn)
	}
	hooks := []hook{
		{"FrameReceived", func(tr *wstrace.Trace, do func()) { tr.FrameReceived = func(wstrace.Frame) { do() } }, func(ctx context.Context, c *fairlead.Conn) { _, _, _ = c.Read(ctx) }},
		{"FrameSent", func(tr *wstrace.Trace, do func()) { tr.FrameSent = func(wstrace.Frame) { do() } }, func(ctx context.Context, c *fairlead.Conn) { _ = c.WriteText(ctx, "x") }},
		{"CloseStart", func(tr *wstrace.Trace, do func()) { tr.CloseStart = func(wstrace.CloseStart) { do() } }, func(ctx context.Context, c *fairlead.Conn) { _ = c.Close(ctx, frame.StatusNormal, "") }},
		{"CloseDone", func(tr *wstrace.Trace, do func()) { tr.CloseDone = func(wstrace.CloseDone) { do() } }, func(_ context.Context, c *fairlead.Conn) { _ = c.CloseNow() }},
	}
	var probes []probe
	for _, h := range hooks {
		open := func(t *testing.T, do func()) *fairlead.Conn {
			client, server := wstest.Pipe()
			if _, err := server.Write(text("hello")); err != nil {
				t.Fatal(err)
			}
			trace := &wstrace.Trace{}
			h.set(trace, do)
			c := fairlead.NewConn(client, fairlead.ConnConfig{Trace: trace, CloseTimeout: 200 * time.Millisecond})
			t.Cleanup(func() {
				_ = client.Close()
				_ = server.Close()
			})
			return c
		}
		ends := func(t *testing.T, c *fairlead.Conn) {
			t.Helper()
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = c.CloseNow()
				_ = c.Err()
				_, _, _ = c.Read(context.Background())
				_ = c.WriteText(context.Background(), "x")
			}()
			select {
			case <-done:
			case <-time.After(5 * time.Second):
				t.Error("the connection cannot be ended")
			}
		}
		probes = append(probes,
			probe{id: "K14/" + h.name, lessons: []string{"L94"}, run: func(t *testing.T) {
				var once sync.Once
				c := open(t, func() { once.Do(func() { panic("of the hook") }) })
				func() {
					defer func() {
						if r := recover(); r != "of the hook" {
							t.Errorf("recovered %v", r)
						}
					}()
					h.call(t.Context(), c)
				}()
				ends(t, c)
			}},
			probe{id: "K15/" + h.name, lessons: []string{"L87"}, run: func(t *testing.T) {
				reached, release := make(chan struct{}), make(chan struct{})
				var once sync.Once
				c := open(t, func() {
					once.Do(func() {
						close(reached)
						<-release
					})
				})
				called := make(chan struct{})
				go func() {
					defer close(called)
					h.call(t.Context(), c)
				}()
				<-reached
				done := make(chan struct{})
				go func() {
					defer close(done)
					_ = c.CloseNow()
				}()
				select {
				case <-done:
				case <-time.After(5 * time.Second):
					t.Error("CloseNow waits for the hook")
				}
				close(release)
				<-called
				<-done
			}},
		)
	}
	return probes
}

// ownershipProbes are L-01, L-06, L-11, L-20, L-21 and L-23.
func ownershipProbes() []probe {
	return []probe{
		{id: "L-01/everything-at-once", lessons: []string{"L87", "L100"}, run: func(t *testing.T) {
			c, err := fairlead.Dial(t.Context(), echo(t).URL())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			var wg sync.WaitGroup
			var sent, got atomic.Int64
			for i := range 8 {
				v := littles[i%len(littles)]
				wg.Go(func() {
					for ctx.Err() == nil && v.send(t.Context(), c) == nil {
						sent.Add(1)
					}
				})
			}
			wg.Go(func() {
				for ctx.Err() == nil {
					_, _ = c.Ping(ctx)
					c.SetIdleTimeout(time.Minute)
					c.SetPolicy(c.Policy())
					c.Readable()
				}
			})
			reading := make(chan error, 1)
			go func() {
				for {
					if _, _, err := c.Read(t.Context()); err != nil {
						reading <- err
						return
					}
					got.Add(1)
				}
			}()
			wg.Wait()
			if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
				t.Error(err)
			}
			if code, ok := fairlead.CloseCode(<-reading); !ok || code != frame.StatusNormal || got.Load() != sent.Load() {
				t.Errorf("%d messages came back of %d, %v", got.Load(), sent.Load(), c.Err())
			}
		}},
		{id: "L-06/context-ends-a-dial", run: func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			d := fairlead.Dialer{Route: scripted(t, wstest.Request(func(*wstest.HTTPRequest) error { cancel(); return nil }), wstest.ExpectEOF())}
			c, err := d.Dial(ctx, "ws://peer.test/")
			if he, ok := errors.AsType[*fairlead.HandshakeError](err); c != nil || !ok || he.Phase != fairlead.PhaseResponse || !errors.Is(err, context.Canceled) {
				t.Errorf("%v, %v", c, err)
			}
		}},
		{id: "L-11/one-dialer-two-sessions", run: func(t *testing.T) {
			d := fairlead.Dialer{}
			server := echo(t)
			for range 2 {
				c, err := d.Dial(t.Context(), server.URL())
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{id: "L-20/options-of-the-caller", run: func(t *testing.T) {
			policy := fairlead.DefaultPolicy()
			d := fairlead.Dialer{Policy: &policy, Header: map[string][]string{"X-A": {"b"}}, Subprotocols: []string{"a"}, Route: scripted(t, wstest.Upgrade(), wstest.Do(func() error { return nil }), send(ping("?"), text("hello")), wstest.ExpectFrame(frame.Pong, true, []byte("?")), send(text("pong came")))}
			c, err := d.Dial(t.Context(), "ws://peer.test/")
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			policy.AnswerPing, d.Limits.MessageBytes, d.IdleTimeout, d.Header["X-A"], d.Subprotocols[0] = false, 1, 1, nil, "b"
			for _, want := range []string{"hello", "pong came"} {
				if _, p, err := c.Read(t.Context()); err != nil || string(p) != want {
					t.Fatalf("%q, %v", p, err)
				}
			}
		}},
		{id: "L-23/a-copy-is-seen-by-vet", run: func(t *testing.T) {
			var locks func(typ reflect.Type) bool
			locks = func(typ reflect.Type) bool {
				if typ.Kind() != reflect.Struct {
					return false
				}
				if _, ok := reflect.PointerTo(typ).MethodByName("Lock"); ok {
					return true
				}
				for i := range typ.NumField() {
					if locks(typ.Field(i).Type) {
						return true
					}
				}
				return false
			}
			if !locks(reflect.TypeFor[fairlead.Conn]()) {
				t.Error("nothing in a Conn tells vet (copylocks) that it must not be copied")
			}
		}},
	}
}
