package interop_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// TestChilkatProgram is the program that people write for the reference to get
// through a proxy: Socket, then Rest.UseConnection, then WebSocket. It takes each
// way through the real ones, in the clear and with TLS.
func TestChilkatProgram(t *testing.T) {
	w, b := atWork.get(t), backend.get(t)
	// Package chilkat trusts what the system trusts.
	t.Setenv("SSL_CERT_FILE", w.roots)
	httpProxy := func(port, method string) func(*testing.T, *chilkat.Socket) {
		return func(_ *testing.T, s *chilkat.Socket) {
			s.SetHttpProxyHostname("127.0.0.1")
			s.SetHttpProxyPort(number(t, port))
			s.SetHttpProxyUsername(w.username)
			s.SetHttpProxyPassword(w.password)
			s.SetHttpProxyAuthMethod(method)
			s.SetHttpProxyForHttp(true)
		}
	}
	socks := func(version int, port, name, password string) func(*testing.T, *chilkat.Socket) {
		return func(_ *testing.T, s *chilkat.Socket) {
			s.SetSocksVersion(version)
			s.SetSocksHostname("127.0.0.1")
			s.SetSocksPort(number(t, port))
			s.SetSocksUsername(name)
			s.SetSocksPassword(password)
		}
	}
	sq, d, sh, u := squid.get(t), dantedPassword.get(t), sshBastion.get(t), account.get(t)
	tunnel := func(login func(*chilkat.Socket) bool) func(*testing.T, *chilkat.Socket) {
		return func(t *testing.T, s *chilkat.Socket) {
			s.SetSshKnownHostsPath(sh.knownHosts)
			if !s.SshOpenTunnel("127.0.0.1", number(t, sh.ports["port"])) || !login(s) {
				t.Fatal(s.LastErrorText())
			}
		}
	}
	byKey := func(s *chilkat.Socket) bool {
		key := chilkat.NewSshKey()
		text, err := os.ReadFile(sh.key)
		return err == nil && key.FromOpenSshPrivateKey(string(text)) && s.SshAuthenticatePk(sh.user, key)
	}
	for _, way := range []struct {
		name string
		set  func(*testing.T, *chilkat.Socket)
	}{
		{"squid, Basic", httpProxy(sq["basic"], "Basic")},
		{"squid, Digest", httpProxy(sq["digest"], "Digest")},
		{"squid, NTLM", httpProxy(sq["ntlm"], "NTLM")},
		{"squid, what it asks for", httpProxy(sq["both"], "")},
		{"Tinyproxy, Basic", httpProxy(tinyproxy.get(t)["port"], "Basic")},
		{"Apache, Digest", httpProxy(apache.get(t)["digest"], "Digest")},
		{"danted", socks(5, danted.get(t)["port"], "", "")},
		{"ssh -D, SOCKS4", socks(4, sshDynamic.get(t)["port"], "", "")},
		{"danted and a password", socks(5, d.ports["port"], d.name, d.password)},
		{"OpenSSH and a key", tunnel(byKey)},
		{"OpenSSH and a password", tunnel(func(s *chilkat.Socket) bool { return s.SshAuthenticatePw(u.name, u.password) })},
		{"throttled", func(_ *testing.T, s *chilkat.Socket) {
			s.SetBandwidthThrottleUp(4 << 20)
			s.SetBandwidthThrottleDown(4 << 20)
		}},
	} {
		for _, scheme := range []string{"ws", "wss"} {
			t.Run(scheme+" "+way.name, func(t *testing.T) {
				socket := chilkat.NewSocket()
				defer socket.DisposeSocket()
				way.set(t, socket)
				if !socket.Connect("localhost", number(t, b.port(scheme)), scheme == "wss", 10000) {
					t.Fatal(socket.LastErrorText())
				}
				wantNoSecret(t, socket.LastErrorText())
				program6(t, socket)
			})
		}
	}
}

// TestChilkatSshChannel opens a Socket of its own through the tunnel of another.
func TestChilkatSshChannel(t *testing.T) {
	b, sh, u := backend.get(t), sshBastion.get(t), account.get(t)
	tunnel := chilkat.NewSocket()
	defer tunnel.DisposeSocket()
	tunnel.SetTLSConfig(atWork.get(t).tls())
	tunnel.SetSshKnownHostsPath(sh.knownHosts)
	if !tunnel.SshOpenTunnel("127.0.0.1", number(t, sh.ports["port"])) || !tunnel.SshAuthenticatePw(u.name, u.password) {
		t.Fatal(tunnel.LastErrorText())
	}
	for _, scheme := range []string{"ws", "wss"} {
		channel := tunnel.SshOpenChannel("localhost", number(t, b.port(scheme)), scheme == "wss", 10000)
		if channel == nil {
			t.Fatal(tunnel.LastErrorText())
		}
		defer channel.DisposeSocket()
		program6(t, channel)
	}
}

func program6(t *testing.T, socket *chilkat.Socket) {
	t.Helper()
	rest, ws := chilkat.NewRest(), chilkat.NewWebSocket()
	defer rest.DisposeRest()
	defer ws.DisposeWebSocket()
	sent := strings.Repeat("through whatever is between; ", 2000)
	ok := rest.UseConnection(socket, false) && ws.UseConnection(rest) && ws.AddClientHeaders() &&
		rest.FullRequestNoBody("GET", "/") != nil && rest.ResponseStatusCode() == 101 && ws.ValidateServerHandshake() &&
		ws.SendFrame(sent[:100], false) && ws.SendFrame(sent[100:], true)
	for ok {
		if ok = ws.ReadFrame(); ok && ws.FinalFrame() {
			break
		}
	}
	if !ok {
		t.Fatal(rest.LastErrorText(), ws.LastErrorText())
	}
	if got := ws.GetFrameData(); got == nil || *got != sent {
		t.Fatal("the echo is not what was sent")
	}
	if !ws.SendClose(true, 1000, "done") || !ws.ReadFrame() || ws.FrameOpcode() != "Close" || ws.CloseStatusCode() != 1000 || ws.IsConnected() {
		t.Fatal(ws.LastErrorText())
	}
}

// TestChilkatProxyRefusals: what the reason is when a real proxy says no.
func TestChilkatProxyRefusals(t *testing.T) {
	sq, w := squid.get(t), atWork.get(t)
	s := chilkat.NewSocket()
	defer s.DisposeSocket()
	s.SetHttpProxyHostname("127.0.0.1")
	s.SetHttpProxyPort(number(t, sq["basic"]))
	s.SetHttpProxyUsername(w.username)
	s.SetHttpProxyPassword(wrong)
	if s.Connect("localhost", number(t, backend.get(t).port("ws")), false, 10000) {
		t.Fatal("a wrong password is accepted")
	}
	if s.ConnectFailReason() != 7 || !strings.Contains(s.LastErrorText(), "proxyConnect") {
		t.Errorf("reason %d:\n%s", s.ConnectFailReason(), s.LastErrorText())
	}
	wantNoSecret(t, s.LastErrorText(), s.LastErrorHtml(), s.LastErrorXml())

	s = chilkat.NewSocket()
	defer s.DisposeSocket()
	s.SetSshKnownHostsPath(filepath.Join(t.TempDir(), "none"))
	sh := sshBastion.get(t)
	if s.SshOpenTunnel("127.0.0.1", number(t, sh.ports["port"])) && s.SshAuthenticatePw("root", wrong) {
		t.Fatal("a host is trusted that nobody knows")
	}
	wantNoSecret(t, s.LastErrorText())
}

func number(t *testing.T, port string) int {
	t.Helper()
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
