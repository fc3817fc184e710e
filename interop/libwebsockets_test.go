package interop_test

import (
	"crypto/x509"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// TestLibwebsockets plays with the test server of libwebsockets, a server in C.
// What it does depends on the subprotocol. It is not among the echo servers
// because it sends everything back as text, in messages of 4 KiB.
func TestLibwebsockets(t *testing.T) {
	program := needProgram(t, "libwebsockets-test-server")
	certFile, keyFile, roots := certificate(t)
	t.Run("ws", func(t *testing.T) {
		playLibwebsockets(t, "ws", roots, program)
	})
	t.Run("wss", func(t *testing.T) {
		playLibwebsockets(t, "wss", roots, program, "--ssl", "-C", certFile, "-K", keyFile)
	})
}

func playLibwebsockets(t *testing.T, scheme string, roots *x509.CertPool, program string, args ...string) {
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	_, port, _ := net.SplitHostPort(address)
	args = append(args, "--interface=lo", "--port="+port)
	startChild(t, exec.Command(program, args...), func(string) bool { return true })
	waitListening(t, address)
	e := endpoint{roots: roots}
	url := scheme + "://" + address + "/"

	t.Run("mirror", func(t *testing.T) {
		s := e.dial(t, url, "not-known", "lws-mirror-protocol")
		if got := s.Subprotocol(); got != "lws-mirror-protocol" {
			t.Errorf("subprotocol %q", got)
		}
		const line = "c #123456 1 2 3;"
		if err := s.WriteText(s.ctx, line); err != nil {
			t.Fatal(err)
		}
		s.want(t, fairlead.Text, []byte(line))
		s.wantAnswer(t)
	})
	t.Run("server speaks and closes first", func(t *testing.T) {
		s := e.dial(t, url, "dumb-increment-protocol")
		for _, number := range []string{"0", "1"} {
			s.want(t, fairlead.Text, []byte(number))
		}
		if err := s.WriteText(s.ctx, "closeme\n"); err != nil {
			t.Fatal(err)
		}
		if end := s.wantClose(t, frame.StatusGoingAway); end.Reason != "seeya" {
			t.Errorf("reason %q", end.Reason)
		}
	})
}

// waitListening waits until a server accepts connections that does not tell.
func waitListening(t *testing.T, address string) {
	t.Helper()
	for end := time.Now().Add(startWithin); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
