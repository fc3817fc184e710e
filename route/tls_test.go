package route_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

func TestTLS(t *testing.T) {
	ca := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}}
	http := &tls.Config{Certificates: server.Certificates, NextProtos: []string{"h2", "http/1.1"}}
	http2 := &tls.Config{Certificates: server.Certificates, NextProtos: []string{"h2"}}
	old := &tls.Config{Certificates: server.Certificates, MaxVersion: tls.VersionTLS12}
	for _, test := range []struct {
		name    string
		cfg     *tls.Config
		host    string
		server  *tls.Config
		version uint16
		alpn    string
		sni     string
	}{
		{"roots", &tls.Config{}, host, server, tls.VersionTLS13, "", host},
		{"IP address", &tls.Config{}, "127.0.0.1", server, tls.VersionTLS13, "", ""},
		{"name of the config", &tls.Config{ServerName: host}, "other.example", server, tls.VersionTLS13, "", host},
		{"TLS 1.2", &tls.Config{}, host, old, tls.VersionTLS12, "", host},
		{"TLS 1.2 at most", &tls.Config{MaxVersion: tls.VersionTLS12}, host, server, tls.VersionTLS12, "", host},
		{"no ALPN offered", &tls.Config{}, host, http, tls.VersionTLS13, "", host},
		{"no ALPN offered, h2 only", &tls.Config{}, host, http2, tls.VersionTLS13, "", host},
		{"config of an HTTP client", &tls.Config{NextProtos: []string{"h2", "http/1.1"}}, host, http, tls.VersionTLS13, "http/1.1", host},
		{"config of an HTTP/2 client", &tls.Config{NextProtos: []string{"h2"}}, host, http, tls.VersionTLS13, "", host},
		{"config of an HTTP/2 client, h2 only", &tls.Config{NextProtos: []string{"h2"}}, host, http2, tls.VersionTLS13, "", host},
		{"config of an HTTP client, h2 only", &tls.Config{NextProtos: []string{"h2", "http/1.1"}}, host, http2, tls.VersionTLS13, "", host},
		{"server without ALPN", &tls.Config{NextProtos: []string{"http/1.1"}}, host, server, tls.VersionTLS13, "", host},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.cfg.RootCAs = ca.pool()
			peer := test.server.Clone()
			sni := make(chan string, 1)
			peer.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				sni <- hello.ServerName
				return nil, nil
			}
			conn, end, err := dialTLS(t, test.cfg, test.host, peer)
			if err != nil || end.err != nil {
				t.Fatalf("client: %v, server: %v", err, end.err)
			}
			state := conn.ConnectionState()
			if got := <-sni; state.Version != test.version || state.NegotiatedProtocol != test.alpn || got != test.sni {
				t.Errorf("version %s, ALPN %q, SNI %q; want %s, %q, %q", tls.VersionName(state.Version), state.NegotiatedProtocol, got, tls.VersionName(test.version), test.alpn, test.sni)
			}
			assertEcho(t, conn, end.conn)
		})
	}
}

func assertEcho(t *testing.T, client, server net.Conn) {
	t.Helper()
	for _, ends := range [][2]net.Conn{{client, server}, {server, client}} {
		if _, err := io.WriteString(ends[0], "hello"); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 5)
		if _, err := io.ReadFull(ends[1], got); err != nil || string(got) != "hello" {
			t.Fatalf("read %q, %v", got, err)
		}
	}
}

func TestTLSSystemRootsRefuseUnknownCA(t *testing.T) {
	ca := newAuthority(t, authority{})
	_, _, err := dialTLS(t, nil, host, &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}})
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("error = %v", err)
	}
}

// TestTLSRefusedVersionsAndProtocols: D22, D25.
func TestTLSRefusedVersionsAndProtocols(t *testing.T) {
	ca := newAuthority(t, authority{})
	certs := []tls.Certificate{ca.issue(t)}
	for _, test := range []struct {
		name   string
		cfg    *tls.Config
		server *tls.Config
		say    string
	}{
		{"server of TLS 1.0 and 1.1", &tls.Config{}, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "protocol version"},
		{"though the config allows it", &tls.Config{MinVersion: tls.VersionTLS10}, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "protocol version"},
		{"config of TLS 1.1 at most", &tls.Config{MaxVersion: tls.VersionTLS11}, &tls.Config{MinVersion: tls.VersionTLS10}, "MinVersion"},
		{"server of another protocol", &tls.Config{NextProtos: []string{"h2", "http/1.1"}}, &tls.Config{NextProtos: []string{"mqtt"}}, "no application protocol"},
		{"no name", &tls.Config{}, &tls.Config{}, "ServerName"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.cfg.RootCAs, test.server.Certificates = ca.pool(), certs
			name := host
			if test.name == "no name" {
				name = ""
			}
			_, _, err := dialTLS(t, test.cfg, name, test.server)
			if err == nil || !strings.Contains(err.Error(), test.say) {
				t.Errorf("error = %v, want one that says %q", err, test.say)
			}
		})
	}
}

// TestTLSConfigIsNotChanged: D26, D27.
func TestTLSConfigIsNotChanged(t *testing.T) {
	ca := newAuthority(t, authority{})
	cfg := &tls.Config{RootCAs: ca.pool(), NextProtos: []string{"h2", "http/1.1", "h2"}}
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}, NextProtos: []string{"http/1.1"}}
	conn, end, err := dialTLS(t, cfg, host, server)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.ServerName != "" || cfg.MinVersion != 0 || cfg.VerifyConnection != nil || !slices.Equal(cfg.NextProtos, []string{"h2", "http/1.1", "h2"}) {
		t.Errorf("the caller's config became %q, %d, %q", cfg.ServerName, cfg.MinVersion, cfg.NextProtos)
	}
	// Nor does changing it have an effect afterwards.
	cfg.ServerName, cfg.NextProtos[1], cfg.RootCAs = "other.example", "changed", x509.NewCertPool()
	assertEcho(t, conn, end.conn)
	if got := conn.ConnectionState(); got.NegotiatedProtocol != "http/1.1" || got.ServerName != host {
		t.Errorf("the connection's state became %q, %q", got.NegotiatedProtocol, got.ServerName)
	}
}

// TestTLSManyDialsShareAConfig: D27.
func TestTLSManyDialsShareAConfig(t *testing.T) {
	const dials = 100
	ca := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}, NextProtos: []string{"h2", "http/1.1"}}
	cfg := &tls.Config{RootCAs: ca.pool(), NextProtos: []string{"h2", "http/1.1"}, ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	ctx := deadline(t)
	addr := listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
		_, _ = io.WriteString(tls.Server(conn, server), "hello")
		_ = conn.Close()
	})
	var wg sync.WaitGroup
	for range dials {
		wg.Go(func() {
			conn, err := route.TCP{}.DialContext(ctx, "tcp", addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			tlsConn, err := route.TLS(ctx, conn, cfg, host)
			if err != nil {
				t.Error(err)
				return
			}
			got := make([]byte, 5)
			if _, err := io.ReadFull(tlsConn, got); err != nil || string(got) != "hello" {
				t.Errorf("read %q, %v", got, err)
			}
		})
	}
	wg.Wait()
}

// TestTLSOverUnixVerifiesTheName: D35.
func TestTLSOverUnixVerifiesTheName(t *testing.T) {
	ca := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}}
	for name, refused := range map[string]bool{host: false, "other.example": true} {
		client, peer := pair(t, "unix", filepath.Join(t.TempDir(), "s"))
		end := serveTLS(t, peer, server)
		_, err := route.TLS(deadline(t), client, &tls.Config{RootCAs: ca.pool()}, name)
		var wrongName x509.HostnameError
		if refused != errors.As(err, &wrongName) || refused != (err != nil) {
			t.Errorf("%s: error = %v", name, err)
		}
		<-end
	}
}

func TestTLSBadArguments(t *testing.T) {
	if conn, err := route.TLS(t.Context(), nil, nil, host); conn != nil || err == nil {
		t.Errorf("nil connection: %v, %v", conn, err)
	}
	var none context.Context
	client, _ := tcpPair(t)
	recorder := &closeRecorder{Conn: client}
	conn, err := route.TLS(none, recorder, nil, host)
	assertTLSError(t, conn, recorder, err)
}

// TestTLSOtherProtocol: what answers is not TLS.
// Rows D29 of the catalogue.
func TestTLSOtherProtocol(t *testing.T) {
	for _, test := range []struct {
		name, answer string
		say          string
		is           error
	}{
		{"HTTP", "HTTP/1.0 400 Bad Request\r\n\r\nClient sent garbage", "plain HTTP", nil},
		{"SSH", "SSH-2.0-OpenSSH_9.9\r\n", "does not look like a TLS handshake", nil},
		{"nothing", "", "the server closed the connection during the handshake", io.ErrUnexpectedEOF},
		{"half a record", "\x16\x03\x03\x00\x40\x02", "unexpected EOF", io.ErrUnexpectedEOF},
		{"an alert", "\x15\x03\x01\x00\x02\x02\x28", "handshake failure", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, peer := tcpPair(t)
			hello := make([]byte, 1)
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = io.ReadFull(peer, hello)
				_, _ = io.WriteString(peer, test.answer)
				_ = peer.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, peer) // or the kernel would reset the connection
			}()
			recorder := &closeRecorder{Conn: client}
			conn, err := route.TLS(deadline(t), recorder, nil, host)
			<-done
			assertTLSError(t, conn, recorder, err)
			if !strings.Contains(err.Error(), test.say) {
				t.Errorf("error = %v, want one that says %q", err, test.say)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v does not match %v", err, test.is)
			}
			if errors.Is(err, io.EOF) {
				t.Errorf("%v matches EOF", err)
			}
			var header tls.RecordHeaderError
			if looked := strings.Contains(err.Error(), "TLS handshake"); looked && !errors.As(err, &header) {
				t.Errorf("%v does not keep its cause", err)
			}
		})
	}
}
