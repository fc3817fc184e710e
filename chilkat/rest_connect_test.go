package chilkat_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

func newRest(t *testing.T) *chilkat.Rest {
	rest := chilkat.NewRest()
	t.Cleanup(rest.DisposeRest)
	return rest
}

// silent is a port whose server accepts and says nothing; received counts what
// comes.
func silent(t *testing.T) (port int, received func() int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	total, done := 0, make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 1024)
			for err == nil {
				var n int
				n, err = conn.Read(buf)
				total += n
			}
			conn.Close()
		}
	}()
	end := func() int {
		l.Close()
		<-done
		return total
	}
	t.Cleanup(func() { end() })
	return l.Addr().(*net.TCPAddr).Port, end
}

func TestConnectBadInput(t *testing.T) {
	tests := []struct {
		name, hostname string
		port           int
		reason         int
		why            string
	}{
		{"empty", "", 80, 1, "The argument hostname is empty."},
		{"URL", "ws://127.0.0.1/", 80, 7, "The argument hostname is a URL."},
		{"https URL", "https://127.0.0.1", 80, 7, "The argument hostname is a URL."},
		{"user name", "user@127.0.0.1", 80, 7, "The argument hostname has a user name in it."},
		{"path", "127.0.0.1/chat", 80, 7, "The argument hostname has a path in it."},
		{"query", "127.0.0.1?x", 80, 7, "The argument hostname has a path in it."},
		{"port inside", "127.0.0.1:8080", 80, 7, "The argument hostname has a port in it"},
		{"CR LF", "127.0.0.1\r\nX: y", 80, 7, "The argument hostname has a space or a control character."},
		{"NUL", "127.0.0.1\x00", 80, 7, "The argument hostname has a space or a control character."},
		{"space", "127.0.0.1 ", 80, 7, "The argument hostname has a space or a control character."},
		{"broken brackets", "[::1", 80, 7, "The argument hostname has brackets"},
		{"IPv4 in brackets", "[127.0.0.1]", 80, 7, "The argument hostname has brackets"},
		{"broken name", "a..b", 80, 7, "The argument hostname is not a valid host name."},
		{"port 0", "127.0.0.1", 0, 7, "The argument port is not from 1 to 65535."},
		{"port 70000", "127.0.0.1", 70000, 7, "The argument port is not from 1 to 65535."},
		{"negative port", "127.0.0.1", -1, 7, "The argument port is not from 1 to 65535."},
	}
	port, received := silent(t)
	rest := newRest(t)
	must(t, rest.Connect("127.0.0.1", port, false, false), rest)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.port == 80 {
				test.port = port
			}
			mustFail(t, rest.Connect(test.hostname, test.port, false, false), rest, test.why)
			want(t, "ConnectFailReason", rest.ConnectFailReason(), test.reason)
		})
	}
	must(t, rest.Disconnect(0), rest) // the connection before was left alone
	want(t, "bytes sent", received(), 0)
}

func TestConnectHostForms(t *testing.T) {
	for _, test := range []struct{ listen, hostname, host string }{
		{"127.0.0.1", "127.0.0.1", "127.0.0.1"},
		{"127.0.0.1", "LOCALHOST", "localhost"},
		{"::1", "::1", "[::1]"},
		{"::1", "[::1]", "[::1]"},
		{"::1", "0:0:0:0:0:0:0:1", "[::1]"},
	} {
		l, err := net.Listen("tcp", net.JoinHostPort(test.listen, "0"))
		if err != nil {
			missing(t, err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		rest := newRest(t)
		must(t, rest.Connect(test.hostname, port, false, false), rest)
		must(t, rest.SendReqNoBody("GET", "/"), rest)
		want(t, "LastRequestHeader", rest.LastRequestHeader(), "Host: "+test.host+":"+strconv.Itoa(port)+"\r\n")
		l.Close()
	}
}

// TestConnectAgain closes the connection before.
func TestConnectAgain(t *testing.T) {
	first, second := echoServer(t), echoServer(t)
	rest := dial(t, first.URL())
	host, port := hostPort(t, second.URL())
	must(t, rest.Connect(host, port, false, false), rest)
	waitIdle(t, first)
	must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
	wantLog(t, dial(t, second.URL()), "tcpConnect")
}

func TestDisconnect(t *testing.T) {
	server := wstest.NewTLSServer()
	defer server.Close()
	host, port := hostPort(t, server.URL())
	rest := newRest(t)
	rest.SetTLSConfig(&tls.Config{RootCAs: server.CertPool()})
	mustFail(t, rest.Disconnect(0), rest, "There is no connection to close.")
	for _, wait := range []int{0, 100} {
		must(t, rest.Connect(host, port, true, false), rest)
		mustFail(t, rest.Disconnect(-1), rest, "The argument maxWaitMs is negative.")
		must(t, rest.Disconnect(wait), rest)
		waitIdle(t, server)
		mustFail(t, rest.Disconnect(wait), rest, "There is no connection to close.")
	}
	must(t, rest.Connect(host, port, true, false), rest)
	finish(t, rest.DisconnectAsync(0), true)
}

func TestDisposeRest(t *testing.T) {
	server := echoServer(t)
	rest := dial(t, server.URL())
	rest.DisposeRest()
	waitIdle(t, server)
	rest.DisposeRest()
	(*chilkat.Rest)(nil).DisposeRest()
	mustFail(t, rest.Connect("127.0.0.1", 80, false, false), rest, "The object was disposed.")
}

// resolver makes name lookups end as f does, for the time of a test.
func resolver(t *testing.T, f func(ctx context.Context) error) {
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return nil, f(ctx)
	}}
}

func untilEnd(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func TestConnectFailReason(t *testing.T) {
	t.Run("0 and 7 refused", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		rest := newRest(t)
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 0)
		must(t, rest.Connect("127.0.0.1", port, false, false), rest)
		l.Close()
		mustFail(t, rest.Connect("127.0.0.1", port, false, false), rest, "The connection failed.")
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 7)
		wantLog(t, rest, "    tcpConnect")
		if err := rest.LastError(); !errors.As(err, new(*net.OpError)) {
			t.Errorf("LastError is %v", err)
		}
	})
	t.Run("2 not found", func(t *testing.T) {
		resolver(t, func(context.Context) error { return errors.New("no name server") })
		rest := newRest(t)
		mustFail(t, rest.Connect("fairlead.invalid", 80, false, false), rest, "The host name was not found.")
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 2)
		wantLog(t, rest, "    resolve")
	})
	t.Run("3 name servers silent", func(t *testing.T) {
		resolver(t, untilEnd)
		rest := newRest(t)
		rest.SetConnectTimeoutMs(20)
		mustFail(t, rest.Connect("fairlead.invalid", 80, false, false), rest, "The name servers did not answer in time.")
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 3)
	})
	t.Run("4 aborted while resolving", func(t *testing.T) {
		resolver(t, untilEnd)
		rest := newRest(t)
		rest.SetHeartbeatMs(5)
		rest.SetAbortCheck(func() bool { return true })
		mustFail(t, rest.Connect("fairlead.invalid", 80, false, false), rest, "The call was aborted.")
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 4)
	})
	t.Run("4 aborted during TLS", func(t *testing.T) {
		port, _ := silent(t)
		rest := newRest(t)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		rest.SetContext(ctx)
		mustFail(t, rest.Connect("127.0.0.1", port, true, false), rest, "The call was aborted.")
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 4)
	})
	t.Run("103 TLS timeout", func(t *testing.T) {
		port, _ := silent(t)
		rest := newRest(t)
		rest.SetConnectTimeoutMs(20)
		mustFail(t, rest.Connect("127.0.0.1", port, true, false), rest, "The TLS handshake broke off.")
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 103)
		wantLog(t, rest, "    tls")
	})
}

// tlsPort is the port of a server that goes through TLS handshakes and then
// answers nothing.
func tlsPort(t *testing.T, cfg *tls.Config) int {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.SetDeadline(time.Now().Add(limit))
			for buf := make([]byte, 100); err == nil; {
				_, err = conn.Read(buf)
			}
			conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func TestConnectFailReasonTLS(t *testing.T) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	right, err1 := ca.Issue("127.0.0.1", "localhost")
	wrong, err2 := ca.Issue("elsewhere.example")
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	server := func(cert tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{cert}} }
	client := func() *tls.Config { return &tls.Config{RootCAs: ca.Pool()} }
	old := server(right)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	suites := server(right)
	suites.MaxVersion, suites.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}
	otherSuites := client()
	otherSuites.MaxVersion, otherSuites.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}
	demanding := server(right)
	demanding.MaxVersion, demanding.ClientAuth, demanding.ClientCAs = tls.VersionTLS12, tls.RequireAndVerifyClientCert, ca.Pool()
	plain := echoServer(t)
	_, plainPort := hostPort(t, plain.URL())
	closing := wstest.Listen(wstest.Expect([]byte{0x16}), wstest.Reset()) // after the first byte of the ClientHello
	defer closing.Close()
	_, closingPort := hostPort(t, closing.URL())

	tests := []struct {
		name   string
		port   int
		cfg    *tls.Config
		reason int
	}{
		{"trusted", tlsPort(t, server(right)), client(), 0},
		{"cut off", closingPort, client(), 103},
		{"unknown authority", tlsPort(t, server(right)), nil, 106},
		{"wrong name", tlsPort(t, server(wrong)), client(), 106},
		{"version", tlsPort(t, old), client(), 107},
		{"client's versions", tlsPort(t, server(right)), &tls.Config{MinVersion: tls.VersionTLS13, MaxVersion: tls.VersionTLS12}, 107},
		{"plain HTTP", plainPort, client(), 109},
		{"cipher suites", tlsPort(t, suites), otherSuites, 109},
		{"client certificate", tlsPort(t, demanding), client(), 110},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rest := newRest(t)
			rest.SetTLSConfig(test.cfg)
			ok := rest.Connect("127.0.0.1", test.port, true, false)
			want(t, "ConnectFailReason", rest.ConnectFailReason(), test.reason)
			if test.reason == 0 {
				must(t, ok, rest)
				return
			}
			mustFail(t, ok, rest, "    tls")
		})
	}
	t.Run("client certificate, TLS 1.3", func(t *testing.T) {
		demanding := demanding.Clone()
		demanding.MaxVersion = tls.VersionTLS13
		port := tlsPort(t, demanding)
		rest := newRest(t)
		rest.SetTLSConfig(client())
		must(t, rest.Connect("127.0.0.1", port, true, false), rest) // the server has not judged yet
		if rest.FullRequestNoBody("GET", "/") != nil {
			t.Error("there is a response")
		}
		wantLog(t, rest, "certificate")
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 110)
		cfg := client()
		cfg.Certificates = []tls.Certificate{right}
		rest.SetTLSConfig(cfg)
		must(t, rest.Connect("127.0.0.1", port, true, false), rest)
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 0)
	})
}

// TestSSLCertFile trusts an authority as Go programs and many others do, by an
// environment variable, which only a new process heeds.
func TestSSLCertFile(t *testing.T) {
	const address = "FAIRLEAD_TEST_ADDRESS"
	if addr := os.Getenv(address); addr != "" {
		host, port := hostPort(t, "wss://"+addr)
		rest := newRest(t)
		must(t, rest.Connect(host, port, true, false), rest)
		return
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the system does not heed SSL_CERT_FILE")
	}
	server := wstest.NewTLSServer()
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, server.CertPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, trusted := range []bool{true, false} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSSLCertFile$")
		cmd.Env = append(os.Environ(), address+"="+server.Addr())
		if trusted {
			cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+file)
		}
		if out, err := cmd.CombinedOutput(); (err == nil) != trusted {
			t.Errorf("trusted %t: %v\n%s", trusted, err, out)
		}
	}
}

func TestConnectAsync(t *testing.T) {
	host, port := hostPort(t, echoServer(t).URL())
	rest := newRest(t)
	finish(t, rest.ConnectAsync(host, port, false, false), true)
	must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
	resolver(t, untilEnd)
	task := rest.ConnectAsync("fairlead.invalid", port, false, false)
	must(t, task.Run(), task)
	for task.StatusInt() < 4 {
	}
	must(t, task.Cancel(), task)
	must(t, task.Wait(0), task)
	want(t, "ConnectFailReason", rest.ConnectFailReason(), 4)
}

func TestRestTimeouts(t *testing.T) {
	rest := newRest(t)
	want(t, "IdleTimeoutMs", rest.IdleTimeoutMs(), 30000)
	want(t, "ConnectTimeoutMs", rest.ConnectTimeoutMs(), 30000)
	want(t, "HeartbeatMs", rest.HeartbeatMs(), 0)
	rest.SetHeartbeatMs(7)
	want(t, "HeartbeatMs", rest.HeartbeatMs(), 7)
	rest.SetIdleTimeoutMs(0)
	rest.SetConnectTimeoutMs(0)
	want(t, "IdleTimeoutMs", rest.IdleTimeoutMs(), 0)
	want(t, "ConnectTimeoutMs", rest.ConnectTimeoutMs(), 0)
	rest.SetIdleTimeoutMs(-1)
	mustFail(t, false, rest, "IdleTimeoutMs is negative.")
	rest.SetConnectTimeoutMs(-1)
	mustFail(t, false, rest, "ConnectTimeoutMs is negative.")
	host, port := hostPort(t, echoServer(t).URL())
	must(t, rest.Connect(host, port, false, false), rest) // no limit is no failure
	must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
}
