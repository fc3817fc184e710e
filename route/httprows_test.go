package route_test

import (
	"fmt"
	"io"
	"strings"

	"github.com/fairlead-ws/fairlead/auth"
)

// httpRow is what an HTTP proxy answers and how the dial must end. The names are
// those of the catalogue of hostile peers.
type httpRow struct {
	id, name string
	auth     auth.Credentials
	// conns are the connections that the client must open, no more and no
	// fewer; each has an answer for each request on it.
	conns [][]string
	hold  bool // the last answer does not end the connection
	whole bool // the verdict needs what comes together to come together

	opens  bool   // a tunnel, in which comes:
	tunnel string // until the end of the stream
	status int    // of the error
	text   string // in the error
	is     error  // what the error matches
}

const (
	askBasic  = "Proxy-Authenticate: Basic realm=\"r\"\r\n"
	askDigest = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"%d\", qop=\"auth\", stale=true\r\n"
	ok200     = "HTTP/1.1 200 OK\r\n\r\n"
)

var (
	basic  = auth.Basic{Username: "user", Password: "canary-password"}
	anyOne = auth.Password{Username: "user", Password: "canary-password"}
)

func one(answers ...string) [][]string { return [][]string{answers} }

func httpRows() []httpRow {
	rows := []httpRow{
		{id: "F01", name: "407 cut after its line", conns: one("HTTP/1.1 407\r\n"), text: "unexpected EOF", is: io.ErrUnexpectedEOF},
		{id: "F01", name: "407 without a reason", conns: one("HTTP/1.1 407\r\n\r\n"), status: 407, text: "no Proxy-Authenticate"},
		{id: "F01", name: "407 without a reason, then 200", auth: anyOne, conns: one("HTTP/1.1 407\r\nContent-Length: 0\r\n"+askBasic+"\r\n", ok200), opens: true},
		{id: "F02", name: "407 twice", auth: anyOne, conns: one("HTTP/1.1 407 x\r\nContent-Length: 0\r\n"+askBasic+"\r\n", "HTTP/1.1 407 x\r\nContent-Length: 0\r\n"+askBasic+"\r\n"), status: 407, is: auth.ErrRefused},
		{id: "F02", name: "407 to what was sent unasked", auth: basic, conns: one("HTTP/1.1 407 x\r\nContent-Length: 0\r\n" + askBasic + "\r\n"), status: 407, is: auth.ErrRefused},
		{id: "F03", name: "Digest is stale for ever", auth: anyOne, conns: one(staleAnswer(1), staleAnswer(2), staleAnswer(3)), status: 407, is: auth.ErrRefused},
		{id: "F04", name: "body with a length", auth: anyOne, conns: one("HTTP/1.1 407 x\r\nContent-Length: 5\r\n"+askBasic+"\r\nhello", ok200), opens: true},
		{id: "F04", name: "body of 64 KiB", auth: anyOne, conns: one("HTTP/1.1 407 x\r\nContent-Length: 65536\r\n"+askBasic+"\r\n"+strings.Repeat("x", 65536), ok200), opens: true},
		{id: "F04", name: "body of 64 KiB and one", auth: anyOne, conns: [][]string{{"HTTP/1.1 407 x\r\nContent-Length: 65537\r\n" + askBasic + "\r\n" + strings.Repeat("x", 65537)}, {ok200}}, opens: true},
		{id: "F04", name: "body in chunks", auth: anyOne, conns: one("HTTP/1.1 407 x\r\nTransfer-Encoding: chunked\r\n"+askBasic+"\r\n5\r\nhello\r\n0\r\n\r\n", ok200), opens: true},
		{id: "F04", name: "endless chunk", auth: anyOne, conns: [][]string{{"HTTP/1.1 407 x\r\nTransfer-Encoding: chunked\r\n" + askBasic + "\r\n7fffffffffffffff\r\n" + strings.Repeat("x", 70000)}, {ok200}}, opens: true},
		{id: "F04", name: "body until the end", auth: anyOne, conns: [][]string{{"HTTP/1.1 407 x\r\n" + askBasic + "\r\nhello"}, {ok200}}, opens: true},
		{id: "F04", name: "body of 1 GiB", auth: anyOne, conns: [][]string{{"HTTP/1.1 407 x\r\nContent-Length: 1073741824\r\n" + askBasic + "\r\n" + strings.Repeat("x", 70000)}, {ok200}}, opens: true},
		{id: "F04", name: "body that is cut", auth: anyOne, conns: [][]string{{"HTTP/1.1 407 x\r\nContent-Length: 10\r\n" + askBasic + "\r\nhello"}, {ok200}}, opens: true},
		{id: "F04", name: "body with two lengths", auth: anyOne, conns: [][]string{{"HTTP/1.1 407 x\r\nContent-Length: 5\r\nContent-Length: 6\r\n" + askBasic + "\r\nhello!"}, {ok200}}, opens: true},
		{id: "F04", name: "more than the body", whole: true, auth: anyOne, conns: [][]string{{"HTTP/1.1 407 x\r\nContent-Length: 5\r\n" + askBasic + "\r\nhello" + ok200}, {ok200}}, opens: true},
		{id: "F05", name: "Connection: close", auth: anyOne, conns: [][]string{{"HTTP/1.1 407 x\r\nConnection: close\r\nContent-Length: 0\r\n" + askBasic + "\r\n"}, {ok200}}, opens: true},
		{id: "F05", name: "Proxy-Connection: close", auth: anyOne, conns: [][]string{{"HTTP/1.1 407 x\r\nProxy-Connection: Close\r\nContent-Length: 0\r\n" + askBasic + "\r\n"}, {ok200}}, opens: true},
		{id: "F05", name: "HTTP/1.0", auth: anyOne, conns: [][]string{{"HTTP/1.0 407 x\r\nContent-Length: 0\r\n" + askBasic + "\r\n"}, {"HTTP/1.0 200 x\r\n\r\n"}}, opens: true},
		{id: "F06", name: "nothing is asked for", auth: anyOne, conns: one("HTTP/1.1 407 x\r\nContent-Length: 0\r\n\r\n"), status: 407, text: "no Proxy-Authenticate"},
		{id: "F06", name: "for the origin", auth: anyOne, conns: one("HTTP/1.1 407 x\r\nContent-Length: 0\r\nWWW-Authenticate: Basic realm=\"r\"\r\n\r\n"), status: 407, text: "no Proxy-Authenticate"},
		{id: "F06", name: "unknown scheme", auth: anyOne, conns: one("HTTP/1.1 407 x\r\nContent-Length: 0\r\nProxy-Authenticate: Negotiate\r\n\r\n"), status: 407, is: auth.ErrNotOffered},
		{id: "F06", name: "broken challenge", auth: anyOne, conns: one("HTTP/1.1 407 x\r\nContent-Length: 0\r\nProxy-Authenticate: ,,=\"\r\n\r\n"), status: 407, text: "407"},
		{id: "F06", name: "no credentials", conns: one("HTTP/1.1 407 x\r\nContent-Length: 0\r\n" + askBasic + "\r\n"), status: 407, text: "(Basic)", is: auth.ErrNotOffered},
		{id: "F07", name: "bytes with the 200", conns: one(ok200 + "\x81\x05hello"), opens: true, tunnel: "\x81\x05hello"},
		{id: "F07", name: "bytes that look like HTTP", conns: one(ok200 + ok200), opens: true, tunnel: ok200},
		{id: "F07", name: "64 KiB with the 200", conns: one(ok200 + strings.Repeat("x", 65536)), opens: true, tunnel: strings.Repeat("x", 65536)},
		{id: "F10", name: "Content-Length", conns: one("HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\nhello world"), opens: true, tunnel: "hello world"},
		{id: "F10", name: "Transfer-Encoding", conns: one("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello"), opens: true, tunnel: "5\r\nhello"},
		{id: "F10", name: "both, and Connection: close", conns: one("HTTP/1.1 200 x\r\nTransfer-Encoding: gzip\r\nContent-Length: -1\r\nConnection: close\r\n\r\nhello"), opens: true, tunnel: "hello"},
		{id: "F11", name: "101", conns: one("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n"), status: 101, text: "101"},
		{id: "F13", name: "page with 403", conns: one("HTTP/1.1 403 x\r\nContent-Length: 13\r\n\r\n<html></html>"), status: 403, text: "does not allow"},
		{id: "F13", name: "page that does not end", hold: true, conns: one("HTTP/1.1 503 x\r\nContent-Length: 100\r\n\r\n<html>"), status: 503, text: "could not reach"},
		{id: "F13", name: "401 to a wrong password", auth: basic, conns: one("HTTP/1.0 401 x\r\nConnection: close\r\n\r\n"), status: 401, text: "user name or password are wrong"},
		{id: "F15", name: "128 fields", conns: one("HTTP/1.1 200 x\r\n" + strings.Repeat("A: b\r\n", 128) + "\r\n"), opens: true},
		{id: "F15", name: "129 fields", hold: true, conns: one("HTTP/1.1 200 x\r\n" + strings.Repeat("A: b\r\n", 129) + "\r\n"), text: "more than 128 fields"},
		{id: "F15", name: "endless line", hold: true, conns: one("HTTP/1.1 200 " + strings.Repeat("x", 9000)), text: "longer than 8192 bytes"},
		{id: "F15", name: "endless field", hold: true, conns: one("HTTP/1.1 200 x\r\nA: " + strings.Repeat("x", 66000)), text: "longer than"},
		{id: "F15", name: "head over 64 KiB", hold: true, conns: one("HTTP/1.1 200 x\r\n" + strings.Repeat("A: "+strings.Repeat("x", 1000)+"\r\n", 66)), text: "longer than"},
		{id: "F22", name: "HTTP/1.0", conns: one("HTTP/1.0 200 Connection established\r\n\r\nhello"), opens: true, tunnel: "hello"},
		{id: "F25", name: "closes after the 200", conns: one(ok200), opens: true},
		{id: "F26", name: "page in the tunnel", conns: one(ok200 + "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"), opens: true, tunnel: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"},
		{id: "D29", name: "TLS on the port", conns: one("\x15\x03\x01\x00\x02\x02\x46"), text: "the port speaks TLS"},
		{id: "D29", name: "SSH on the port", conns: one("SSH-2.0-OpenSSH_9.2\r\n"), text: "an SSH server answers"},
		{id: "D29", name: "SOCKS5 on the port", conns: one("\x05\xff"), text: "a SOCKS5 proxy answers"},
		{id: "D29", name: "SOCKS4 on the port", conns: one("\x00\x5b\x00\x00\x00\x00\x00\x00"), text: "a SOCKS4 proxy answers"},
		{id: "D29", name: "terminal codes", conns: one("\x1b]0;owned\x07" + strings.Repeat("x", 100)), text: `begins with "\x1b`},
	}
	for status := 200; status < 300; status++ {
		rows = append(rows, httpRow{id: "F09", name: fmt.Sprint(status), conns: one(fmt.Sprintf("HTTP/1.1 %d x\r\n\r\nhi", status)), opens: true, tunnel: "hi"})
	}
	for n := 1; n <= 9; n++ {
		row := httpRow{id: "F11", name: fmt.Sprintf("%d interim answers", n), conns: one(strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", n) + ok200), opens: true}
		if n == 9 {
			row.opens, row.text = false, "more than 8 interim responses"
		}
		rows = append(rows, row)
	}
	for status := 300; status < 600; status++ {
		row := httpRow{
			id: "F13", name: fmt.Sprint(status), status: status, text: fmt.Sprint(status),
			conns: one(fmt.Sprintf("HTTP/1.1 %d x\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/\r\n\r\n", status)),
		}
		if status < 400 {
			row.id, row.text = "F12", "never followed"
		}
		rows = append(rows, row)
	}
	for _, line := range []string{
		"", "\r\n", "HTTP", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000 x\r\n\r\n", "HTTP/1.1 2x0 x\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n", "HTTP/1.1 600 x\r\n\r\n",
		"HTTP/1.1 -20 x\r\n\r\n", "HTTP/2.0 200 x\r\n\r\n", "HTTP/1.1\t200 x\r\n\r\n", "HTTP/1.1  200 x\r\n\r\n", "http/1.1 200 x\r\n\r\n", "ICY 200 OK\r\n\r\n", "HTTP/1.1 200 x\n\n",
		"HTTP/1.1 200 x\r\nA\r\n\r\n", "HTTP/1.1 200 x\r\n: b\r\n\r\n", "HTTP/1.1 200 x\r\nA : b\r\n\r\n", "HTTP/1.1 200 x\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 200 x\r\nA: \x00\r\n\r\n", "<html>\r\n\r\n", "\x00\x00\x00\x00",
	} {
		rows = append(rows, httpRow{id: "F14", name: fmt.Sprintf("%q", line), conns: one(line), text: "answer"})
	}
	whole := "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"
	for i := range whole {
		rows = append(rows, httpRow{id: "F14", name: fmt.Sprintf("cut after %d bytes", i), conns: one(whole[:i]), is: io.ErrUnexpectedEOF})
	}
	return rows
}

func staleAnswer(n int) string {
	return "HTTP/1.1 407 x\r\nContent-Length: 0\r\n" + fmt.Sprintf(askDigest, n) + "\r\n"
}
