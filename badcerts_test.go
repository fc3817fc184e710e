package fairlead_test

import (
	"context"
	"crypto/tls"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestBadCertificates: D16-D19, D35, L61: each is refused, on each way to the
// server with the same words.
func TestBadCertificates(t *testing.T) {
	bad, err := wstest.BadCertificates()
	if err != nil {
		t.Fatal(err)
	}
	good, err := wstest.GoodCertificates()
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	dial := func(network, addr string, c wstest.BadCertificate) error {
		cases++
		listener, err := tls.Listen(network, addr, &tls.Config{Certificates: []tls.Certificate{c.Certificate}})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			if nc, err := listener.Accept(); err == nil {
				acceptOne(nc)
			}
		}()
		defer func() {
			listener.Close()
			<-done
		}()
		var via route.Dialer = route.Unix{Path: addr}
		if network == "tcp" {
			via = route.DialerFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
				return route.TCP{}.DialContext(ctx, network, listener.Addr().String())
			})
		}
		d := fairlead.Dialer{Route: via, TLS: &tls.Config{RootCAs: c.Roots}, Timeout: 10 * time.Second}
		conn, err := d.Dial(t.Context(), "wss://"+c.Host+"/")
		if err == nil {
			conn.CloseNow()
		}
		return err
	}
	for i, c := range append(good, bad...) {
		direct := dial("tcp", "127.0.0.1:0", c)
		unix := dial("unix", filepath.Join(t.TempDir(), "s"), c)
		if i < len(good) {
			if direct != nil || unix != nil {
				t.Errorf("%s: %v, %v", c.Name, direct, unix)
			}
			continue
		}
		for _, err := range []error{direct, unix} {
			if err == nil {
				t.Errorf("%s: accepted", c.Name)
				continue
			}
			handshakeError(t, err, fairlead.PhaseTLS)
		}
		if direct != nil && unix != nil && direct.Error() != unix.Error() {
			t.Errorf("%s: two verdicts: %v; %v", c.Name, direct, unix)
		}
	}
	if len(bad) < 25 {
		t.Errorf("only %d bad certificates", len(bad))
	}
	t.Logf("%d bad and %d good certificates, %d dials over TCP and Unix sockets", len(bad), len(good), cases)
}

// acceptOne answers one opening handshake.
func acceptOne(nc net.Conn) {
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
	req, err := http1.NewReader(nc, http1.Limits{}).ReadRequest()
	if err != nil {
		return
	}
	key, _ := req.Get("Sec-WebSocket-Key")
	_, _ = nc.Write([]byte("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + handshake.AcceptKey(key) + "\r\n\r\n"))
	_, _ = nc.Read(make([]byte, 1))
}
