package chilkat_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

// A session through an HTTP proxy: the Socket connects, the Rest takes the
// connection over and sends the opening request, the WebSocket does the rest.
func ExampleSocket() {
	server := wstest.NewServer() // echoes
	defer server.Close()
	host, portText, _ := net.SplitHostPort(server.Addr())
	port, _ := strconv.Atoi(portText)
	proxyPort, stop := startProxy()
	defer stop()

	socket, rest, ws := chilkat.NewSocket(), chilkat.NewRest(), chilkat.NewWebSocket()
	defer ws.DisposeWebSocket()
	socket.SetHttpProxyHostname("127.0.0.1")
	socket.SetHttpProxyPort(proxyPort)
	socket.SetHttpProxyUsername("alice")
	socket.SetHttpProxyPassword("wonderland")
	socket.SetHttpProxyAuthMethod("Basic")
	socket.SetHttpProxyForHttp(true)

	const maxWaitMs = 5000
	if !socket.Connect(host, port, false, maxWaitMs) {
		fmt.Println(socket.ConnectFailReason(), socket.LastErrorText())
		return
	}
	if !rest.UseConnection(socket, false) {
		fmt.Println(rest.LastErrorText())
		return
	}
	if !ws.UseConnection(rest) || !ws.AddClientHeaders() {
		fmt.Println(ws.LastErrorText())
		return
	}
	if rest.FullRequestNoBody("GET", "/") == nil || !ws.ValidateServerHandshake() {
		fmt.Println(rest.LastErrorText(), ws.LastErrorText())
		return
	}
	ws.SendFrame("through the proxy", true)
	ws.ReadFrame()
	fmt.Println(*ws.GetFrameData())
	// Output: through the proxy
}

// startProxy is a proxy for one tunnel.
func startProxy() (port int, stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		req, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		up, err := net.Dial("tcp", req.Host)
		if err != nil {
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		over := make(chan struct{})
		go func() {
			defer close(over)
			io.Copy(up, conn)
			up.Close()
		}()
		io.Copy(conn, up)
		conn.Close()
		<-over
	}()
	return l.Addr().(*net.TCPAddr).Port, func() {
		l.Close()
		<-done
	}
}

// A session through an SSH server, which proves itself by its line in the user's
// known_hosts file.
func ExampleSocket_SshOpenChannel() {
	tunnel, key, rest := chilkat.NewSocket(), chilkat.NewSshKey(), chilkat.NewRest()
	defer tunnel.DisposeSocket()
	text := key.LoadText("/home/alice/.ssh/id_ed25519")
	if text == nil || !key.FromOpenSshPrivateKey(*text) {
		fmt.Println(key.LastErrorText())
		return
	}
	if !tunnel.SshOpenTunnel("bastion.example", 22) || !tunnel.SshAuthenticatePk("alice", key) {
		fmt.Println(tunnel.LastErrorText())
		return
	}
	const maxWaitMs = 5000
	channel := tunnel.SshOpenChannel("inner.example", 443, true, maxWaitMs)
	if channel == nil {
		fmt.Println(tunnel.LastErrorText())
		return
	}
	defer channel.DisposeSocket()
	if !rest.UseConnection(channel, false) {
		fmt.Println(rest.LastErrorText())
	}
}
