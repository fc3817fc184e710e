package chilkat_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

var socketMembers = map[string]func(*testing.T){
	"Connect": func(t *testing.T) {
		server := echoServer(t)
		s := connected(t, server)
		echoes(t, over(t, s))
		host, port := hostPort(t, server.URL())
		for _, bad := range []struct {
			host       string
			port, wait int
			reason     int
			why        string
		}{
			{"", port, 0, 1, "The argument hostname is empty."},
			{"ws://" + host, port, 0, 7, "The argument hostname is a URL."},
			{host, 0, 0, 7, "The argument port is not from 1 to 65535."},
			{host, port, -1, 7, "The argument maxWaitMs is negative."},
		} {
			mustFail(t, s.Connect(bad.host, bad.port, false, bad.wait), s, bad.why)
			want(t, "ConnectFailReason", s.ConnectFailReason(), bad.reason)
		}
		want(t, "IsConnected", s.IsConnected(), true) // bad arguments leave the connection alone
		must(t, s.Connect(host, port, false, 0), s)   // 0 is no limit
		want(t, "Connect of nil", (*chilkat.Socket)(nil).Connect(host, port, false, 0), false)
	},
	"ConnectAsync": func(t *testing.T) {
		host, port := hostPort(t, echoServer(t).URL())
		s := client(t)
		finish(t, s.ConnectAsync(host, port, false, enough), true)
		want(t, "IsConnected", s.IsConnected(), true)
		finish(t, s.ConnectAsync("", port, false, enough), false)
	},
	"Close": func(t *testing.T) {
		for _, server := range []*wstest.Server{echoServer(t), tlsServer(t)} {
			for _, wait := range []int{0, 1000} {
				s := connected(t, server)
				mustFail(t, s.Close(-1), s, "The argument maxWaitMs is negative.")
				must(t, s.Close(wait), s)
				waitIdle(t, server)
				mustFail(t, s.Close(wait), s, "The Socket is not connected.")
			}
		}
		ws := over(t, connected(t, echoServer(t)))
		echoes(t, ws)
		s := connected(t, echoServer(t))
		ws = over(t, s)
		must(t, s.Close(0), s)
		mustFail(t, ws.ReadFrame(), ws, "The connection is lost.")
	},
	"IsConnected": func(t *testing.T) {
		server := echoServer(t)
		s := client(t)
		want(t, "IsConnected", s.IsConnected(), false)
		s = connected(t, server)
		want(t, "IsConnected", s.IsConnected(), true)
		ws := over(t, s)
		want(t, "IsConnected", s.IsConnected(), true)
		must(t, ws.CloseConnection(), ws)
		want(t, "IsConnected", s.IsConnected(), false)

		peer := wstest.Listen(wstest.Upgrade(), wstest.Reset())
		defer peer.Close()
		s = client(t)
		host, port := hostPort(t, peer.URL())
		must(t, s.Connect(host, port, false, enough), s)
		ws = over(t, s)
		want(t, "ReadFrame", ws.ReadFrame(), false)
		want(t, "IsConnected after a reset", s.IsConnected(), false)
	},
	"ConnectFailReason": func(t *testing.T) {
		s := client(t)
		want(t, "ConnectFailReason", s.ConnectFailReason(), 0)
		mustFail(t, s.Connect("", 80, false, enough), s, "The argument hostname is empty.")
		want(t, "ConnectFailReason", s.ConnectFailReason(), 1)
		host, port := hostPort(t, echoServer(t).URL())
		must(t, s.Connect(host, port, false, enough), s)
		want(t, "ConnectFailReason", s.ConnectFailReason(), 0)
	},
	"LocalIpAddress": func(t *testing.T) {
		want(t, "LocalIpAddress", client(t).LocalIpAddress(), "")
		want(t, "LocalIpAddress", connected(t, echoServer(t)).LocalIpAddress(), "127.0.0.1")
	},
	"LocalPort": func(t *testing.T) {
		want(t, "LocalPort", client(t).LocalPort(), 0)
		port := freePort(t)
		s := connected(t, echoServer(t), func(s *chilkat.Socket) { s.SetClientPort(port) })
		want(t, "LocalPort", s.LocalPort(), port)
	},
	"RemoteIpAddress": func(t *testing.T) {
		want(t, "RemoteIpAddress", client(t).RemoteIpAddress(), "")
		want(t, "RemoteIpAddress", connected(t, echoServer(t)).RemoteIpAddress(), "127.0.0.1")
	},
	"RemotePort": func(t *testing.T) {
		want(t, "RemotePort", client(t).RemotePort(), 0)
		server := echoServer(t)
		_, port := hostPort(t, server.URL())
		s := connected(t, server)
		want(t, "RemotePort", s.RemotePort(), port)
		must(t, s.Close(0), s)
		want(t, "RemotePort after Close", s.RemotePort(), port)
	},
	"ReceivedCount": func(t *testing.T) {
		want(t, "ReceivedCount", client(t).ReceivedCount(), 0)
		s := connected(t, tlsServer(t))
		want(t, "ReceivedCount", s.ReceivedCount(), 0)
		ws := over(t, s)
		before := s.ReceivedCount()
		echoes(t, ws)
		want(t, "what a frame adds", s.ReceivedCount()-before, 2+len("ship ahoy"))
	},
	"RcvBytesPerSec": func(t *testing.T) {
		want(t, "RcvBytesPerSec", client(t).RcvBytesPerSec(), 0)
		s := connected(t, echoServer(t))
		echoes(t, over(t, s))
		if got := s.RcvBytesPerSec(); got <= 0 || got > s.ReceivedCount() {
			t.Errorf("RcvBytesPerSec is %d", got)
		}
	},
	"SendBytesPerSec": func(t *testing.T) {
		want(t, "SendBytesPerSec", client(t).SendBytesPerSec(), 0)
		s := connected(t, echoServer(t))
		echoes(t, over(t, s))
		if got := s.SendBytesPerSec(); got <= 0 {
			t.Errorf("SendBytesPerSec is %d", got)
		}
	},
	"SessionLog": func(t *testing.T) {
		want(t, "SessionLog", client(t).SessionLog(), "")
		for _, encoding := range []string{"esc", "hex"} {
			s := connected(t, tlsServer(t), func(s *chilkat.Socket) {
				s.SetKeepSessionLog(true)
				s.SetSessionLogEncoding(encoding)
			})
			ws := over(t, s)
			text := map[string]string{"esc": `sent: GET / HTTP/1.1\r\nHost: 127.0.0.1`, "hex": "sent: 474554202F20"}
			if log := s.SessionLog(); !strings.HasPrefix(log, text[encoding]) || !strings.Contains(log, "\nreceived: ") {
				t.Errorf("SessionLog is %q", log)
			}
			s.SetKeepSessionLog(false)
			before := s.SessionLog()
			echoes(t, ws)
			want(t, "SessionLog that is not kept", s.SessionLog(), before)
		}
	},
	"TlsVersion": func(t *testing.T) {
		want(t, "TlsVersion", client(t).TlsVersion(), "")
		want(t, "TlsVersion", connected(t, echoServer(t)).TlsVersion(), "")
		want(t, "TlsVersion", connected(t, tlsServer(t)).TlsVersion(), "TLS 1.3")
	},
	"TlsCipherSuite": func(t *testing.T) {
		want(t, "TlsCipherSuite", client(t).TlsCipherSuite(), "")
		want(t, "TlsCipherSuite", connected(t, echoServer(t)).TlsCipherSuite(), "")
		if got := connected(t, tlsServer(t)).TlsCipherSuite(); !strings.HasPrefix(got, "TLS_") {
			t.Errorf("TlsCipherSuite is %q", got)
		}
	},
	"SetSslClientCertPem": func(t *testing.T) {
		ca, port := demandingServer(t)
		path := filepath.Join(t.TempDir(), "client.pem")
		text := clientPEM(t, ca)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{text, path} {
			s := client(t)
			s.SetTLSConfig(&tls.Config{RootCAs: ca.Pool()})
			mustFail(t, s.Connect("127.0.0.1", port, true, enough), s, "The server does not accept this client's certificate")
			want(t, "ConnectFailReason", s.ConnectFailReason(), 110)
			must(t, s.SetSslClientCertPem(from, ""), s)
			must(t, s.Connect("127.0.0.1", port, true, enough), s)
			must(t, s.Close(0), s) // the server has one client at a time
			mustFail(t, s.SetSslClientCertPem("", ""), s, "The argument pemOrPath is empty.")
			mustFail(t, s.SetSslClientCertPem("key-without-its-begin-"+canary, canary), s, "The client certificate cannot be used.")
			if strings.Contains(s.LastErrorText(), canary) {
				t.Errorf("the log has a secret:\n%s", s.LastErrorText())
			}
			must(t, s.Connect("127.0.0.1", port, true, enough), s) // what was set before stays
			must(t, s.Close(0), s)
		}
	},
	"SetSslClientCertPfx": func(t *testing.T) {
		s := client(t)
		mustFail(t, s.SetSslClientCertPfx("", ""), s, "The argument path is empty.")
		const pfx = "../route/clientcert/testdata/modern.pfx"
		must(t, s.SetSslClientCertPfx(pfx, "fairlead"), s)
		mustFail(t, s.SetSslClientCertPfx(pfx, canary), s, "The client certificate cannot be used.")
		if strings.Contains(s.LastErrorText(), canary) {
			t.Error("the log has the password")
		}
	},
	"SshOpenTunnel": func(t *testing.T) {
		ssh, _, _ := sshServer(t)
		s := client(t)
		must(t, s.SshOpenTunnel("127.0.0.1", ssh.port()), s)
		wantLog(t, s, "serverVersion: SSH-2.0-Go")
		must(t, s.SshOpenTunnel("127.0.0.1", ssh.port()), s) // takes the place of the one before
		mustFail(t, s.Connect("127.0.0.1", 80, false, enough), s, "The SSH server does not know who asks yet.")
		want(t, "ConnectFailReason", s.ConnectFailReason(), 5)
		mustFail(t, s.SshOpenTunnel("", 22), s, "The argument hostname is empty.")
		for says, why := range map[string]string{"HTTP/1.1 400 Bad Request\r\n": `it says \"HTTP/1.1 400`, "hello\n": "no SSH server answers there", strings.Repeat("x", 9000): "no SSH server answers there"} {
			h := startHop(t, func(_ *hop, conn net.Conn) { conn.Write([]byte(says)) })
			mustFail(t, s.SshOpenTunnel("127.0.0.1", h.port()), s, "There was no SSH connection.")
			wantLog(t, s, strings.ReplaceAll(why, `\"`, `"`))
			want(t, "ConnectFailReason", s.ConnectFailReason(), 7)
		}
	},
	"SshAuthenticatePw": func(t *testing.T) {
		ssh, key, _ := sshServer(t)
		s := client(t)
		s.SetSshKnownHostsPath(ssh.knownHosts(t, key))
		mustFail(t, s.SshAuthenticatePw(hopUser, hopPassword), s, "There is no SSH tunnel.")
		must(t, s.SshOpenTunnel("127.0.0.1", ssh.port()), s)
		mustFail(t, s.SshAuthenticatePw("", hopPassword), s, "The argument login is empty.")
		mustFail(t, s.SshAuthenticatePw(hopUser, "wrong"), s, "The SSH server did not accept the login.")
		want(t, "ConnectFailReason", s.ConnectFailReason(), 7)
		must(t, s.SshAuthenticatePw(hopUser, hopPassword), s) // connects anew
		wantLog(t, s, "    sshTunnel")
		mustFail(t, s.SshAuthenticatePw(hopUser, hopPassword), s, "The SSH server knows who asks already.")
		if strings.Contains(s.LastErrorText(), hopPassword) {
			t.Error("the log has the password")
		}
	},
	"SshAuthenticatePk": func(t *testing.T) {
		ssh, known, private := sshServer(t)
		s, key := client(t), chilkat.NewSshKey()
		s.SetSshKnownHostsPath(ssh.knownHosts(t, known))
		must(t, s.SshOpenTunnel("127.0.0.1", ssh.port()), s)
		mustFail(t, s.SshAuthenticatePk(hopUser, nil), s, "The argument key is nil.")
		mustFail(t, s.SshAuthenticatePk(hopUser, key), s, "The argument key has no private key.")
		key.SetPassword(hopPassword)
		must(t, key.FromOpenSshPrivateKey(private), key)
		must(t, s.SshAuthenticatePk(hopUser, key), s)
		wantLog(t, s, "keyFingerprint: SHA256:")
	},
	"SshOpenChannel": func(t *testing.T) {
		server := tlsServer(t)
		host, port := hostPort(t, server.URL())
		s, ssh := tunnelled(t)
		isTLS(s, server)
		mustFail(t, s.SshOpenChannel("", port, true, enough) != nil, s, "The argument hostname is empty.")
		mustFail(t, s.SshOpenChannel(host, 1, true, enough) != nil, s, "The SSH server gave no connection to the server.")
		want(t, "ConnectFailReason", s.ConnectFailReason(), 7)
		for range 2 {
			channel := s.SshOpenChannel(host, port, true, enough)
			if channel == nil {
				t.Fatal(s.LastErrorText())
			}
			must(t, true, s)
			wantLog(t, s, "    sshTunnel")
			defer channel.DisposeSocket()
			echoes(t, over(t, channel))
		}
		want(t, "targets", len(ssh.targets()), 3)
		free := client(t)
		mustFail(t, free.SshOpenChannel(host, port, true, enough) != nil, free, "There is no SSH tunnel.")
	},
	"SshCloseTunnel": func(t *testing.T) {
		server := echoServer(t)
		host, port := hostPort(t, server.URL())
		s, _ := tunnelled(t)
		channel := s.SshOpenChannel(host, port, false, enough)
		if channel == nil {
			t.Fatal(s.LastErrorText())
		}
		defer channel.DisposeSocket()
		ws := over(t, channel)
		echoes(t, ws)
		must(t, s.SshCloseTunnel(), s)
		want(t, "ReadFrame", ws.ReadFrame(), false)
		want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 3)
		mustFail(t, s.SshCloseTunnel(), s, "There is no SSH tunnel.")
	},
}

var sshKeyMembers = map[string]func(*testing.T){
	"FromOpenSshPrivateKey": func(t *testing.T) {
		_, _, private := sshServer(t)
		key := chilkat.NewSshKey()
		defer key.DisposeSshKey()
		mustFail(t, key.FromOpenSshPrivateKey(private), key, "The password of the private key is missing or wrong.")
		key.SetPassword("wrong")
		mustFail(t, key.FromOpenSshPrivateKey(private), key, "The password of the private key is missing or wrong.")
		mustFail(t, key.FromOpenSshPrivateKey("no key"), key, "is no private key that can be used.")
		key.SetPassword(hopPassword)
		must(t, key.FromOpenSshPrivateKey(private), key)
		wantLog(t, key, "keyFingerprint: SHA256:")
		if strings.Contains(key.LastErrorText(), hopPassword) || strings.Contains(key.LastErrorText(), "BEGIN") {
			t.Error("the log has a secret")
		}
	},
	"LoadText": func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "id")
		if err := os.WriteFile(path, []byte(canary), 0o600); err != nil {
			t.Fatal(err)
		}
		key := chilkat.NewSshKey()
		want(t, "LoadText", deref(key.LoadText(path)), canary)
		if strings.Contains(key.LastErrorText(), canary) {
			t.Error("the log has the text")
		}
		mustFail(t, key.LoadText(path+"x") != nil, key, "The file cannot be read.")
		mustFail(t, key.LoadText("") != nil, key, "The argument path is empty.")
	},
}

// tunnelled is a Socket with an SSH tunnel.
func tunnelled(t *testing.T, prepare ...func(*chilkat.Socket)) (*chilkat.Socket, *hop) {
	t.Helper()
	ssh, key, _ := sshServer(t)
	s := client(t)
	s.SetSshKnownHostsPath(ssh.knownHosts(t, key))
	for _, p := range prepare {
		p(s)
	}
	must(t, s.SshOpenTunnel("127.0.0.1", ssh.port()), s)
	must(t, s.SshAuthenticatePw(hopUser, hopPassword), s)
	return s, ssh
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// demandingServer is a TLS 1.2 server that wants a client certificate of its CA.
func demandingServer(t *testing.T) (*wstest.CA, int) {
	t.Helper()
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return ca, tlsPort(t, &tls.Config{
		Certificates: []tls.Certificate{cert}, MaxVersion: tls.VersionTLS12,
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool(),
	})
}

// clientPEM is a certificate of ca with its private key.
func clientPEM(t *testing.T, ca *wstest.CA) string {
	t.Helper()
	cert, err := ca.Issue("client.example")
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}
