package torture_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// exchange is the session of all dials: a letter each way, and a proper close.
func exchange(w *world, c *fairlead.Conn, number int) error {
	ctx := w.stage()
	if err := c.WriteText(ctx, letter("client", number, 3000)); err != nil {
		return err
	}
	w.log.done("client", number)
	_, p, err := c.Read(ctx)
	if err := w.got(string(p), err); err != nil {
		return err
	}
	return c.Close(w.stage(), frame.StatusNormal, "bye")
}

// dialing is a dial with options.
type dialing struct {
	name   string
	url    string
	dialer fairlead.Dialer
	answer func(req *http.Request) string
}

func challenged(challenge string) func(*http.Request) string {
	return func(req *http.Request) string {
		if req.Header.Get("Authorization") != "" {
			return ""
		}
		return "HTTP/1.1 401 Who?\r\nWWW-Authenticate: " + challenge + "\r\nContent-Length: 2\r\n\r\nno"
	}
}

// redirected leads from / to another path, on the same server or another.
func redirected(location string) func(*http.Request) string {
	return func(req *http.Request) string {
		if req.URL.Path != "/" {
			return ""
		}
		return "HTTP/1.1 302 There\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n"
	}
}

func dialings() []dialing {
	jar, _ := cookiejar.New(nil) // never fails
	jar.SetCookies(&url.URL{Scheme: "http", Host: "server.example"}, []*http.Cookie{{Name: "a", Value: "b"}})
	noPolicy := fairlead.Policy{AnswerClose: true}
	digest := `Digest realm="r", qop="auth", algorithm=SHA-256, nonce="n"`
	return []dialing{
		{name: "zero", url: "ws://server.example/"},
		{name: "TLS", url: "wss://server.example/"},
		{name: "headers and subprotocols", url: "ws://server.example/", dialer: fairlead.Dialer{Header: http.Header{"X-A": {"b"}, "X-C": {"d"}}, Subprotocols: []string{"chat", "talk"}}},
		{name: "userinfo", url: "ws://" + user + ":" + secret + "@server.example/", answer: challenged(`Basic realm="r"`)},
		{name: "Basic", url: "ws://server.example/", dialer: fairlead.Dialer{Auth: auth.Basic{Username: user, Password: secret}}},
		{name: "Digest", url: "ws://server.example/", dialer: fairlead.Dialer{Auth: auth.Digest{Username: user, Password: secret}}, answer: challenged(digest)},
		{name: "Digest over TLS", url: "wss://server.example/", dialer: fairlead.Dialer{Auth: auth.Digest{Username: user, Password: secret}}, answer: challenged(digest)},
		{name: "any password", url: "ws://server.example/", dialer: fairlead.Dialer{Auth: auth.Password{Username: user, Password: secret}}, answer: challenged(`Basic realm="r"`)},
		{name: "a connection for each request", url: "ws://server.example/", dialer: fairlead.Dialer{Auth: auth.Digest{Username: user, Password: secret}}, answer: func(req *http.Request) string {
			return strings.Replace(challenged(digest)(req), "Content-Length: 2", "Connection: close", 1)
		}},
		{name: "cookies", url: "ws://server.example/", dialer: fairlead.Dialer{Jar: jar}},
		{name: "redirect", url: "ws://server.example/", dialer: fairlead.Dialer{Redirects: 2}, answer: redirected("/there")},
		{name: "redirect to TLS", url: "ws://server.example/", dialer: fairlead.Dialer{Redirects: 2, CheckRedirect: func(context.Context, *url.URL, []*url.URL) error { return nil }}, answer: redirected("wss://server.example/there")},
		{name: "compression", url: "ws://server.example/", dialer: fairlead.Dialer{Compression: fairlead.CompressionTakeover}},
		{name: "policy, limits, timeouts", url: "ws://server.example/", dialer: fairlead.Dialer{Policy: &noPolicy, Limits: fairlead.Limits{MessageBytes: 1 << 20, Fragments: 10}, IdleTimeout: time.Minute, WriteTimeout: 200 * time.Millisecond, Timeout: time.Minute}},
		{name: "trace", url: "wss://server.example/", dialer: fairlead.Dialer{Trace: &wstrace.Trace{
			HopStart: func(wstrace.HopStart) {}, RequestStart: func(wstrace.RequestStart) {}, ResponseDone: func(wstrace.ResponseDone) {},
			FrameReceived: func(wstrace.Frame) {}, FrameSent: func(wstrace.Frame) {}, CloseDone: func(wstrace.CloseDone) {},
		}}},
	}
}

// TestDials: each kind of option.
func TestDials(t *testing.T) {
	for _, d := range dialings() {
		t.Run(d.name, func(t *testing.T) {
			p := peer{echo: true, answer: d.answer, deflated: d.dialer.Compression != fairlead.CompressionOff}
			torture(t, scenario{
				name: "dial: " + d.name,
				servers: map[string]func(*journal, net.Conn){
					wsAddr:  p.serve,
					wssAddr: func(log *journal, nc net.Conn) { secure(func(nc net.Conn) { p.serve(log, nc) })(nc) },
				},
				run: func(w *world) error {
					c, err := w.dial(d.dialer, d.url)
					if err != nil {
						return err
					}
					defer c.CloseNow()
					return exchange(w, c, 0)
				},
			})
		})
	}
}

// TestNewConn: a connection on which somebody else has shaken hands.
func TestNewConn(t *testing.T) {
	torture(t, scenario{
		name: "NewConn",
		servers: map[string]func(*journal, net.Conn){wsAddr: func(log *journal, nc net.Conn) {
			s := served{peer: peer{echo: true}, log: log, in: bufio.NewReader(nc), nc: nc}
			s.follow()
		}},
		run: func(w *world) error {
			nc, err := w.DialContext(w.stage(), "tcp", wsAddr)
			if err != nil {
				return err
			}
			c := fairlead.NewConn(nc, fairlead.ConnConfig{CloseTimeout: 500 * time.Millisecond})
			defer c.CloseNow()
			return exchange(w, c, 0)
		},
	})
}

const (
	proxyAddr = "proxy.example:1"
	nextAddr  = "next.example:2"
)

// way is a route: the hops, first to last, and what serves them.
type way struct {
	name    string
	hops    func(next route.Dialer) route.Dialer
	servers func(reach reacher) map[string]func(net.Conn)
	ip      bool // the server is named by its address
}

func single(layer route.Layer, serve func(reacher) func(net.Conn)) (func(route.Dialer) route.Dialer, func(reacher) map[string]func(net.Conn)) {
	return layer, func(reach reacher) map[string]func(net.Conn) {
		return map[string]func(net.Conn){proxyAddr: serve(reach)}
	}
}

func ways() []way {
	var all []way
	add := func(name string, ip bool, layer route.Layer, serve func(reacher) func(net.Conn)) {
		hops, servers := single(layer, serve)
		all = append(all, way{name, hops, servers, ip})
	}
	connect := func(challenge string) func(reacher) func(net.Conn) {
		return func(r reacher) func(net.Conn) { return connectProxy(r, challenge) }
	}
	socks := func(version byte, password bool) func(reacher) func(net.Conn) {
		return func(r reacher) func(net.Conn) { return socksProxy(r, version, password) }
	}
	trusting := &sshroute.Config{User: user, Password: secret, HostKeyFingerprints: []string{ssh.FingerprintSHA256(sshKey().PublicKey())}}
	add("CONNECT", false, route.HTTPProxy(proxyAddr, nil), connect(""))
	add("CONNECT, Basic", false, route.HTTPProxy(proxyAddr, &route.HTTPProxyOptions{Auth: auth.Password{Username: user, Password: secret}}), connect(`Basic realm="r"`))
	add("CONNECT, Digest", false, route.HTTPProxy(proxyAddr, &route.HTTPProxyOptions{Auth: auth.Digest{Username: user, Password: secret}}), connect(`Digest realm="r", qop="auth", algorithm=SHA-256, nonce="n"`))
	add("CONNECT over TLS", false, route.HTTPProxy(proxyAddr, &route.HTTPProxyOptions{TLS: authority().client}), func(r reacher) func(net.Conn) { return secure(connectProxy(r, "")) })
	add("SOCKS4", true, route.Socks4(proxyAddr, user), socks(4, false))
	add("SOCKS4a", false, route.Socks4a(proxyAddr, user), socks(4, false))
	add("SOCKS5", true, route.Socks5(proxyAddr, nil), socks(5, false))
	add("SOCKS5h", false, route.Socks5h(proxyAddr, nil), socks(5, false))
	add("SOCKS5h, password", false, route.Socks5h(proxyAddr, &route.SocksOptions{Username: user, Password: secret}), socks(5, true))
	add("SSH", false, sshroute.Hop(proxyAddr, trusting), sshServer)
	all = append(all,
		way{name: "direct", hops: func(next route.Dialer) route.Dialer { return next }},
		way{name: "throttle", hops: route.Throttle(1<<20, 1<<20)},
		way{"CONNECT, then SOCKS5h",
			func(next route.Dialer) route.Dialer {
				return route.Socks5h(nextAddr, nil)(route.HTTPProxy(proxyAddr, nil)(next))
			},
			func(reach reacher) map[string]func(net.Conn) {
				return map[string]func(net.Conn){proxyAddr: connectProxy(reach, ""), nextAddr: socksProxy(reach, 5, false)}
			}, false},
		way{"SOCKS4a, then SSH, throttled",
			func(next route.Dialer) route.Dialer {
				return route.Throttle(1<<20, 1<<20)(sshroute.Hop(nextAddr, trusting)(route.Socks4a(proxyAddr, "")(next)))
			},
			func(reach reacher) map[string]func(net.Conn) {
				return map[string]func(net.Conn){proxyAddr: socksProxy(reach, 4, false), nextAddr: sshServer(reach)}
			}, false},
	)
	return all
}

// TestRoutes: each kind of hop, to a server in the clear and to one with TLS.
func TestRoutes(t *testing.T) {
	for _, way := range ways() {
		for _, scheme := range []string{"ws", "wss"} {
			name := way.name + " " + scheme
			t.Run(name, func(t *testing.T) {
				host := "server.example"
				if way.ip {
					host = "192.0.2.1"
				}
				p := peer{echo: true}
				torture(t, scenario{
					name:  "route: " + name,
					lossy: strings.Contains(name, "SSH"),
					clock: strings.Contains(name, "SSH"),
					run: func(w *world) error {
						w.servers[host+":80"] = func(nc net.Conn) { p.serve(&w.log, nc) }
						w.servers[host+":443"] = secure(w.servers[host+":80"])
						if way.servers != nil {
							for addr, serve := range way.servers(w.reach) {
								w.servers[addr] = serve
							}
						}
						c, err := w.dial(fairlead.Dialer{Route: way.hops(w)}, scheme+"://"+host+"/")
						if err != nil {
							return err
						}
						defer c.CloseNow()
						return exchange(w, c, 0)
					},
				})
			})
		}
	}
}

// TestSharedSSH: two sessions over one SSH connection.
func TestSharedSSH(t *testing.T) {
	cfg := &sshroute.Config{User: user, Password: secret, HostKeyFingerprints: []string{ssh.FingerprintSHA256(sshKey().PublicKey())}}
	torture(t, scenario{name: "route: shared SSH", lossy: true, clock: true, run: func(w *world) error {
		w.servers[wsAddr] = func(nc net.Conn) { peer{echo: true}.serve(&w.log, nc) }
		w.servers[proxyAddr] = sshServer(w.reach)
		w.setFragile(true)
		client, err := sshroute.Dial(w.stage(), w, proxyAddr, cfg)
		if err != nil {
			return fmt.Errorf("SSH: %w", explained(w, err))
		}
		defer func() {
			client.Close()
			<-client.Done()
		}()
		for i := range 2 {
			c, err := w.dial(fairlead.Dialer{Route: client}, "ws://server.example/")
			if err != nil {
				return err
			}
			err = exchange(w, c, i)
			c.CloseNow()
			if err != nil {
				return err
			}
		}
		return nil
	}})
}

// explained makes an error of a dial without a WebSocket one that judge takes.
func explained(w *world, err error) error {
	if errors.Is(err, context.Canceled) || w.explains(err) {
		return &fairlead.HandshakeError{Err: err}
	}
	return err
}
