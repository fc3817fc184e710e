package interop_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// A refusal is what becomes of a dial that somebody on its way refuses.
type refusal struct {
	name   string
	layer  route.Layer
	target string // "host:port", default the echo server
	phase  string
	says   string // part of the sentence that says what to do
	status int    // of an HTTP proxy
	code   int    // of a SOCKS proxy
	is     error
}

// wrong is the password that nobody has.
const wrong = "7Hcq-wrong-pW"

// TestRefusals: whoever on the way says no, the error has the phase, the peer's
// code and a sentence that says what to do, and neither it nor the trace has a
// password.
func TestRefusals(t *testing.T) {
	cases := refusals(t)
	slowest := time.Duration(0)
	for _, r := range cases {
		t.Run(r.name, func(t *testing.T) { slowest = max(slowest, r.want(t)) })
	}
	t.Logf("%d refusals, the slowest after %v", len(cases), slowest)
}

// want dials and compares. It returns how long the dial took.
func (r refusal) want(t *testing.T) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w, b := atWork.get(t), backend.get(t)
	url := b.wss
	if r.target != "" {
		url = "ws://" + r.target + "/"
	}
	var trace bytes.Buffer
	dialer := fairlead.Dialer{Route: route.Through(r.layer), TLS: w.tls(), Trace: wstrace.Dump(&trace)}
	begin := time.Now()
	conn, err := dialer.Dial(ctx, url)
	took := time.Since(begin)
	if err == nil {
		conn.CloseNow()
		t.Fatal("it is not refused")
	}
	var failed *fairlead.HandshakeError
	if !errors.As(err, &failed) || failed.Phase != r.phase {
		t.Errorf("%v, want phase %q", err, r.phase)
	}
	if !strings.Contains(err.Error(), r.says) {
		t.Errorf("%q, want %q in it", err, r.says)
	}
	if r.is != nil && !errors.Is(err, r.is) {
		t.Errorf("%v does not match %v", err, r.is)
	}
	var proxy *route.ProxyError
	if asked := errors.As(err, &proxy); asked != (r.phase == route.PhaseProxy) {
		t.Errorf("%v holds a *route.ProxyError: %v", err, asked)
	}
	if proxy != nil && (proxy.Status != r.status || proxy.Code != r.code) {
		t.Errorf("%v: status %d, code %d, want %d, %d", err, proxy.Status, proxy.Code, r.status, r.code)
	}
	wantNoSecret(t, err.Error(), fmt.Sprintf("%+v", failed), trace.String())
	return took
}

// wantNoSecret looks for the passwords of the tests, plain and as Basic has them.
func wantNoSecret(t *testing.T, texts ...string) {
	t.Helper()
	w := atWork.get(t)
	for _, text := range texts {
		for _, password := range []string{w.password, wrong} {
			for _, secret := range []string{password, base64.StdEncoding.EncodeToString([]byte(w.username + ":" + password))} {
				if strings.Contains(text, secret) {
					t.Errorf("the password stands in %s", text)
				}
			}
		}
	}
}

func refusals(t *testing.T) []refusal {
	w := atWork.get(t)
	u := account.get(t)
	sq, ti, ap, ha := squid.get(t), tinyproxy.get(t), apache.get(t), haproxy.get(t)
	da, du, mi, sd, sh := danted.get(t), dantedPassword.get(t), microsocks.get(t), sshDynamic.get(t), sshBastion.get(t)

	badBasic := &route.HTTPProxyOptions{Auth: auth.Basic{Username: w.username, Password: wrong}}
	badAny := &route.HTTPProxyOptions{Auth: auth.Password{Username: w.username, Password: wrong}}
	goodBasic := &route.HTTPProxyOptions{Auth: w.basic()}
	badSocks := &route.SocksOptions{Username: w.username, Password: wrong}
	badUser := &route.SocksOptions{Username: u.name, Password: wrong}
	const forbidden = "127.0.0.3:80" // by squid and danted
	dead := "127.0.0.1:" + deadPort.get(t)
	nobody := dead // where no proxy listens
	untold := "127.0.0.1:1"
	const unknown = "unknown.invalid:80"

	const proxy, tls, connect = route.PhaseProxy, route.PhaseTLS, route.PhaseConnect
	const setAuth, setSocks = "set HTTPProxyOptions.Auth, or user and password in its URL", "set SocksOptions, or user and password in its URL"
	const checkUser = "the credentials were refused"
	const notAllowed, notReached = "it does not allow connections to this host or port", "it could not reach the server, or find its name"
	https := func(cfg *route.HTTPProxyOptions) *route.HTTPProxyOptions { cfg.TLS = w.tls(); return cfg }
	return []refusal{
		{"Basic missing squid", route.HTTPProxy(sq.at("basic"), nil), "", proxy, setAuth, 407, 0, auth.ErrNotOffered},
		{"Basic missing Tinyproxy", route.HTTPProxy(ti.at("port"), nil), "", proxy, setAuth, 407, 0, auth.ErrNotOffered},
		{"Basic missing Apache", route.HTTPProxy(ap.at("basic"), nil), "", proxy, setAuth, 407, 0, auth.ErrNotOffered},
		{"Digest missing squid", route.HTTPProxy(sq.at("digest"), nil), "", proxy, setAuth, 407, 0, auth.ErrNotOffered},
		{"NTLM missing squid", route.HTTPProxy(sq.at("ntlm"), nil), "", proxy, setAuth, 407, 0, auth.ErrNotOffered},
		{"Basic missing HTTPS HAProxy", route.HTTPProxy(ha.at("tls"), https(&route.HTTPProxyOptions{})), "", proxy, setAuth, 407, 0, auth.ErrNotOffered},
		{"Basic wrong squid", route.HTTPProxy(sq.at("basic"), badBasic), "", proxy, checkUser, 407, 0, auth.ErrRefused},
		{"Basic wrong when asked squid", route.HTTPProxy(sq.at("basic"), badAny), "", proxy, checkUser, 407, 0, auth.ErrRefused},
		{"Basic wrong Tinyproxy", route.HTTPProxy(ti.at("port"), badBasic), "", proxy, "user name or password are wrong", 401, 0, nil},
		{"Basic wrong when asked Tinyproxy", route.HTTPProxy(ti.at("port"), badAny), "", proxy, "user name or password are wrong", 401, 0, nil},
		{"Basic wrong Apache", route.HTTPProxy(ap.at("basic"), badBasic), "", proxy, checkUser, 407, 0, auth.ErrRefused},
		{"Basic wrong HTTPS Apache", route.HTTPProxy(ap.at("tls"), https(&route.HTTPProxyOptions{Auth: badBasic.Auth})), "", proxy, checkUser, 407, 0, auth.ErrRefused},
		{"Digest wrong squid", route.HTTPProxy(sq.at("digest"), badAny), "", proxy, checkUser, 407, 0, auth.ErrRefused},
		{"Digest wrong Apache", route.HTTPProxy(ap.at("digest"), badAny), "", proxy, checkUser, 407, 0, auth.ErrRefused},
		{"NTLM wrong squid", route.HTTPProxy(sq.at("ntlm"), &route.HTTPProxyOptions{Auth: auth.NTLM{Username: w.username, Password: wrong, Domain: domain}}), "", proxy, checkUser, 407, 0, auth.ErrRefused},
		{"NTLM wrong when asked squid", route.HTTPProxy(sq.at("ntlm"), badAny), "", proxy, checkUser, 407, 0, auth.ErrRefused},
		{"Digest where Basic is wanted squid", route.HTTPProxy(sq.at("basic"), &route.HTTPProxyOptions{Auth: auth.Digest{Username: w.username, Password: w.password}}), "", proxy, "it asks for basic", 407, 0, auth.ErrNotOffered},
		{"SOCKS5 password missing danted", route.Socks5h(du.at("port"), nil), "", proxy, setSocks, 0, 0, auth.ErrNotOffered},
		{"SOCKS5 password missing microsocks", route.Socks5(mi.at("password"), nil), "", proxy, setSocks, 0, 0, auth.ErrNotOffered},
		{"SOCKS5 password wrong danted", route.Socks5h(du.at("port"), badUser), "", proxy, "does not accept user name and password", 0, 0, auth.ErrRefused},
		{"SOCKS5 password wrong microsocks", route.Socks5(mi.at("password"), badSocks), "", proxy, "does not accept user name and password", 0, 0, auth.ErrRefused},

		{"target forbidden squid", route.HTTPProxy(sq.at("open"), nil), forbidden, proxy, notAllowed, 403, 0, nil},
		{"target forbidden Tinyproxy", route.HTTPProxy(ti.at("port"), goodBasic), untold, proxy, notAllowed, 403, 0, nil},
		{"target forbidden Apache", route.HTTPProxy(ap.at("basic"), goodBasic), untold, proxy, notAllowed, 403, 0, nil},
		{"target forbidden SOCKS4 danted", route.Socks4(da.at("port"), ""), forbidden, proxy, "rejected or failed", 0, 91, nil},
		{"target forbidden SOCKS5 danted", route.Socks5(da.at("port"), nil), forbidden, proxy, "its rules do not allow", 0, 2, nil},
		{"target refuses squid", route.HTTPProxy(sq.at("open"), nil), dead, proxy, notReached, 503, 0, nil},
		{"target refuses HTTPS squid", route.HTTPProxy(sq.at("tls"), https(&route.HTTPProxyOptions{})), dead, proxy, notReached, 503, 0, nil},
		{"target refuses Tinyproxy", route.HTTPProxy(ti.at("port"), goodBasic), dead, proxy, "the proxy answered 500", 500, 0, nil},
		{"target refuses Apache", route.HTTPProxy(ap.at("basic"), goodBasic), dead, proxy, notReached, 503, 0, nil},
		{"target refuses SOCKS4 danted", route.Socks4(da.at("port"), ""), dead, proxy, "rejected or failed", 0, 91, nil},
		{"target refuses SOCKS5 danted", route.Socks5(da.at("port"), nil), dead, proxy, "is it running, and is the port right?", 0, 5, nil},
		{"target refuses SOCKS5h microsocks", route.Socks5h(mi.at("open"), nil), dead, proxy, "is it running, and is the port right?", 0, 5, nil},
		{"target refuses SOCKS4a ssh -D", route.Socks4a(sd.at("port"), ""), dead, proxy, "the proxy closed the connection", 0, 0, io.ErrUnexpectedEOF},
		{"target refuses SOCKS5 ssh -D", route.Socks5(sd.at("port"), nil), dead, proxy, "the server cannot be reached", 0, 0, io.ErrUnexpectedEOF},
		{"name unknown danted", route.Socks5h(da.at("port"), nil), unknown, proxy, "or its name is unknown", 0, 4, nil},
		{"name unknown microsocks", route.Socks5h(mi.at("open"), nil), unknown, proxy, "its name unknown", 0, 1, nil},
		{"name unknown SOCKS5", route.Socks5(da.at("port"), nil), unknown, route.PhaseResolve, "unknown.invalid", 0, 0, nil},
		{"name unknown SOCKS4", route.Socks4(da.at("port"), ""), unknown, route.PhaseResolve, "unknown.invalid", 0, 0, nil},
		{"IPv6 SOCKS4", route.Socks4(da.at("port"), ""), "[::1]:80", proxy, "use socks5", 0, 0, nil},
		{"IPv6 SOCKS4a", route.Socks4a(sd.at("port"), ""), "[::1]:80", proxy, "use socks5", 0, 0, nil},

		{"nobody HTTP", route.HTTPProxy(nobody, goodBasic), "", connect, "refused", 0, 0, nil},
		{"nobody HTTPS", route.HTTPProxy(nobody, https(&route.HTTPProxyOptions{})), "", connect, "refused", 0, 0, nil},
		{"nobody SOCKS4", route.Socks4(nobody, ""), "", connect, "refused", 0, 0, nil},
		{"nobody SOCKS5h", route.Socks5h(nobody, badSocks), "", connect, "refused", 0, 0, nil},
		{"nobody Unix", route.OverUnix(w.dir + "/none.sock"), "", connect, "none.sock", 0, 0, nil},

		// Another program than the one thought of.
		{"HTTP to danted", route.HTTPProxy(da.at("port"), nil), "", proxy, "the proxy closed the connection", 0, 0, io.ErrUnexpectedEOF},
		{"HTTP to sshd", route.HTTPProxy(sh.at("port"), goodBasic), "", proxy, "an SSH server answers on this port (ssh://)", 0, 0, nil},
		{"HTTP to TLS squid", route.HTTPProxy(sq.at("tls"), goodBasic), "", proxy, "CONNECT", 0, 0, nil},
		{"HTTPS to plain squid", route.HTTPProxy(sq.at("open"), https(&route.HTTPProxyOptions{})), "", tls, "does not look like a TLS handshake", 0, 0, nil},
		{"HTTP to nginx", route.HTTPProxy(nginxClientCert.get(t).at("port"), nil), "", proxy, "it does not understand CONNECT, or the port wants TLS", 400, 0, nil},
		{"SOCKS5 to a web server", route.Socks5h(backend.get(t).at("ws"), nil), "", proxy, "an HTTP server or proxy answers on this port (http://)", 0, 0, nil},
		{"SOCKS5 to sshd", route.Socks5h(sh.at("port"), badSocks), "", proxy, "an SSH server answers on this port (ssh://)", 0, 0, nil},
		{"SOCKS4 to microsocks", route.Socks4(mi.at("open"), ""), "", proxy, "a SOCKS5 proxy answers on this port (socks5://)", 0, 0, nil},
		{"SOCKS4a danted", route.Socks4a(da.at("port"), ""), "localhost:" + deadPort.get(t), proxy, "a proxy without SOCKS4a says so of every name", 0, 91, nil},

		// Certificates of clients. Squid sends an alert and resets the connection:
		// which of them comes first is chance.
		{"client certificate missing squid", route.HTTPProxy(sq.at("tlsclient"), https(&route.HTTPProxyOptions{})), "", proxy, "cannot get through the proxy", 0, 0, nil},
	}
}
