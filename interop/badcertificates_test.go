package interop_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
	"github.com/fairlead-ws/fairlead/wstest"
)

// certificatePaths lead to a server whose certificate is judged. Those of the
// proxies are right.
var certificatePaths = []struct {
	name   string
	layers func(*testing.T, *workplace) []route.Layer
}{
	{"HTTP proxy", func(t *testing.T, _ *workplace) []route.Layer {
		return []route.Layer{route.HTTPProxy(squid.get(t).at("open"), nil)}
	}},
	{"HTTP proxy over Unix", func(t *testing.T, w *workplace) []route.Layer {
		return []route.Layer{route.OverUnix(haproxy.get(t).squid), route.HTTPProxy("localhost:80", &route.HTTPProxyOptions{Auth: w.basic()})}
	}},
	{"HTTPS proxy, inner", func(t *testing.T, w *workplace) []route.Layer {
		return []route.Layer{route.HTTPProxy(squid.get(t).at("tls"), &route.HTTPProxyOptions{TLS: w.tls()})}
	}},
	{"SOCKS4", func(t *testing.T, _ *workplace) []route.Layer {
		return []route.Layer{route.Socks4(danted.get(t).at("port"), "")}
	}},
	{"SOCKS4a", func(t *testing.T, _ *workplace) []route.Layer {
		return []route.Layer{route.Socks4a(sshDynamic.get(t).at("port"), "")}
	}},
	{"SOCKS5", func(t *testing.T, _ *workplace) []route.Layer {
		return []route.Layer{route.Socks5(danted.get(t).at("port"), nil)}
	}},
	{"SOCKS5h", func(t *testing.T, _ *workplace) []route.Layer {
		return []route.Layer{route.Socks5h(microsocks.get(t).at("open"), nil)}
	}},
	{"SSH", func(t *testing.T, _ *workplace) []route.Layer {
		b := sshBastion.get(t)
		return []route.Layer{sshroute.Hop(b.at("port"), b.byKey(t))}
	}},
	{"throttled", func(*testing.T, *workplace) []route.Layer { return []route.Layer{route.Throttle(1<<30, 1<<30)} }},
}

// TestBadCertificates: on every path each bad certificate is refused for the
// reason for which it is refused without a hop, and the good ones are accepted.
// Who shows them is made here, since programs do not load such certificates.
func TestBadCertificates(t *testing.T) {
	bad, err := wstest.BadCertificates()
	if err != nil {
		t.Fatal(err)
	}
	good, err := wstest.GoodCertificates()
	if err != nil {
		t.Fatal(err)
	}
	all := append(good, bad...)
	dir, ws, proxy := t.TempDir(), backend.get(t).at("ws"), squid.get(t).at("open")
	servers, verdicts := make([]string, len(all)), make([]string, len(all))
	for i, c := range all {
		servers[i] = startFront(t, "tcp", "127.0.0.1:0", c.Certificate, ws)
		verdicts[i] = verdict(dialCertificate(t, c, always(servers[i])))
		if accepted := verdicts[i] == ""; accepted != (i < len(good)) {
			t.Fatalf("%s: %q without a hop", c.Name, verdicts[i])
		}
	}
	judge := func(path string, dial func(i int, c wstest.BadCertificate) error) {
		var accepted, refused int
		for i, c := range all {
			switch got := verdict(dial(i, c)); {
			case got != verdicts[i]:
				t.Errorf("%s, %s: %q, without a hop %q", path, c.Name, got, verdicts[i])
			case i < len(good):
				accepted++
			default:
				refused++
			}
		}
		t.Logf("%-20s %d of %d bad certificates refused as without a hop, %d of %d good ones accepted",
			path, refused, len(bad), accepted, len(good))
	}
	for _, path := range certificatePaths {
		layers := path.layers(t, atWork.get(t))
		judge(path.name, func(i int, c wstest.BadCertificate) error {
			return dialCertificate(t, c, append(layers, always(servers[i]))...)
		})
	}
	judge("Unix", func(i int, c wstest.BadCertificate) error {
		path := startFront(t, "unix", filepath.Join(dir, strconv.Itoa(i)), c.Certificate, ws)
		return dialCertificate(t, c, route.OverUnix(path))
	})
	judge("HTTPS proxy, outer", func(_ int, c wstest.BadCertificate) error {
		return dialOuter(t, c, startFront(t, "tcp", "127.0.0.1:0", c.Certificate, proxy))
	})
}

// dialCertificate asks for the server that c is to prove.
func dialCertificate(t *testing.T, c wstest.BadCertificate, layers ...route.Layer) error {
	t.Helper()
	dialer := fairlead.Dialer{Route: route.Through(layers...), TLS: &tls.Config{RootCAs: c.Roots}, Timeout: time.Minute}
	conn, err := dialer.Dial(t.Context(), "wss://"+c.Host+"/")
	if err == nil {
		conn.CloseNow()
	}
	return err
}

// dialOuter asks for an HTTPS proxy that c is to prove, and for a server with a
// right certificate behind it.
func dialOuter(t *testing.T, c wstest.BadCertificate, address string) error {
	t.Helper()
	via := route.Through(always(address), route.HTTPProxy(net.JoinHostPort(c.Host, "443"), &route.HTTPProxyOptions{TLS: &tls.Config{RootCAs: c.Roots}}))
	dialer := fairlead.Dialer{Route: via, TLS: atWork.get(t).tls(), Timeout: time.Minute}
	conn, err := dialer.Dial(t.Context(), backend.get(t).wss)
	if err == nil {
		conn.CloseNow()
	}
	return err
}

// verdict is what err says of a certificate, with its type and without the time
// of day.
func verdict(err error) string {
	if err == nil {
		return ""
	}
	var failed *fairlead.HandshakeError
	var of *route.Error
	if !errors.As(err, &failed) || failed.Phase != fairlead.PhaseTLS || !errors.As(err, &of) || of.Phase != route.PhaseTLS {
		return fmt.Sprint("no error of TLS: ", err)
	}
	cause := of.Err
	for errors.Unwrap(cause) != nil {
		cause = errors.Unwrap(cause)
	}
	text, _, _ := strings.Cut(of.Error(), "current time")
	return fmt.Sprintf("%T: %s", cause, text)
}

// always leads to address, whatever is asked for, as a name server could.
func always(address string) route.Layer {
	return func(next route.Dialer) route.Dialer {
		return route.DialerFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return next.DialContext(ctx, network, address)
		})
	}
}

// startFront shows cert, and hands what comes through TLS on to address. It ends
// with t.
func startFront(t *testing.T, network, at string, cert tls.Certificate, address string) string {
	t.Helper()
	listener, err := tls.Listen(network, at, &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	t.Cleanup(group.Wait)
	t.Cleanup(func() { _ = listener.Close() })
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { handOn(conn.(*tls.Conn), address) })
		}
	})
	return listener.Addr().String()
}

func handOn(from *tls.Conn, address string) {
	defer from.Close()
	if from.Handshake() != nil {
		return
	}
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer to.Close()
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(from, to)
		_ = from.Close()
	}()
	_, _ = io.Copy(to, from)
	_ = to.Close()
	<-back
}
