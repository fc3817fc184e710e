//go:build unix

package interop_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestSSHServerEnds: the processes that serve one SSH connection are killed under
// 100 WebSockets.
func TestSSHServerEnds(t *testing.T) {
	s := newSSHD(t).start(t)
	client, failed := s.hundred(t, s.byKey(t))
	if n := s.signal(t, syscall.SIGKILL); n == 0 {
		t.Fatal("no process serves the connection")
	}
	s.wantLinkErrors(t, client, failed)
}

// TestSSHServerStops: they are stopped, and the WebSockets fail when the signs of
// life are missed.
func TestSSHServerStops(t *testing.T) {
	s := newSSHD(t).start(t)
	cfg := s.byKey(t)
	cfg.KeepAliveInterval, cfg.KeepAliveCountMax = 200*time.Millisecond, 3
	client, failed := s.hundred(t, cfg)
	start := time.Now()
	if n := s.signal(t, syscall.SIGSTOP); n == 0 {
		t.Fatal("no process serves the connection")
	}
	s.wantLinkErrors(t, client, failed)
	took := time.Since(start)
	t.Logf("given up after %v, for 3 questions at an interval of %v", took, cfg.KeepAliveInterval)
	if took < 2*cfg.KeepAliveInterval || took > 20*cfg.KeepAliveInterval {
		t.Error("that is not what was asked for")
	}
}

// TestSSHStaysAlive: a server that answers is not given up, though nothing else
// is said for many intervals.
func TestSSHStaysAlive(t *testing.T) {
	s := newSSHD(t).start(t)
	cfg := s.byKey(t)
	cfg.KeepAliveInterval, cfg.KeepAliveCountMax = 20*time.Millisecond, 5
	client, err := sshroute.Dial(t.Context(), route.TCP{}, s.addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	select {
	case <-client.Done():
		t.Error(client.Err())
	case <-time.After(50 * cfg.KeepAliveInterval): // what must not happen has no event
	}
}

// hundred opens 100 WebSockets over one SSH connection; failed gets what their
// reads return in the end.
func (s *sshd) hundred(t *testing.T, cfg *sshroute.Config) (client *sshroute.Client, failed <-chan error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	client, err := sshroute.Dial(ctx, route.TCP{}, s.addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		<-client.Done()
	})
	dialer := fairlead.Dialer{Route: client}
	errs := make(chan error, 100)
	for range cap(errs) {
		conn, err := dialer.Dial(ctx, backend.get(t).url("ws", "127.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.CloseNow() })
		go func() {
			_, _, err := conn.Read(ctx)
			errs <- err
		}()
	}
	return client, errs
}

// wantLinkErrors wants all to fail because the SSH connection has ended.
func (s *sshd) wantLinkErrors(t *testing.T, client *sshroute.Client, failed <-chan error) {
	t.Helper()
	typed := 0
	for range cap(failed) {
		err := <-failed
		link, ok := errors.AsType[*sshroute.LinkError](err)
		code, _ := fairlead.CloseCode(err)
		if ok && link.Addr == s.addr && code == frame.StatusAbnormal {
			typed++
		} else {
			t.Errorf("%v (%v)", err, code)
		}
	}
	<-client.Done()
	t.Logf("%d of %d errors are a *LinkError: %v", typed, cap(failed), client.Err())
}
