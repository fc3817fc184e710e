package chilkat_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

func hostAndPort(host string, port int) string {
	s := &net.TCPAddr{Port: port}
	return host + s.String()
}

// TestSocketFailReasons has every way to fail that the Rest's tests do not have.
func TestSocketFailReasons(t *testing.T) {
	server := echoServer(t)
	host, port := hostPort(t, server.URL())
	closed := freePort(t)
	silentPort, _ := silent(t)
	socks := func(version, port int) func(*chilkat.Socket) {
		return func(s *chilkat.Socket) {
			s.SetSocksVersion(version)
			s.SetSocksHostname("127.0.0.1")
			s.SetSocksPort(port)
		}
	}
	proxyAt := func(port int) func(*chilkat.Socket) {
		return func(s *chilkat.Socket) {
			s.SetHttpProxyHostname("127.0.0.1")
			s.SetHttpProxyPort(port)
		}
	}
	tests := []struct {
		name   string
		set    func(*chilkat.Socket)
		tls    bool
		wait   int
		reason int
		why    string
	}{
		{"5 both proxies", func(s *chilkat.Socket) { proxyAt(1)(s); socks(5, 1)(s) }, false, enough, 5, "HttpProxyHostname and SocksVersion are both set."},
		{"5 no proxy port", func(s *chilkat.Socket) { s.SetHttpProxyHostname("127.0.0.1") }, false, enough, 5, "HttpProxyPort is not set."},
		{"5 proxy URL", func(s *chilkat.Socket) { s.SetHttpProxyHostname("http://u:" + canary + "@p:1") }, false, enough, 5, "HttpProxyHostname is a URL."},
		{"5 proxy method", func(s *chilkat.Socket) { proxyAt(1)(s); s.SetHttpProxyAuthMethod("x") }, false, enough, 5, "HttpProxyAuthMethod is not known."},
		{"5 no SOCKS host", func(s *chilkat.Socket) { s.SetSocksVersion(5) }, false, enough, 5, "SocksVersion is set, SocksHostname is not."},
		{"5 SOCKS version", func(s *chilkat.Socket) { socks(6, 1)(s) }, false, enough, 5, "SocksVersion is not 0, 4 or 5."},
		{"5 local address", func(s *chilkat.Socket) { s.SetClientIpAddress("nowhere") }, false, enough, 5, "ClientIpAddress is not an IP address."},
		{"6 proxy silent", proxyAt(silentPort), false, 30, 6, "The proxy gave no connection to the server within the time allowed."},
		{"6 SOCKS silent", socks(5, silentPort), false, 30, 6, "The proxy gave no connection to the server within the time allowed."},
		{"7 proxy down", proxyAt(closed), false, enough, 7, "The connection failed, that of the proxy."},
		{"7 SOCKS down", socks(4, closed), false, enough, 7, "The connection failed, that of the proxy."},
		{"7 no proxy there", proxyAt(port), false, enough, 7, "The proxy gave no connection to the server."},
		{"7 no SOCKS there", socks(5, port), false, enough, 7, "The proxy gave no connection to the server."},
		{"7 credentials missing", proxyAt(httpProxy(t, "Basic").port()), false, enough, 7, "The proxy wants other credentials."},
		{"7 SOCKS credentials missing", socks(5, socksProxy(t, 5).port()), false, enough, 7, "The proxy wants other credentials."},
		{"7 credentials wrong", func(s *chilkat.Socket) {
			through(httpProxy(t, "Digest"), "Digest")(s)
			s.SetHttpProxyPassword(canary)
		}, false, enough, 7, "The proxy did not accept the credentials."},
		{"7 local address of nobody", func(s *chilkat.Socket) { s.SetClientIpAddress("192.0.2.1") }, false, enough, 7, "The connection failed."},
		{"100 protocol", func(s *chilkat.Socket) { s.SetSslProtocol("SSL 3.0") }, true, enough, 100, "SslProtocol is not known."},
		{"100 pins", func(s *chilkat.Socket) { s.SetTlsPinSet("sha1, base64, x") }, true, enough, 100, "TlsPinSet does not begin with sha256, base64."},
		{"100 ciphers", func(s *chilkat.Socket) { s.SetSslAllowedCiphers("TLS_NULL") }, true, enough, 100, "SslAllowedCiphers has no cipher suite"},
		{"100 ciphers of another version", func(s *chilkat.Socket) {
			s.SetSslProtocol("TLS 1.2")
			s.SetSslAllowedCiphers("TLS_AES_128_GCM_SHA256")
		}, true, enough, 100, "SslAllowedCiphers has no cipher suite"},
		{"103 TLS silent", nil, true, 0, 103, ""},
		{"109 plain HTTP", nil, true, enough, 109, "The TLS handshake failed."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := client(t)
			if test.set != nil {
				test.set(s)
			}
			port := port
			if test.reason == 103 {
				port, test.wait = silentPort, 30
			}
			mustFail(t, s.Connect(host, port, test.tls, test.wait), s, test.why)
			want(t, "ConnectFailReason", s.ConnectFailReason(), test.reason)
			log := s.LastErrorText()
			if strings.Contains(log, canary) || strings.Contains(log, hopPassword) {
				t.Errorf("the log has a secret:\n%s", log)
			}
			var e *chilkat.Error
			if !errors.As(s.LastError(), &e) || e.Advice == "" {
				t.Errorf("no advice:\n%s", log)
			}
		})
	}
	t.Run("2 the proxy's name", func(t *testing.T) {
		resolver(t, func(context.Context) error { return errors.New("no name server") })
		s := client(t)
		s.SetSocksVersion(5)
		s.SetSocksHostname("proxy.invalid")
		mustFail(t, s.Connect(host, port, false, enough), s, "The host name was not found, that of the proxy.")
		want(t, "ConnectFailReason", s.ConnectFailReason(), 2)
	})
}

func TestSocketTLS(t *testing.T) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err1 := ca.Issue("127.0.0.1")
	named, err2 := ca.Issue("named.example")
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	offered := make(chan string, 1)
	server := func(cert tls.Certificate, most uint16) int {
		return tlsPort(t, &tls.Config{
			Certificates: []tls.Certificate{cert}, MaxVersion: most, NextProtos: []string{"http/1.1"},
			GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				select {
				case offered <- strings.Join(hello.SupportedProtos, ","):
				default:
				}
				return nil, nil
			},
		})
	}
	current, old, other := server(cert, 0), server(cert, tls.VersionTLS12), server(named, 0)
	pin := "sha256, base64, " + route.KeyPin(cert.Leaf)
	wrongPin := "sha256, base64, " + route.KeyPin(named.Leaf)
	tests := []struct {
		name   string
		port   int
		set    func(*chilkat.Socket)
		reason int
		result string // TlsVersion
	}{
		{"default", current, nil, 0, "TLS 1.3"},
		{"TLS 1.2", current, func(s *chilkat.Socket) { s.SetSslProtocol("TLS 1.2") }, 0, "TLS 1.2"},
		{"TLS 1.3 or higher", old, func(s *chilkat.Socket) { s.SetSslProtocol("TLS 1.3 or higher") }, 107, ""},
		{"TLS 1.1 or higher", old, func(s *chilkat.Socket) { s.SetSslProtocol("TLS 1.1 or higher") }, 0, "TLS 1.2"},
		{"unknown authority", current, func(s *chilkat.Socket) { s.SetTLSConfig(nil) }, 106, ""},
		{"not verified", current, func(s *chilkat.Socket) { s.SetTLSConfig(nil); s.SetRequireSslCertVerify(false) }, 0, "TLS 1.3"},
		{"pinned", current, func(s *chilkat.Socket) { s.SetTlsPinSet(pin) }, 0, "TLS 1.3"},
		{"pinned, two", current, func(s *chilkat.Socket) { s.SetTlsPinSet(wrongPin + "," + route.KeyPin(cert.Leaf)) }, 0, "TLS 1.3"},
		{"another pin", current, func(s *chilkat.Socket) { s.SetTlsPinSet(wrongPin) }, 108, ""},
		{"another pin, not verified", current, func(s *chilkat.Socket) { s.SetTlsPinSet(wrongPin); s.SetRequireSslCertVerify(false) }, 108, ""},
		{"wrong name", other, nil, 106, ""},
		{"SNI", other, func(s *chilkat.Socket) { s.SetSniHostname("named.example") }, 0, "TLS 1.3"},
		{"cipher of 1.2", current, func(s *chilkat.Socket) { s.SetSslAllowedCiphers("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384") }, 0, "TLS 1.2"},
		{"cipher of 1.3", old, func(s *chilkat.Socket) { s.SetSslAllowedCiphers("TLS_AES_256_GCM_SHA384") }, 107, ""},
		{"cipher that the server does not choose", current, func(s *chilkat.Socket) { s.SetSslAllowedCiphers("TLS_CHACHA20_POLY1305_SHA256") }, 108, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := client(t)
			s.SetTLSConfig(&tls.Config{RootCAs: ca.Pool()})
			if test.set != nil {
				test.set(s)
			}
			ok := s.Connect("127.0.0.1", test.port, true, enough)
			want(t, "ConnectFailReason", s.ConnectFailReason(), test.reason)
			want(t, "TlsVersion", s.TlsVersion(), test.result)
			if test.reason == 0 {
				must(t, ok, s)
				return
			}
			mustFail(t, ok, s, "    tls")
		})
	}
	t.Run("ALPN", func(t *testing.T) {
		s := client(t)
		s.SetTLSConfig(&tls.Config{RootCAs: ca.Pool()})
		s.SetAlpnProtocol("http/1.1")
		for len(offered) > 0 {
			<-offered
		}
		must(t, s.Connect("127.0.0.1", current, true, enough), s)
		want(t, "what was offered", <-offered, "http/1.1")
		wantLog(t, s, "alpn: http/1.1")
	})
}

func TestSshHostKey(t *testing.T) {
	ssh, key, _ := sshServer(t)
	other, otherKey, _ := sshServer(t)
	s := client(t)
	for path, ok := range map[string]bool{
		ssh.knownHosts(t, key):      true,
		ssh.knownHosts(t, otherKey): false,
		other.knownHosts(t, key):    false,
	} {
		must(t, s.SshOpenTunnel("127.0.0.1", ssh.port()), s)
		s.SetSshKnownHostsPath(path)
		if got := s.SshAuthenticatePw(hopUser, hopPassword); got != ok {
			t.Errorf("%t: %s", ok, s.LastErrorText())
		}
	}
	s.SetSshKnownHostsPath("/nowhere/known_hosts")
	must(t, s.SshOpenTunnel("127.0.0.1", ssh.port()), s)
	mustFail(t, s.SshAuthenticatePw(hopUser, hopPassword), s, "There was no SSH connection.")
	s.SetSshHostKeyFingerprint("SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")
	mustFail(t, s.SshAuthenticatePw(hopUser, hopPassword), s, "There was no SSH connection.")
	s.SetSshHostKeyFingerprint(fingerprint(key))
	must(t, s.SshAuthenticatePw(hopUser, hopPassword), s)
}

// TestSocketAborts ends a call that is blocked in each phase.
func TestSocketAborts(t *testing.T) {
	type blocked struct {
		call    func(s *chilkat.Socket) bool
		reached <-chan struct{}
	}
	proxied := func(t *testing.T, version int) blocked {
		h, reached := stuckHop(t, "")
		return blocked{func(s *chilkat.Socket) bool {
			if version == 0 {
				through(h, "")(s)
			} else {
				s.SetSocksVersion(version)
				s.SetSocksHostname("127.0.0.1")
				s.SetSocksPort(h.port())
			}
			return s.Connect("127.0.0.1", 80, false, enough)
		}, reached}
	}
	phases := map[string]func(t *testing.T) blocked{
		"resolve": func(t *testing.T) blocked {
			reached := make(chan struct{})
			resolver(t, func(ctx context.Context) error {
				select {
				case <-reached:
				default:
					close(reached)
				}
				return untilEnd(ctx)
			})
			return blocked{func(s *chilkat.Socket) bool { return s.Connect("fairlead.invalid", 80, false, enough) }, reached}
		},
		"HTTP proxy": func(t *testing.T) blocked { return proxied(t, 0) },
		"SOCKS4":     func(t *testing.T) blocked { return proxied(t, 4) },
		"SOCKS5":     func(t *testing.T) blocked { return proxied(t, 5) },
		"TLS": func(t *testing.T) blocked {
			h, reached := stuckHop(t, "")
			return blocked{func(s *chilkat.Socket) bool { return s.Connect("127.0.0.1", h.port(), true, enough) }, reached}
		},
		"SSH greeting": func(t *testing.T) blocked {
			accepted := make(chan struct{})
			h := startHop(t, func(_ *hop, conn net.Conn) {
				close(accepted)
				conn.SetDeadline(time.Now().Add(limit))
				conn.Read(make([]byte, 1))
			})
			return blocked{func(s *chilkat.Socket) bool { return s.SshOpenTunnel("127.0.0.1", h.port()) }, accepted}
		},
		"SSH transport": func(t *testing.T) blocked {
			h, reached := stuckHop(t, "SSH-2.0-stuck\r\n")
			_, key, _ := sshServer(t)
			return blocked{func(s *chilkat.Socket) bool {
				s.SetSshKnownHostsPath(h.knownHosts(t, key))
				return s.SshOpenTunnel("127.0.0.1", h.port()) && s.SshAuthenticatePw(hopUser, hopPassword)
			}, reached}
		},
	}
	means := map[string]func(s *chilkat.Socket) (abort func()){
		"SetContext": func(s *chilkat.Socket) func() {
			ctx, cancel := context.WithCancel(context.Background())
			s.SetContext(ctx)
			return cancel
		},
		"SetAbortCheck": func(s *chilkat.Socket) func() {
			stop := make(chan struct{})
			s.SetHeartbeatMs(5)
			s.SetAbortCheck(func() bool {
				select {
				case <-stop:
					return true
				default:
					return false
				}
			})
			return func() { close(stop) }
		},
	}
	for phase, start := range phases {
		for by, arrange := range means {
			t.Run(phase+" by "+by, func(t *testing.T) {
				var took time.Duration
				for range 5 { // the machine may be busy
					s, b := client(t), start(t)
					abort := arrange(s)
					result := make(chan bool, 1)
					go func() { result <- b.call(s) }()
					<-b.reached
					begin := time.Now()
					abort()
					ok := <-result
					took = time.Since(begin)
					mustFail(t, ok, s, "The call was aborted.")
					want(t, "ConnectFailReason", s.ConnectFailReason(), 4)
					if took <= 50*time.Millisecond {
						return
					}
				}
				t.Errorf("it takes %v", took)
			})
		}
	}
}

// TestSocketReadIdle: the pause of the Socket counts beside that of the WebSocket.
func TestSocketReadIdle(t *testing.T) {
	s := connected(t, tlsServer(t))
	s.SetMaxReadIdleMs(20)
	ws := over(t, s)
	mustFail(t, ws.ReadFrame(), ws, "No byte came within IdleTimeoutMs.")
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 1)
	want(t, "IsConnected", s.IsConnected(), true)
	s.SetMaxReadIdleMs(0)
	echoes(t, ws)

	port, _ := silent(t)
	s = client(t)
	s.SetMaxReadIdleMs(20)
	must(t, s.Connect("127.0.0.1", port, false, enough), s)
	rest := newRest(t)
	must(t, rest.UseConnection(s, false), rest)
	mustFail(t, rest.FullRequestNoBody("GET", "/") != nil, rest, "No byte of the response came within IdleTimeoutMs")
}

// TestSocketSendIdle: a peer that takes nothing ends the connection.
func TestSocketSendIdle(t *testing.T) {
	over := make(chan struct{})
	peer := wstest.Listen(wstest.Upgrade(), wstest.Wait(over))
	defer peer.Close()
	defer close(over)
	host, port := hostPort(t, peer.URL())
	s := client(t)
	s.SetSoSndBuf(4096)
	must(t, s.Connect(host, port, false, enough), s)
	s.SetMaxSendIdleMs(50)
	rest, ws := newRest(t), newSocket(t)
	must(t, rest.UseConnection(s, false), rest)
	openOn(t, ws, rest, "/")
	bd := chilkat.NewBinData()
	bd.AppendBinary(make([]byte, 32<<20))
	mustFail(t, ws.SendFrameBd(bd, true), ws, "the peer took no byte within MaxSendIdleMs")
	want(t, "IsConnected", s.IsConnected(), false)
}

// TestSSHFailReasons has the ways to fail of the SSH methods.
func TestSSHFailReasons(t *testing.T) {
	server := tlsServer(t)
	host, port := hostPort(t, server.URL())
	s, ssh := tunnelled(t)
	tests := []struct {
		name   string
		call   func() bool
		reason int
		why    string
	}{
		{"refused", func() bool { return s.SshOpenChannel(host, 1, false, enough) != nil }, 7, "The SSH server gave no connection to the server."},
		{"TLS through the tunnel", func() bool { return s.SshOpenChannel(host, port, true, enough) != nil }, 106, "The certificate of the server was not verified."},
		{"server down", func() bool { return s.SshOpenTunnel("127.0.0.1", freePort(t)) }, 7, "The connection failed."},
		{"proxy down", func() bool {
			s.SetSocksVersion(4)
			s.SetSocksHostname("127.0.0.1")
			s.SetSocksPort(freePort(t))
			return s.SshOpenTunnel("127.0.0.1", 22)
		}, 7, "The connection failed, that of the proxy."},
		{"settings", func() bool { s.SetHttpProxyHostname("p"); return s.SshOpenTunnel("127.0.0.1", 22) }, 5, "HttpProxyPort is not set."},
		{"silent", func() bool { ssh.stall(t); return s.SshOpenChannel(host, port, false, 30) != nil }, 6, "The SSH server gave no connection to the server within the time allowed."},
		{"aborted", func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			s.SetContext(ctx)
			return s.SshOpenChannel(host, port, false, enough) != nil
		}, 4, "The call was aborted."},
	}
	for _, test := range tests {
		mustFail(t, test.call(), s, test.why)
		if got := s.ConnectFailReason(); got != test.reason {
			t.Errorf("%s: ConnectFailReason is %d, want %d", test.name, got, test.reason)
		}
	}
	resolver(t, func(context.Context) error { return errors.New("no name server") })
	s = client(t)
	mustFail(t, s.SshOpenTunnel("fairlead.invalid", 22), s, "The host name was not found.")
	want(t, "ConnectFailReason", s.ConnectFailReason(), 2)
}
