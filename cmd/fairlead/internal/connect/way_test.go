package connect

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// start starts an echo server and returns it with its port.
func start(t *testing.T, opts wstest.Options) (s *wstest.Server, port string) {
	t.Helper()
	s, err := wstest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	_, port, err = net.SplitHostPort(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return s, port
}

func TestWays(t *testing.T) {
	_, port := start(t, wstest.Options{})
	socket := filepath.Join(t.TempDir(), "s")
	unix, err := wstest.NewUnixServer(socket)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	for name, args := range map[string][]string{
		"resolve":          {"--resolve", "no.such.example:" + port + ":127.0.0.1", "ws://no.such.example:" + port},
		"resolve, any":     {"--resolve", "*:" + port + ":127.0.0.1", "ws://no.such.example:" + port},
		"resolve, second":  {"--resolve", "no.such.example:" + port + ":[::1],127.0.0.1", "ws://no.such.example:" + port},
		"connect-to":       {"--connect-to", "no.such.example:80:127.0.0.1:" + port, "ws://no.such.example"},
		"connect-to, any":  {"--connect-to", "::127.0.0.1:" + port, "ws://no.such.example"},
		"connect-to, port": {"--connect-to", "127.0.0.1:80::" + port, "ws://127.0.0.1"},
		"ipv4":             {"-4", ":" + port},
		"interface":        {"--interface", "127.0.0.1", "127.0.0.1:" + port},
		"interface's name": {"-4", "--interface", loopback(t), "127.0.0.1:" + port},
		"unix socket":      {"--unix-socket", socket, "ws://anything"},
		"limited":          {"--limit-rate", "100k", ":" + port},
	} {
		t.Run(name, func(t *testing.T) { dial(t, mustBuild(t, nil, args...)) })
	}
	s := mustBuild(t, nil, "-6", "ws://127.0.0.1:"+port)
	if c, err := s.Dialer.Dial(t.Context(), s.URL); err == nil {
		c.CloseNow()
		t.Error("an IPv4 address was dialed with -6")
	}
}

func loopback(t *testing.T) string {
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			return i.Name
		}
	}
	t.Fatal("no loopback interface")
	return ""
}

// proxy is an HTTP proxy that wants a password and counts its tunnels.
func proxy(t *testing.T) (addr string, tunnels func() []http.Header) {
	t.Helper()
	var seen []http.Header
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		if r.Header.Get("Proxy-Authorization") != "Basic dXNlcjpwYXNz" {
			w.Header().Set("Proxy-Authenticate", `Basic realm="p"`)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		seen = append(seen, r.Header)
		up, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		down, _, _ := w.(http.Hijacker).Hijack()
		_, _ = down.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
		both(up, down)
	}))
	t.Cleanup(p.Close)
	return strings.TrimPrefix(p.URL, "http://"), func() []http.Header { return seen }
}

func both(a, b net.Conn) {
	done := make(chan struct{})
	copyAll := func(dst, src net.Conn) {
		buf := make([]byte, 4096)
		for {
			n, err := src.Read(buf)
			if n > 0 {
				_, _ = dst.Write(buf[:n])
			}
			if err != nil {
				_ = dst.Close()
				return
			}
		}
	}
	go func() { defer close(done); copyAll(a, b) }()
	copyAll(b, a)
	<-done
}

func TestProxies(t *testing.T) {
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "no_proxy", "NO_PROXY", "ws_proxy"} {
		t.Setenv(name, "")
	}
	_, port := start(t, wstest.Options{})
	addr, tunnels := proxy(t)
	// Not 127.0.0.1: the environment's proxies are not asked for that.
	target := []string{"--connect-to", "no.such.example:80:127.0.0.1:" + port, "ws://no.such.example"}
	for _, tt := range []struct {
		name   string
		env    string
		args   []string
		passed bool
	}{
		{"proxy", "", []string{"-x", "user:pass@" + addr}, true},
		{"proxy-user", "", []string{"-x", addr, "--proxy-user", "user:pass"}, true},
		{"proxy-header", "", []string{"-x", "http://" + addr, "--proxy-user", "user:pass", "--proxy-header", "X-Mine: 1"}, true},
		{"via", "", []string{"--via", "http://user:pass@" + addr}, true},
		{"via twice", "", []string{"--via", "http://user:pass@" + addr, "--via", "http://user:pass@" + addr}, true},
		{"environment", "http://user:pass@" + addr, nil, true},
		{"noproxy", "", []string{"-x", "user:pass@" + addr, "--noproxy", "*"}, false},
		{"noproxy over the environment", "http://user:pass@" + addr, []string{"--noproxy", ".such.example"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("ws_proxy", tt.env)
			before := len(tunnels())
			dial(t, mustBuild(t, nil, append(tt.args, target...)...))
			if passed := len(tunnels()) > before; passed != tt.passed {
				t.Errorf("through the proxy: %v, want %v", passed, tt.passed)
			}
		})
	}
	for _, h := range tunnels() {
		if h.Get("X-Mine") == "1" {
			goto found
		}
	}
	t.Error("the field of --proxy-header did not arrive")
found:
	s := mustBuild(t, nil, append([]string{"-x", addr, "--proxy-user", "user:wrong"}, target...)...)
	_, err := s.Dialer.Dial(t.Context(), s.URL)
	if exit.Code(err) != exit.Login || !strings.Contains(exit.Advice(err), "--proxy-user") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("wrong password: %v", err)
	}
}

func TestTLS(t *testing.T) {
	s, port := start(t, wstest.Options{TLS: true})
	ca := write(t, "ca.pem", string(s.CertPEM()))
	folder := filepath.Dir(ca)
	leaf := leafOf(t, s)
	pin := "sha256//" + route.KeyPin(leaf)
	key := write(t, "leaf.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw})))
	url := "wss://localhost:" + port
	elsewhere := []string{"--resolve", "other.example:" + port + ":127.0.0.1", "wss://other.example:" + port}
	for _, tt := range []struct {
		name string
		code int
		args []string
	}{
		{"system's roots", exit.Certificate, []string{url}},
		{"cacert", exit.OK, []string{"--cacert", ca, url}},
		{"capath", exit.OK, []string{"--capath", folder, url}},
		{"insecure", exit.OK, []string{"-k", url}},
		{"another host", exit.Certificate, append([]string{"--cacert", ca}, elsewhere...)},
		{"servername", exit.OK, append([]string{"--cacert", ca, "--servername", "localhost"}, elsewhere...)},
		{"TLS 1.3", exit.OK, []string{"--cacert", ca, "--tlsv1.3", url}},
		{"TLS 1.2", exit.OK, []string{"--cacert", ca, "--tlsv1.2", "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256:TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", url}},
		{"no common cipher", exit.TLS, []string{"--cacert", ca, "--tls-max", "1.2", "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256", url}},
		{"pin", exit.OK, []string{"--cacert", ca, "--pinnedpubkey", pin + ";" + pin, url}},
		{"pin in a file", exit.OK, []string{"--cacert", ca, "--pinnedpubkey", key, url}},
		{"pin of another", exit.Certificate, []string{"--cacert", ca, "--pinnedpubkey", "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", url}},
		{"ws to a TLS port", exit.Protocol, []string{":" + port}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			setup := mustBuild(t, nil, tt.args...)
			c, err := setup.Dialer.Dial(t.Context(), setup.URL)
			if c != nil {
				c.CloseNow()
			}
			if exit.Code(err) != tt.code {
				t.Errorf("exit code %d, want %d: %v", exit.Code(err), tt.code, err)
			}
			if err != nil && exit.Advice(err) == "" {
				t.Error("nothing says what to do")
			}
		})
	}
}

func leafOf(t *testing.T, s *wstest.Server) *x509.Certificate {
	t.Helper()
	c, err := tls.Dial("tcp", s.Addr(), &tls.Config{RootCAs: s.CertPool(), ServerName: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0]
}

func TestKeyLog(t *testing.T) {
	s, port := start(t, wstest.Options{TLS: true})
	ca := write(t, "ca.pem", string(s.CertPEM()))
	file := filepath.Join(t.TempDir(), "keys")
	setup := mustBuild(t, map[string]string{"SSLKEYLOGFILE": file}, "--cacert", ca, "wss://localhost:"+port)
	dial(t, setup)
	if err := setup.Close(); err != nil {
		t.Fatal(err)
	}
	if keys, err := os.ReadFile(file); err != nil || !bytes.Contains(keys, []byte("CLIENT_HANDSHAKE_TRAFFIC_SECRET")) {
		t.Errorf("%v: %q", err, keys)
	}
}

func TestClientCertificate(t *testing.T) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	server, err := ca.Issue("localhost")
	if err != nil {
		t.Fatal(err)
	}
	client, err := ca.Issue("me")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(client.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: client.Certificate[0]}))
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	echo, _ := start(t, wstest.Options{})
	backend, err := url.Parse("http://" + echo.Addr())
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(backend) }})
	front.TLS = &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool()}
	front.Config.ErrorLog = nil
	front.StartTLS()
	defer front.Close()
	_, port, err := net.SplitHostPort(front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	roots := write(t, "ca.pem", string(ca.PEM()))
	url := "wss://localhost:" + port
	dial(t, mustBuild(t, nil, "--cacert", roots, "--cert", write(t, "both.pem", cert+key), url))
	dial(t, mustBuild(t, nil, "--cacert", roots, "--cert", write(t, "cert.pem", cert), "--key", write(t, "key.pem", key), url))
	s := mustBuild(t, nil, "--cacert", roots, url)
	if _, err := s.Dialer.Dial(t.Context(), s.URL); exit.Code(err) != exit.TLS {
		t.Errorf("without a certificate: exit code %d, %v", exit.Code(err), err)
	}
}
