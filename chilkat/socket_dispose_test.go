package chilkat_test

import (
	"io"
	"net"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
)

func TestDisposeSocket(t *testing.T) {
	server := echoServer(t)
	s := connected(t, server)
	s.DisposeSocket()
	waitIdle(t, server)
	s.DisposeSocket()
	(*chilkat.Socket)(nil).DisposeSocket()
	host, port := hostPort(t, server.URL())
	mustFail(t, s.Connect(host, port, false, enough), s, "The object was disposed.")
}

// TestDisposeSocketWhileConnecting: the call that is under way fails and leaves
// nothing open; others do not wait for it.
func TestDisposeSocketWhileConnecting(t *testing.T) {
	for says, call := range map[string]func(s *chilkat.Socket, port int) bool{
		"HTTP/1.1 200 OK\r\n\r\n": func(s *chilkat.Socket, port int) bool {
			s.SetHttpProxyHostname("127.0.0.1")
			s.SetHttpProxyPort(port)
			return s.Connect("127.0.0.1", 80, false, enough)
		},
		"SSH-2.0-x\r\n": func(s *chilkat.Socket, port int) bool { return s.SshOpenTunnel("127.0.0.1", port) },
	} {
		accepted, gate, closed := make(chan struct{}), make(chan struct{}), make(chan struct{})
		h := startHop(t, func(_ *hop, conn net.Conn) {
			close(accepted)
			<-gate
			io.WriteString(conn, says)
			io.Copy(io.Discard, conn)
			close(closed)
		})
		s := client(t)
		done := make(chan bool, 1)
		go func() { done <- call(s, h.port()) }()
		<-accepted
		mustFail(t, s.Connect("127.0.0.1", 80, false, enough), s, "Another call is using this Socket.")
		s.DisposeSocket()
		close(gate)
		if <-done {
			t.Error("the call succeeded")
		}
		wantLog(t, s, "The object was disposed.")
		<-closed
	}
}

// TestTunnelOutlivesItsSocket: a channel that is in use keeps the tunnel.
func TestTunnelOutlivesItsSocket(t *testing.T) {
	server := echoServer(t)
	host, port := hostPort(t, server.URL())
	tunnel, ssh := tunnelled(t)
	channel := tunnel.SshOpenChannel(host, port, false, enough)
	if channel == nil {
		t.Fatal(tunnel.LastErrorText())
	}
	ws := over(t, channel)
	tunnel.DisposeSocket()
	channel.DisposeSocket()
	echoes(t, ws)
	ws.DisposeWebSocket()
	waitIdle(t, server)
	ssh.idle(t)
}

// TestSSHServerEnds: what goes through it fails, and LastErrorText says that the
// SSH connection has ended.
func TestSSHServerEnds(t *testing.T) {
	server := echoServer(t)
	host, port := hostPort(t, server.URL())
	tunnel, ssh := tunnelled(t)
	channel := tunnel.SshOpenChannel(host, port, false, enough)
	if channel == nil {
		t.Fatal(tunnel.LastErrorText())
	}
	defer channel.DisposeSocket()
	ws := over(t, channel)
	ssh.stop()
	want(t, "ReadFrame", ws.ReadFrame(), false)
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 3)
	mustFail(t, tunnel.SshOpenChannel(host, port, false, enough) != nil, tunnel, "SSH")
}
