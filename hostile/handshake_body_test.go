package hostile_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// bodyHeap is what the body of a refusal may cost: 4 times its limit and 1 MiB.
const bodyHeap = 4*maxBody + 1<<20

// keeps demands a body in the error.
func keeps(want string) func(*Outcome) error {
	return func(o *Outcome) error {
		he, ok := errors.AsType[*fairlead.HandshakeError](o.Err)
		if !ok || string(he.Body) != want {
			return fmt.Errorf("the body kept is %d bytes %.60q, want %d bytes %.60q", len(he.Body), he.Body, len(want), want)
		}
		return nil
	}
}

// shows demands fields in the error.
func shows(name string, want ...string) func(*Outcome) error {
	return func(o *Outcome) error {
		he, ok := errors.AsType[*fairlead.HandshakeError](o.Err)
		if got := he.Header.Values(name); !ok || strings.Join(got, "|") != strings.Join(want, "|") {
			return fmt.Errorf("%s is %q, want %q", name, got, want)
		}
		return nil
	}
}

// withStatus is a refusal by status. It runs in virtual time, where a body that is
// there is read to its end however busy the machine is.
func withStatus(id string, status int, fields, body string) Case {
	line := fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status))
	all := line + "\r\n" + fields + "\r\n" + body
	return Case{ID: id, Virtual: true, Peer: peer(answer(all)), Refused: fairlead.PhaseVerify, Status: status}
}

// bodyWait is how long a body that does not come is waited for.
const bodyWait = 75 * time.Millisecond

func (c Case) waiting(d time.Duration) Case {
	c.Takes = d
	return c
}

// bodyCases are rows A49 to A51 and A55: refusals by status.
func bodyCases() []Case {
	const gib = "Content-Length: 1073741824\r\n"
	const chunked = "Transfer-Encoding: chunked\r\n"
	full := times(maxBody, "x")
	var cases []Case
	for _, status := range []int{401, 403, 407, 429, 500, 503} {
		at := func(member string) string { return fmt.Sprintf("A49/%d-%s", status, member) }
		endlessBody := func(member, fields, begin, round string) Case {
			c := withStatus(at(member), status, fields, begin)
			c.Peer = append(c.Peer, forever(round))
			return c.checked(keeps(full)).allocating(bodyHeap).teaches("L24", "L88", "L98")
		}
		cases = append(cases,
			endlessBody("1-GiB", gib, "", times(4096, "x")),
			endlessBody("until-the-end", "", "", times(4096, "x")),
			endlessBody("one-chunk", chunked, "40000000\r\n", times(4096, "x")),
			endlessBody("chunks", chunked, "", "1000\r\n"+times(4096, "x")+"\r\n"),
			withStatus(at("nothing-of-5-bytes"), status, "Content-Length: 5\r\n", "").checked(keeps("")).teaches("L88").waiting(bodyWait),
			withStatus(at("no-body-no-end"), status, "", "").checked(keeps("")).teaches("L88").waiting(bodyWait),
			withStatus(at("short"), status, "Content-Length: 4\r\n", "nope").checked(keeps("nope")),
			withStatus(at("gzip-bomb"), status, "Content-Encoding: gzip\r\nContent-Length: "+fmt.Sprint(len(gzipBomb))+"\r\n", gzipBomb).
				checked(keeps(gzipBomb)).allocating(bodyHeap).teaches("L24"),
		)
	}
	cases = append(cases,
		withStatus("A49/gzip-in-gzip", 403, "Content-Encoding: gzip, gzip, br\r\nContent-Length: 4\r\n", "\x1f\x8b\x08\x00").checked(keeps("\x1f\x8b\x08\x00")).teaches("L24"),
		withStatus("A49/64-KiB", 403, fmt.Sprintf("Content-Length: %d\r\n", maxBody), full).checked(keeps(full)),
		withStatus("A49/64-KiB-and-one", 403, fmt.Sprintf("Content-Length: %d\r\n", maxBody+1), full+"y").checked(keeps(full)),
		withStatus("A49/length-2^63", 403, "Content-Length: 9223372036854775808\r\n", "abc").checked(keeps("")).teaches("L98"),
		withStatus("A49/length-2^63-1", 403, "Content-Length: 9223372036854775807\r\n", "abc").checked(keeps("abc")).allocating(bodyHeap).teaches("L98").waiting(bodyWait),
		withStatus("A49/length-negative", 403, "Content-Length: -5\r\n", "abc").checked(keeps("")),
		withStatus("A49/length-twice", 403, "Content-Length: 3\r\nContent-Length: 3\r\n", "abc").checked(keeps("")),
		withStatus("A49/length-and-chunked", 403, "Content-Length: 3\r\n"+chunked, "3\r\nabc\r\n0\r\n\r\n").checked(keeps("")),
	)
	for _, r := range []struct{ name, value string }{
		{"seconds", "120"}, {"date", "Fri, 31 Dec 2027 23:59:59 GMT"}, {"negative", "-1"}, {"ten-years", "315360000"}, {"2^64", "18446744073709551616"}, {"empty", ""}, {"no-date", "tomorrow"},
	} {
		cases = append(cases, withStatus("A50/"+r.name, 503, "Retry-After: "+r.value+"\r\nContent-Length: 0\r\n", "").checked(shows("Retry-After", r.value)).
			because("there is no reconnecting yet: the field is shown to the caller as it came"))
	}
	cases = append(cases,
		withStatus("A51/list", 426, "Sec-WebSocket-Version: 13, 8, 7\r\nContent-Length: 0\r\n", "").checked(shows("Sec-WebSocket-Version", "13, 8, 7")),
		withStatus("A51/fields", 426, "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Version: 7\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n", "").checked(shows("Sec-WebSocket-Version", "8", "7")),
		withStatus("A51/none", 426, "Content-Length: 0\r\n", "").checked(shows("Sec-WebSocket-Version")),
	)
	for _, c := range []struct{ name, body, kept string }{
		{"size-is-no-number", "xyz\r\nabc", ""},
		{"size-negative", "-3\r\nabc", ""},
		{"size-empty", "\r\nabc", ""},
		{"size-with-0x", "0x3\r\nabc", ""},
		{"size-of-17-digits", "00000000000000003\r\nabc", ""},
		{"size-2^63", "8000000000000000\r\nabc", ""},
		{"size-2^64-1", "ffffffffffffffff\r\nabc", ""},
		{"no-CRLF-after-the-data", "3\r\nabcX\r\n0\r\n\r\n", "abc"},
		{"bare-LF", "3\nabc\n0\n\n", ""},
		{"one-long-extension", "3;" + times(9<<10, "x") + "\r\nabc", ""},
		{"malformed-trailer", "3\r\nabc\r\n0\r\nno colon\r\n\r\n", "abc"},
		{"129-trailers", "3\r\nabc\r\n0\r\n" + times(129, "A:\r\n") + "\r\n", "abc"},
	} {
		cases = append(cases, withStatus("A55/"+c.name, 502, chunked, c.body).checked(keeps(c.kept)))
	}
	for _, c := range []struct{ name, body string }{
		{"end-missing", "3\r\nabc\r\n"}, {"last-CRLF-missing", "3\r\nabc\r\n0\r\n"}, {"data-missing", "5\r\nabc"},
	} {
		cases = append(cases, withStatus("A55/"+c.name, 502, chunked, c.body).checked(keeps("abc")).waiting(bodyWait))
	}
	extensions := withStatus("A55/extensions-for-ever", 502, chunked, "")
	extensions.Peer = append(extensions.Peer, forever("1;"+times(250, "e")+"\r\nx\r\n"))
	trailers := withStatus("A55/trailers-for-ever", 502, chunked, "0\r\n")
	trailers.Peer = append(trailers.Peer, forever("A: "+times(100, "t")+"\r\n"))
	single := withStatus("A55/chunks-of-a-byte-for-ever", 502, chunked, "")
	single.Peer = append(single.Peer, forever(times(100, "1\r\nx\r\n")))
	return append(cases,
		extensions.allocating(bodyHeap),
		trailers.allocating(bodyHeap),
		single.allocating(bodyHeap).checked(keeps(full)),
	)
}

// gzipBomb is 16 MiB of zeros in a few KiB.
var gzipBomb = func() string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(make([]byte, 16<<20))
	w.Close()
	return b.String()
}()

// cookieCases are row A53, and the flood of L21: what a server sets.
func cookieCases() []Case {
	stored := func(c Case, rawURL, want string) Case {
		jar, err := cookiejar.New(nil)
		if err != nil {
			panic(err)
		}
		c.Dialer.Jar = jar
		at, err := url.Parse(rawURL)
		if err != nil {
			panic(err)
		}
		return c.checked(func(*Outcome) error {
			var got []string
			for _, k := range jar.Cookies(at) {
				got = append(got, k.Name+"="+k.Value)
			}
			if g := strings.Join(got, "; "); g != want {
				return fmt.Errorf("the jar has %.200q, want %.200q", g, want)
			}
			return nil
		})
	}
	const site = "http://peer.test/"
	const set = "Set-Cookie: a=b"
	const deny = "HTTP/1.1 403 Forbidden"
	bad := func(id, cookie string) Case { return stored(opened(id, switching("Set-Cookie: "+cookie)), site, "") }
	flood := Case{
		ID: "A53/flood-then-the-next-dial", Lessons: []string{"L21"},
		Peer:   peer(answer(switching(cookies(120, 400)...))),
		Next:   [][]wstest.Step{peer(wstest.Answer(func(r *wstest.HTTPRequest) []byte { return cookieLimit(r) }))},
		Closed: frame.StatusNormal,
		Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			c.CloseNow()
			again, err := o.Redial(ctx)
			if err != nil {
				return err
			}
			return readAll(ctx, again, o)
		},
	}
	flood.Dialer.Jar, _ = cookiejar.New(nil)
	return []Case{
		stored(opened("A53/in-the-101", switching(set, "Set-Cookie: c=d; Path=/")), site, "a=b; c=d"),
		stored(Case{ID: "A53/in-a-403", Peer: peer(answer(head(deny, set, "Content-Length: 0"))), Refused: "verify", Status: 403}, site, "a=b"),
		stored(Case{ID: "A53/in-a-401", Peer: peer(answer(head("HTTP/1.1 401 x", set, "Content-Length: 0"))), Refused: "verify", Status: 401}, site, "a=b"),
		stored(refused("A53/in-a-bad-101", head(status101, set), "Upgrade"), site, "a=b").because("RFC 6265 section 3: cookies count in any response"),
		stored(opened("A53/not-in-an-interim-response", "HTTP/1.1 103 x\r\n"+set+"\r\n\r\n"+switching()), site, ""),
		bad("A53/other-domain", "a=b; Domain=example.com").teaches("L56"),
		bad("A53/tail-of-the-name", "a=b; Domain=eer.test").teaches("L56"),
		bad("A53/no-name", "=b"),
		bad("A53/tab-in-the-name", "a\tb=c").teaches("L57"),
		bad("A53/not-for-ws", "a=b; Secure"),
		bad("A53/host-prefix-without-TLS", "__Host-a=b; Path=/; Secure"),
		bad("A53/longer-than-4-KiB", "a="+times(4<<10, "x")).teaches("L21"),
		bad("A53/dead", "a=b; Max-Age=0"),
		flood,
	}
}

func cookies(n, size int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("Set-Cookie: c%d=%s", i, times(size, "x"))
	}
	return all
}

// cookieLimit opens the WebSocket for a request whose cookies are no flood.
func cookieLimit(r *wstest.HTTPRequest) []byte {
	line, _ := r.Get("Cookie")
	if line == "" || len(line) > 8<<10 {
		return []byte(head("HTTP/1.1 431 Request Header Fields Too Large", "Content-Length: 0"))
	}
	key, _ := r.Get("Sec-WebSocket-Key")
	return append([]byte(strings.ReplaceAll(switching(), acceptMark, acceptKey(key))), bye()...)
}
