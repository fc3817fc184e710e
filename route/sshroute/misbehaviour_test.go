package sshroute_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestAgentThatTalksNonsense: H10, L93 (CVE-2025-47913, CVE-2026-46598): whatever stands in for an agent, the server
// hears of no key and the error says that the agent gave none.
func TestAgentThatTalksNonsense(t *testing.T) {
	d := (&sshDouble{config: ssh.ServerConfig{
		PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, io.ErrClosedPipe },
	}}).start(t)
	answers := []string{
		"", "\x00", "\x00\x00\x00\x00", "\xff\xff\xff\xff", "\x00\x00\x00\x01\x05", "\x00\x00\x00\x01\x0c",
		"\x00\x00\x00\x05\x0c\xff\xff\xff\xff", "\x00\x00\x00\x09\x0c\x00\x00\x00\x01\xff\xff\xff\xff", "HTTP/1.1 400 Bad Request\r\n\r\n",
	}
	for _, answer := range answers {
		l, err := net.Listen("unix", filepath.Join(t.TempDir(), "agent"))
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 64))
				_, _ = io.WriteString(conn, answer)
				_ = conn.Close()
			}
		}()
		cfg := trusting()
		cfg.Agent = l.Addr().String()
		_, err = dial(t, d.addr, cfg, "a.example:1")
		failsIn(t, err, route.PhaseSSHAuth, d.addr)
		if _, ok := errors.AsType[*sshroute.AuthError](err); !ok {
			t.Errorf("%q: %v, want an *AuthError", answer, err)
		}
		_ = l.Close()
	}
	t.Logf("H10: %d answers", len(answers))
}

// TestChannelEnds: H13: the end of a channel without its close is EOF for a
// reader, and an end in the middle of what was sent loses nothing that came.
func TestChannelEnds(t *testing.T) {
	for name, end := range map[string]func(ssh.Channel){
		"EOF without close": func(c ssh.Channel) { _ = c.CloseWrite() },
		"close":             func(c ssh.Channel) { _ = c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			d := (&sshDouble{channel: func(nc ssh.NewChannel) {
				c, requests, err := nc.Accept()
				if err != nil {
					return
				}
				go ssh.DiscardRequests(requests)
				_, _ = io.WriteString(c, "half a mess")
				end(c)
				_, _ = io.Copy(io.Discard, c)
			}}).start(t)
			conn, err := dial(t, d.addr, trusting(), "a.example:1")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(conn)
			if string(got) != "half a mess" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestUnwantedFromTheServer: H15, H16: replies that nobody asked for, requests and
// channels to us leave the tunnel as it is, and the channels are refused.
func TestUnwantedFromTheServer(t *testing.T) {
	const count = 1000
	refused := make(chan int, 1)
	d := (&sshDouble{begin: func(conn *ssh.ServerConn) {
		n := 0
		for i := range count {
			kind := []string{"x11", "forwarded-tcpip", "session", "auth-agent@openssh.com"}[i%4]
			if _, _, err := conn.OpenChannel(kind, nil); err != nil {
				if _, ok := errors.AsType[*ssh.OpenChannelError](err); ok {
					n++
				}
			}
			_, _, _ = conn.SendRequest("hostkeys-00@openssh.com", i%2 == 0, make([]byte, 100))
		}
		refused <- n
	}}).start(t)
	c := client(t, d.addr, trusting())
	target := echo(t, "tcp", "127.0.0.1:0")
	conn, err := c.DialContext(within(t, 10*time.Second), "tcp", target)
	talks(t, conn, err)
	if n := <-refused; n != count {
		t.Errorf("%d of %d channels to us were refused", n, count)
	}
	conn, err = c.DialContext(within(t, 10*time.Second), "tcp", target)
	talks(t, conn, err)
	t.Logf("H15, H16: %d requests, %d channels", count, count)
}

// TestWindowStaysShut: H17: a server that gives no window back ends a write by its
// deadline.
func TestWindowStaysShut(t *testing.T) {
	over := make(chan struct{})
	d := (&sshDouble{channel: func(nc ssh.NewChannel) {
		if c, requests, err := nc.Accept(); err == nil {
			go ssh.DiscardRequests(requests)
			<-over
			_ = c.Close()
		}
	}}).start(t)
	defer close(over)
	conn, err := dial(t, d.addr, trusting(), "a.example:1")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetWriteDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	written, p := 0, make([]byte, 64<<10)
	for err == nil && written < 64<<20 {
		var n int
		n, err = conn.Write(p)
		written += n
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after %d bytes: %v", written, err)
	}
}
