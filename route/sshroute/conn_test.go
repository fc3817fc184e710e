package sshroute_test

import (
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
	"github.com/fairlead-ws/fairlead/wstest/conntest"
)

// TestConns holds what Hop and Client return against the rules for connections
// (H18).
func TestConns(t *testing.T) {
	server := (&sshDouble{}).start(t)
	c := client(t, server.addr, trusting())
	for name, open := range map[string]func(string) (net.Conn, error){
		"Hop":    func(addr string) (net.Conn, error) { return dial(t, server.addr, trusting(), addr) },
		"Client": func(addr string) (net.Conn, error) { return c.DialContext(within(t, 5*time.Second), "tcp", addr) },
	} {
		t.Run(name, func(t *testing.T) {
			l := must(net.Listen("tcp", "127.0.0.1:0"))
			t.Cleanup(func() { _ = l.Close() })
			conntest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
				accepted := make(chan net.Conn, 1)
				go func() {
					conn, _ := l.Accept()
					accepted <- conn
				}()
				conn, err := open(l.Addr().String())
				if err != nil {
					return nil, nil, nil, err
				}
				return conn, <-accepted, nil, nil
			})
		})
	}
}

// TestChannelRefused: H11.
func TestChannelRefused(t *testing.T) {
	for code := uint32(1); code <= 4; code++ {
		server := (&sshDouble{channel: func(c ssh.NewChannel) { _ = c.Reject(ssh.RejectionReason(code), "no\x1b[2J") }}).start(t)
		_, err := dial(t, server.addr, trusting(), "a.example:1")
		failsIn(t, err, route.PhaseSSHChannel, server.addr)
		refused, ok := errors.AsType[*sshroute.ChannelError](err)
		if !ok || refused.Code != code || refused.Target != "a.example:1" || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("code %d: %v", code, err)
		}
	}
}

// TestLinkCut: H20, one SSH connection ends under 100 connections.
func TestLinkCut(t *testing.T) {
	server := (&sshDouble{}).start(t)
	target := echo(t, "tcp", "127.0.0.1:0")
	c := client(t, server.addr, trusting())
	failed := make(chan error, 100)
	var all sync.WaitGroup
	for range cap(failed) {
		conn, err := c.DialContext(within(t, 5*time.Second), "tcp", target)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			defer conn.Close()
			_, err := conn.Read(make([]byte, 1))
			failed <- err
		})
	}
	server.cut()
	all.Wait()
	typed := 0
	for range cap(failed) {
		if _, ok := errors.AsType[*sshroute.LinkError](<-failed); ok {
			typed++
		}
	}
	t.Logf("H20: %d of %d errors are a *LinkError", typed, cap(failed))
	if typed != cap(failed) {
		t.Error("the others are not")
	}
}

// TestKeepAlive: H14, a server that answers nothing is given up.
func TestKeepAlive(t *testing.T) {
	server := (&sshDouble{global: func(_ *ssh.ServerConn, requests <-chan *ssh.Request) {
		for range requests { //nolint:revive // nothing is answered
		}
	}}).start(t)
	cfg := trusting()
	cfg.KeepAliveInterval, cfg.KeepAliveCountMax = 20*time.Millisecond, 2
	c := client(t, server.addr, cfg)
	select {
	case <-c.Done():
	case <-time.After(3 * time.Second):
		t.Fatal("it is not given up")
	}
	if _, ok := errors.AsType[*sshroute.LinkError](c.Err()); !ok || !strings.Contains(c.Err().Error(), "no sign of life") {
		t.Errorf("Err = %v", c.Err())
	}
}
