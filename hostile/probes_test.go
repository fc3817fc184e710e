package hostile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// probes is every case that is no script of one peer.
func probes() []probe {
	return slices.Concat(dialProbes(), faultProbes(), pressureProbes(), lifeProbes(), ownershipProbes(), trustProbes())
}

// scripted is a Route to peers in memory that each play steps and then close.
func scripted(t *testing.T, steps ...wstest.Step) route.Dialer {
	return route.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
		client, server := wstest.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = wstest.Play(server, steps...)
			_ = server.Close()
		}()
		t.Cleanup(func() {
			_ = client.Close()
			<-done
		})
		return client, nil
	})
}

// level waits until count is no more than it was.
func level(t *testing.T, what string, was int, count func() int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); count() > was; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d %s, %d before", count(), what, was)
		}
	}
}

// descriptors counts those of the process, where the system shows them.
func descriptors() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// echo is a server on loopback.
func echo(t *testing.T) *wstest.Server {
	server := wstest.NewServer()
	t.Cleanup(server.Close)
	return server
}

// lingerless dials TCP so that the end of a connection frees its port at once.
var lingerless = route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := route.TCP{}.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return conn, conn.(*net.TCPConn).SetLinger(0)
})

// dialProbes are K04 and K05: 10,000 dials that are refused in each phase, 10,000
// that open and close, leave nothing behind.
func dialProbes() []probe {
	answered := func(text string) func(t *testing.T) fairlead.Dialer {
		return func(t *testing.T) fairlead.Dialer {
			return fairlead.Dialer{Route: answering(text), Redirects: 1, Timeout: 10 * time.Second}
		}
	}
	phases := []struct {
		name, url string
		dialer    func(t *testing.T) fairlead.Dialer
	}{
		{fairlead.PhaseURL, "ws:", answered("")},
		{fairlead.PhaseResolve, "ws://unknown.invalid/", func(*testing.T) fairlead.Dialer {
			nowhere := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no DNS") }}
			return fairlead.Dialer{Route: route.TCP{Resolver: nowhere}}
		}},
		{fairlead.PhaseConnect, "ws://127.0.0.1:1/", func(*testing.T) fairlead.Dialer { return fairlead.Dialer{Route: route.TCP{}} }},
		{route.PhaseProxy, "ws://peer.test/", func(t *testing.T) fairlead.Dialer {
			d := answered("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")(t)
			d.Route = throughHTTP(nil)(d.Route)
			return d
		}},
		{route.PhaseSSH, "ws://peer.test/", func(t *testing.T) fairlead.Dialer {
			d := answered("SSH-1.5-old\r\n")(t)
			d.Route = throughSSH(d.Route)
			return d
		}},
		{fairlead.PhaseTLS, "wss://peer.test/", answered("HTTP/1.1 400 No\r\n\r\n")},
		{fairlead.PhaseRequest, "ws://peer.test/", func(*testing.T) fairlead.Dialer {
			return fairlead.Dialer{Route: route.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
				client, server := wstest.Pipe()
				return wstest.Faulty(client, wstest.Fault{On: wstest.OnWrite, Err: syscall.EPIPE}), server.Close()
			})}
		}},
		{fairlead.PhaseResponse, "ws://peer.test/", answered("SSH-2.0-x\r\n")},
		{fairlead.PhaseVerify, "ws://peer.test/", answered("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")},
		{fairlead.PhaseAuth, "ws://u:p@peer.test/", answered("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")},
		{fairlead.PhaseRedirect, "ws://peer.test/", answered("HTTP/1.1 302 Moved\r\nLocation: file:///x\r\nContent-Length: 0\r\n\r\n")},
	}
	var probes []probe
	for _, p := range phases {
		probes = append(probes, probe{id: "K04/" + p.name, alone: true, lessons: []string{"L82"}, run: func(t *testing.T) {
			d := p.dialer(t)
			n := rounds(10_000, 200)
			goroutines, files := runtime.NumGoroutine(), descriptors()
			for range n {
				_, err := d.Dial(t.Context(), p.url)
				if he, ok := errors.AsType[*fairlead.HandshakeError](err); !ok || he.Phase != p.name {
					t.Fatalf("%v, want phase %s", err, p.name)
				}
			}
			level(t, "goroutines", goroutines, runtime.NumGoroutine)
			level(t, "descriptors", files, descriptors)
			t.Logf("%d dials", n)
		}})
	}
	probes = append(probes, probe{id: "K04/context", alone: true, lessons: []string{"L82"}, run: func(t *testing.T) {
		d := answered("")(t)
		goroutines := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range rounds(10_000, 200) {
			if _, err := d.Dial(ctx, "ws://peer.test/"); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		level(t, "goroutines", goroutines, runtime.NumGoroutine)
	}})
	for _, end := range []string{"Close", "CloseNow"} {
		probes = append(probes, probe{id: "K05/" + end, alone: true, run: func(t *testing.T) {
			server := echo(t)
			d := fairlead.Dialer{Route: lingerless}
			session := func() {
				c, err := d.Dial(t.Context(), server.URL())
				if err != nil {
					t.Fatal(err)
				}
				defer c.CloseNow()
				if err := c.WriteText(t.Context(), "x"); err != nil {
					t.Fatal(err)
				}
				if _, _, err := c.Read(t.Context()); err != nil {
					t.Fatal(err)
				}
				if end == "Close" {
					if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
						t.Fatal(err)
					}
				}
			}
			n := rounds(10_000, 200)
			for range n / 10 {
				session()
			}
			goroutines, files, before := runtime.NumGoroutine(), descriptors(), heap()
			for range n {
				session()
			}
			level(t, "goroutines", goroutines, runtime.NumGoroutine)
			level(t, "descriptors", files, descriptors)
			grown := heap() - before
			if grown > 1<<20 {
				t.Errorf("the heap has grown by %d bytes over %d sessions", grown, n)
			}
			t.Logf("%d sessions, the heap grew by %d bytes", n, grown)
		}})
	}
	return probes
}

// answering is a Route to peers that answer whatever comes with text, until the
// client hangs up. No goroutine outlives its connection.
func answering(text string) route.Dialer {
	return route.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
		client, server := wstest.Pipe()
		go func() {
			defer server.Close()
			p := make([]byte, 4096)
			for {
				if _, err := server.Read(p); err != nil {
					return
				}
				if _, err := server.Write([]byte(text)); err != nil {
					return
				}
			}
		}()
		return client, nil
	})
}

// shortConn writes half of what begins with, or without, "GET ", and says nothing
// of an error.
type shortConn struct {
	net.Conn
	request bool
}

func (c shortConn) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("GET ")) == c.request {
		p = p[:len(p)/2]
	}
	return c.Conn.Write(p)
}

// faultProbes are K06 to K08: every call of the operating system fails, is cancelled
// or falls short once.
func faultProbes() []probe {
	steps := []wstest.Step{
		wstest.Upgrade(), wstest.ExpectFrame(frame.Text, true, []byte("hello")), send(session3()), wstest.ExpectFrame(frame.Pong, true, []byte("?")),
		wstest.ExpectClose(frame.StatusNormal), send(bye()),
	}
	// session returns what the caller got, how far it came, and the first error.
	session := func(t *testing.T, ctx context.Context, wrap func(net.Conn) net.Conn) (message string, err error) {
		server := scripted(t, steps...)
		d := fairlead.Dialer{CloseTimeout: time.Second, WriteTimeout: time.Second, Route: route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := server.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return wrap(conn), nil
		})}
		c, err := d.Dial(ctx, "ws://peer.test/")
		if err != nil {
			return "", err
		}
		defer c.CloseNow()
		if err := c.WriteText(ctx, "hello"); err != nil {
			return "", err
		}
		_, p, err := c.Read(ctx)
		if err != nil {
			return string(p), err
		}
		return string(p), c.Close(ctx, frame.StatusNormal, "")
	}
	judge := func(t *testing.T, what, message string, err, cause error) {
		t.Helper()
		if message != "" && message != "three frames of one message" {
			t.Errorf("%s: the message %q", what, message)
		}
		if err == nil {
			return // the fault came where it harmed nothing, in Close for example
		}
		_, refused := errors.AsType[*fairlead.HandshakeError](err)
		if !refused && !errors.Is(err, net.ErrClosed) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: an error of no kind: %v", what, err)
		}
		if cause != nil && !errors.Is(err, cause) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v does not match %v", what, err, cause)
		}
	}
	ops := map[string]wstest.Op{"read": wstest.OnRead, "write": wstest.OnWrite, "close": wstest.OnClose, "deadline": wstest.OnDeadline}
	var probes []probe
	for opName, op := range ops {
		walk := func(id string, lessons []string, fault func(t *testing.T, cancel context.CancelFunc) (wstest.Fault, error)) {
			probes = append(probes, probe{id: id + "-" + opName, lessons: lessons, run: func(t *testing.T) {
				calls := 0
				for n := 1; n < 100; n++ {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					f, cause := fault(t, cancel)
					f.On, f.Call = op, n
					var faulty *wstest.FaultyConn
					begin := time.Now()
					message, err := session(t, ctx, func(conn net.Conn) net.Conn {
						faulty = wstest.Faulty(conn, f)
						return faulty
					})
					cancel()
					judge(t, fmt.Sprintf("call %d", n), message, err, cause)
					if took := time.Since(begin); took > 5*time.Second {
						t.Errorf("call %d: took %v", n, took)
					}
					if faulty.Calls(op) < n {
						break
					}
					calls++
				}
				t.Logf("%d calls", calls)
			}})
		}
		for name, errno := range map[string]error{
			"EMFILE": syscall.EMFILE, "ENOBUFS": syscall.ENOBUFS, "ETIMEDOUT": syscall.ETIMEDOUT, "EPIPE": syscall.EPIPE, "ECONNRESET": syscall.ECONNRESET, "EIO": syscall.EIO, "EBADF": syscall.EBADF, "ENOTCONN": syscall.ENOTCONN,
		} {
			walk("K07/"+name, nil, func(*testing.T, context.CancelFunc) (wstest.Fault, error) { return wstest.Fault{Err: errno}, errno })
		}
		walk("K06/cancel", []string{"L82"}, func(_ *testing.T, cancel context.CancelFunc) (wstest.Fault, error) {
			return wstest.Fault{Do: cancel}, context.Canceled
		})
		walk("K08/short-1", nil, func(*testing.T, context.CancelFunc) (wstest.Fault, error) { return wstest.Fault{Short: 1}, nil })
		walk("K08/short-3", nil, func(*testing.T, context.CancelFunc) (wstest.Fault, error) { return wstest.Fault{Short: 3}, nil })
	}
	for name, request := range map[string]bool{"request": true, "frame": false} {
		probes = append(probes, probe{id: "K08/half-without-an-error-" + name, run: func(t *testing.T) {
			_, err := session(t, t.Context(), func(conn net.Conn) net.Conn { return shortConn{conn, request} })
			if !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("a write that wrote half: %v", err)
			}
		}})
	}
	return probes
}
