package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t *testing.T, opts wstest.Options) *wstest.Server {
	t.Helper()
	s, err := wstest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// dialer is one that has a route, as the command's always has.
func dialer() *fairlead.Dialer {
	return &fairlead.Dialer{Route: route.TCP{}, Timeout: 20 * time.Second}
}

func probeOf(t *testing.T, d *fairlead.Dialer, url string) *Report {
	t.Helper()
	r, _ := Run(t.Context(), Options{Dialer: d, URL: url, Patience: 300 * time.Millisecond})
	return r
}

func (r *Report) finding(id string) *Finding {
	for i := range r.Findings {
		if r.Findings[i].ID == id {
			return &r.Findings[i]
		}
	}
	return nil
}

func want(t *testing.T, r *Report, ids ...string) {
	t.Helper()
	for _, id := range ids {
		f := r.finding(id)
		if f == nil {
			t.Errorf("no finding %s among %+v", id, r.Findings)
			continue
		}
		if (f.Severity == Warning || f.Severity == Bad) && f.Advice == "" {
			t.Errorf("%s has no advice", id)
		}
	}
}

func TestOpenSession(t *testing.T) {
	s := serve(t, wstest.Options{TLS: true, Deflate: &handshake.Deflate{}, Subprotocols: []string{"chat"}})
	d := dialer()
	d.TLS = &tls.Config{RootCAs: s.CertPool()}
	d.Subprotocols = []string{"chat"}
	d.Header = http.Header{"Authorization": {"Bearer opensesame"}}
	r, err := Run(t.Context(), Options{Dialer: d, URL: s.URL() + "/?token=opensesame", Data: []byte("hello"), Listen: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	want(t, r, "open", "subprotocol", "compression", "ping")
	if r.Verdict == Bad || r.Status != 101 || r.TLS == nil || !r.TLS.Verified || len(r.Certificates) != 2 {
		t.Errorf("report %+v", r)
	}
	last := time.Duration(-1)
	var names []string
	for _, step := range r.Steps {
		names = append(names, step.Name)
		if step.Start < last || !step.done || step.Start+step.Took > r.Total+time.Millisecond {
			t.Errorf("step %+v", step)
		}
		last = step.Start
	}
	if got := strings.Join(names, " "); got != "tcp tls request response send ping close" {
		t.Errorf("steps %s", got)
	}
	var opcodes []string
	for _, f := range r.Frames {
		opcodes = append(opcodes, f.Dir+" "+f.Opcode)
	}
	for _, op := range []string{"out text", "in text", "out ping", "in pong", "out close", "in close"} {
		if !strings.Contains(strings.Join(opcodes, ","), op) {
			t.Errorf("frames %q, want %s among them", opcodes, op)
		}
	}
	var text, page bytes.Buffer
	asJSON, err := json.Marshal(r)
	if err != nil || r.WriteText(&text, false) != nil || r.WriteHTML(&page) != nil {
		t.Fatal("a report cannot be written")
	}
	for name, out := range map[string]string{"text": text.String(), "JSON": string(asJSON), "HTML": page.String()} {
		if strings.Contains(out, "opensesame") {
			t.Errorf("%s has the secret", name)
		}
		if !strings.Contains(out, "The session was opened.") {
			t.Errorf("%s has no finding", name)
		}
	}
}

func TestAnswers(t *testing.T) {
	for status, id := range map[int]string{
		301: "redirect", 400: "status-400", 401: "status-401", 403: "status-403", 404: "status-404", 405: "status-405",
		418: "status", 426: "status-426", 429: "status-429", 500: "status-5xx", 502: "status-502", 503: "status-503", 504: "status-504",
	} {
		s := serve(t, wstest.Options{Check: func(string, []handshake.Field) (int, []handshake.Field) {
			return status, []handshake.Field{{Name: "Location", Value: "ws://elsewhere/?token=opensesame"}}
		}})
		r := probeOf(t, dialer(), s.URL())
		want(t, r, id)
		if r.Verdict != Bad || r.Status != status || strings.Contains(r.finding(id).Detail, "opensesame") {
			t.Errorf("%d: %+v", status, r.Findings)
		}
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<p>hello\x1b[31m")) }))
	defer page.Close()
	r := probeOf(t, dialer(), page.URL)
	want(t, r, "status-200")
	if !strings.Contains(r.Body, "hello") || strings.Contains(r.Body, "\x1b") {
		t.Errorf("body %q", r.Body)
	}
}

func TestCertificates(t *testing.T) {
	bad, err := wstest.BadCertificates()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, b := range bad {
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{b.Certificate}})
		if err != nil {
			t.Fatal(err)
		}
		s := serve(t, wstest.Options{Listener: l})
		d := dialer()
		d.TLS = &tls.Config{RootCAs: b.Roots, ServerName: b.Host}
		r := probeOf(t, d, strings.Replace(s.URL(), "ws:", "wss:", 1))
		// What crypto/tls does not even look at is no matter of certificates to it.
		known := strings.HasPrefix(r.Findings[0].ID, "cert-") || strings.Contains(b.Name, "16384")
		if r.Verdict != Bad || !known || r.Findings[0].Advice == "" {
			t.Errorf("%s: %+v", b.Name, r.Findings)
		}
		seen[r.Findings[0].ID] = true
	}
	for _, id := range []string{"cert-expired", "cert-early", "cert-name", "cert-authority", "cert-self"} {
		if !seen[id] {
			t.Errorf("no certificate was found to be %s: %v", id, seen)
		}
	}
	s := serve(t, wstest.Options{TLS: true})
	d := dialer()
	d.TLS = &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}
	want(t, probeOf(t, d, s.URL()), "open", "not-verified", "tls-old")
}

func TestWrongPorts(t *testing.T) {
	plain, secure := serve(t, wstest.Options{}), serve(t, wstest.Options{TLS: true})
	want(t, probeOf(t, dialer(), strings.Replace(plain.URL(), "ws:", "wss:", 1)), "plain-on-tls")
	want(t, probeOf(t, dialer(), strings.Replace(secure.URL(), "wss:", "ws:", 1)), "silence")
	page := httptest.NewTLSServer(http.NotFoundHandler())
	defer page.Close()
	want(t, probeOf(t, dialer(), strings.Replace(page.URL, "https:", "ws:", 1)), "tls-on-plain")
	for banner, id := range map[string]string{
		"SSH-2.0-OpenSSH_10\r\n": "ssh", "220 mail.example ESMTP\r\n": "mail", "\x15\x03\x01\x00\x02\x02\x46": "tls-on-plain",
	} {
		p := wstest.Listen(wstest.Request(func(*wstest.HTTPRequest) error { return nil }), wstest.Send([]byte(banner)), wstest.Shut(), wstest.ExpectEOF())
		want(t, probeOf(t, dialer(), p.URL()), id)
		p.Close()
	}
}

func TestNoWay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	want(t, probeOf(t, dialer(), "ws://"+l.Addr().String()), "refused")
	failing := dialer()
	failing.Route = route.TCP{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}
	}}}
	want(t, probeOf(t, failing, "ws://nowhere.example"), "dns-failed")
	proxy := wstest.Listen(wstest.Request(func(*wstest.HTTPRequest) error { return nil }),
		wstest.Send([]byte("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")), wstest.Shut(), wstest.ExpectEOF())
	defer proxy.Close()
	through := dialer()
	through.Route = route.Through(route.HTTPProxy(strings.TrimPrefix(proxy.URL(), "ws://"), nil))
	want(t, probeOf(t, through, "ws://server.example"), "proxy-login")
}

func TestWhatIsWrongWithASession(t *testing.T) {
	d := dialer()
	d.Subprotocols = []string{"chat"}
	plain := serve(t, wstest.Options{})
	want(t, probeOf(t, d, plain.URL()), "open", "subprotocol-none", "compression-none")
	want(t, probeOf(t, dialer(), plain.URL()+"/?drop=1"), "dropped")
	want(t, probeOf(t, dialer(), plain.URL()+"/?close=1001"), "closed")
	want(t, probeOf(t, dialer(), plain.URL()+"/?close=1008"), "closed-error")
	over := make(chan struct{})
	deaf := wstest.Listen(wstest.Upgrade(), wstest.Wait(over))
	d = dialer()
	d.CloseTimeout = 100 * time.Millisecond
	want(t, probeOf(t, d, deaf.URL()), "ping-none", "close-unclean")
	close(over)
	deaf.Close()
	liar := wstest.Listen(wstest.Upgrade(handshake.Field{Name: "Sec-WebSocket-Protocol", Value: "other"}), wstest.ExpectEOF())
	want(t, probeOf(t, dialer(), liar.URL()), "upgrade-wrong")
	liar.Close()
}

func TestSlow(t *testing.T) {
	f := facts{report: &Report{RemoteAddr: "192.0.2.1:80", Steps: []Step{
		{Name: "dns", Took: time.Second},
		{Name: "tcp", Detail: "[2001:db8::1]:80", Error: "no route"},
		{Name: "tcp", Detail: "192.0.2.1:80", Took: time.Millisecond},
		{Name: "hop", Detail: "http p:1"},
		{Name: "response", Took: 2 * time.Second},
	}}, dialer: dialer(), rtt: time.Second, code: frame.StatusNormal}
	f.find()
	want(t, f.report, "dns-slow", "address-dead", "proxy", "slow-answer", "ping-slow", "far-behind", "clear")
	if f.report.Verdict != Warning {
		t.Errorf("verdict %s", f.report.Verdict)
	}
}

// samplePages are reports in which there is everything, and much of it.
func samplePages(t *testing.T) map[string][]byte {
	t.Helper()
	s := serve(t, wstest.Options{TLS: true, Deflate: &handshake.Deflate{}, Header: []handshake.Field{{Name: "X-Long", Value: strings.Repeat("abc", 400)}}})
	d := dialer()
	d.TLS = &tls.Config{RootCAs: s.CertPool()}
	good, err := Run(t.Context(), Options{Dialer: d, URL: s.URL() + "/" + strings.Repeat("path/", 60), Data: []byte(strings.Repeat("x", 200)), Listen: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	refused := serve(t, wstest.Options{Check: func(string, []handshake.Field) (int, []handshake.Field) { return 403, nil }})
	bad := probeOf(t, dialer(), refused.URL()+"/?<script>alert(1)</script>")
	untrusted := probeOf(t, dialer(), s.URL())
	pages := map[string][]byte{}
	for name, r := range map[string]*Report{"good": good, "bad": bad, "untrusted": untrusted} {
		var out bytes.Buffer
		if err := r.WriteHTML(&out); err != nil {
			t.Fatal(err)
		}
		pages[name] = out.Bytes()
	}
	return pages
}
