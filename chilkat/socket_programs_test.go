package chilkat_test

import (
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

// program6 opens a WebSocket session on the connection of a Socket, exchanges a
// message and ends it: what people write for the reference to get through a proxy.
func program6(t *testing.T, socket *chilkat.Socket, path string) {
	t.Helper()
	rest, ws := newRest(t), newSocket(t)
	must(t, rest.UseConnection(socket, false), rest)
	must(t, ws.UseConnection(rest), ws)
	must(t, ws.AddClientHeaders(), ws)
	must(t, rest.FullRequestNoBody("GET", path) != nil, rest)
	want(t, "ResponseStatusCode", rest.ResponseStatusCode(), 101)
	must(t, ws.ValidateServerHandshake(), ws)
	rest.DisposeRest() // the connection outlives it

	echoes(t, ws)
	must(t, ws.SendClose(true, 1000, "done"), ws)
	read(t, ws, "Close")
	want(t, "CloseStatusCode", ws.CloseStatusCode(), 1000)
	want(t, "IsConnected of the WebSocket", ws.IsConnected(), false)
}

// TestProgram6 takes each way to a server, in the clear and with TLS.
func TestProgram6(t *testing.T) {
	throughSocks := func(version int) func(*testing.T, *chilkat.Socket) *hop {
		return func(t *testing.T, s *chilkat.Socket) *hop {
			proxy := socksProxy(t, byte(version))
			s.SetSocksVersion(version)
			s.SetSocksHostname("127.0.0.1")
			s.SetSocksPort(proxy.port())
			s.SetSocksUsername(hopUser)
			s.SetSocksPassword(hopPassword)
			return proxy
		}
	}
	throughHTTP := func(demand, method string) func(*testing.T, *chilkat.Socket) *hop {
		return func(t *testing.T, s *chilkat.Socket) *hop {
			proxy := httpProxy(t, demand)
			through(proxy, method)(s)
			s.SetHttpProxyUsername(hopUser)
			s.SetHttpProxyPassword(hopPassword)
			return proxy
		}
	}
	ways := []struct {
		name string
		host string // "" is that of the server
		set  func(*testing.T, *chilkat.Socket) *hop
	}{
		{"direct", "", nil},
		{"name", "localhost", nil},
		{"throttled", "", func(_ *testing.T, s *chilkat.Socket) *hop {
			s.SetBandwidthThrottleUp(1 << 20)
			s.SetBandwidthThrottleDown(1 << 20)
			return nil
		}},
		{"HTTP proxy, Basic", "", throughHTTP("Basic", "Basic")},
		{"HTTP proxy, Digest", "", throughHTTP("Digest", "Digest")},
		{"HTTP proxy, what it asks for", "localhost", throughHTTP("Digest", "")},
		{"SOCKS5", "", throughSocks(5)},
		{"SOCKS5, name", "localhost", throughSocks(5)},
		{"SOCKS4", "", throughSocks(4)},
		{"SOCKS4a", "localhost", throughSocks(4)},
	}
	for _, server := range []*wstest.Server{echoServer(t), tlsServer(t)} {
		for _, way := range ways {
			t.Run(server.URL()[:3]+" "+way.name, func(t *testing.T) {
				socket := client(t)
				secure := isTLS(socket, server)
				var proxy *hop
				if way.set != nil {
					proxy = way.set(t, socket)
				}
				host, port := hostPort(t, server.URL())
				if way.host != "" {
					host = way.host
				}
				must(t, socket.Connect(host, port, secure, enough), socket)
				if proxy != nil {
					wantLog(t, socket, "    proxyConnect")
					want(t, "the proxy's target", proxy.targets()[0], hostAndPort(host, port))
				}
				program6(t, socket, "/")
			})
		}
		t.Run(server.URL()[:3]+" SSH", func(t *testing.T) {
			proxy := httpProxy(t, "Basic") // in front of the SSH server
			tunnel, ssh := tunnelled(t, through(proxy, "Basic"), func(s *chilkat.Socket) { s.SetBandwidthThrottleUp(1 << 20) })
			secure := isTLS(tunnel, server)
			host, port := hostPort(t, server.URL())
			channel := tunnel.SshOpenChannel(host, port, secure, enough)
			if channel == nil {
				t.Fatal(tunnel.LastErrorText())
			}
			program6(t, channel, "/")
			channel.DisposeSocket()
			must(t, tunnel.Connect(host, port, secure, enough), tunnel) // goes through the tunnel, too
			program6(t, tunnel, "/")
			want(t, "targets of the proxy", len(proxy.targets()), 1)
			want(t, "targets of the SSH server", len(ssh.targets()), 2)
		})
	}
}

func TestThrottle(t *testing.T) {
	ws := over(t, connected(t, echoServer(t), func(s *chilkat.Socket) {
		s.SetBandwidthThrottleUp(20000)
		s.SetMaxSendIdleMs(100) // less than all takes: no pause is that long
	}))
	bd := chilkat.NewBinData()
	bd.AppendBinary(make([]byte, 8000))
	begin := time.Now()
	must(t, ws.SendFrameBd(bd, true), ws)
	read(t, ws, "Binary")
	if took := time.Since(begin); took < 150*time.Millisecond {
		t.Errorf("8000 bytes at 20000 a second took %v", took)
	}
}

// TestPollOverSocket asks for data on each kind of connection.
func TestPollOverSocket(t *testing.T) {
	for _, server := range []*wstest.Server{echoServer(t), tlsServer(t)} {
		host, port := hostPort(t, server.URL())
		tunnel, _ := tunnelled(t)
		channel := tunnel.SshOpenChannel(host, port, isTLS(tunnel, server), enough)
		if channel == nil {
			t.Fatal(tunnel.LastErrorText())
		}
		defer channel.DisposeSocket()
		for _, s := range []*chilkat.Socket{connected(t, server), channel} {
			ws := over(t, s)
			want(t, "PollDataAvailable", ws.PollDataAvailable(), false)
			must(t, ws.SendFrame("x", true), ws)
			for begin := time.Now(); !ws.PollDataAvailable(); {
				if time.Since(begin) > limit {
					t.Fatal("nothing comes")
				}
			}
			read(t, ws, "Text")
		}
	}
}
