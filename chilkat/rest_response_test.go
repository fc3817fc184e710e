package chilkat_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

// anyRequest reads a request, whatever it is.
var anyRequest = wstest.Request(func(*wstest.HTTPRequest) error { return nil })

// answering is a Rest connected to a server that answers one request with raw
// bytes, and then ends the connection if it is told to.
func answering(t *testing.T, raw string, more ...wstest.Step) *chilkat.Rest {
	t.Helper()
	peer := wstest.Listen(append([]wstest.Step{anyRequest, wstest.Send([]byte(raw))}, more...)...)
	t.Cleanup(peer.Close)
	return dial(t, peer.URL())
}

func TestResponseBodies(t *testing.T) {
	tests := []struct{ name, verb, raw, body string }{
		{"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"},
		{"chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello"},
		{"until the end", "GET", "HTTP/1.1 200 OK\r\n\r\nhello", "hello"},
		{"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\n\r\nhello", "hello"},
		{"none", "GET", "HTTP/1.1 204 No Content\r\n\r\n", ""},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", ""},
		{"interim before", "GET", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"},
		{"8-bit clean", "GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\na\x00b", "a\x00b"},
		{"not UTF-8", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff!", "\uFFFD!"},
		{"other charset", "GET", "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Length: 1\r\n\r\n\xfc", "ü"},
		{"unknown charset", "GET", "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=klingon\r\nContent-Length: 2\r\n\r\nü", "ü"},
		{"101", "GET", "HTTP/1.1 101 Switching Protocols\r\nContent-Length: 5\r\n\r\nhello", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rest := answering(t, test.raw)
			body := rest.FullRequestNoBody(test.verb, "/")
			must(t, body != nil, rest)
			want(t, "the body", *body, test.body)
		})
	}
}

func TestBadResponses(t *testing.T) {
	tests := []struct{ name, raw, why string }{
		{"not HTTP", "SSH-2.0-OpenSSH\r\n", "The response could not be read."},
		{"no end of head", "HTTP/1.1 200 OK\r\nA: b\r\n", "The connection was lost before the end of the response."},
		{"nothing", "", "The connection was lost before the end of the response."},
		{"short body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "The connection was lost before the end of the response."},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "The response could not be read."},
		{"endless head", "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: "+strings.Repeat("x", 1000)+"\r\n", 100), "The response could not be read."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rest := answering(t, test.raw)
			mustFail(t, rest.FullRequestNoBody("GET", "/") != nil, rest, test.why)
			mustFail(t, rest.FullRequestNoBody("GET", "/") != nil, rest, "The Rest is not connected.")
		})
	}
	t.Run("too large", func(t *testing.T) {
		rest := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", wstest.Send(bytes.Repeat([]byte("x"), 16<<20+1)))
		mustFail(t, rest.FullRequestNoBody("GET", "/") != nil, rest, "larger than 16 MiB")
	})
}

func TestResponseAccessors(t *testing.T) {
	rest := answering(t, "HTTP/1.1 201 Well Done\r\nA: 1\r\nb: 2\r\nA: 3\r\nContent-Length: 0\r\n\r\n")
	want(t, "ResponseStatusCode", rest.ResponseStatusCode(), 0)
	want(t, "ResponseStatusText", rest.ResponseStatusText(), "")
	want(t, "ResponseHeader", rest.ResponseHeader(), "")
	want(t, "NumResponseHeaders", rest.NumResponseHeaders(), 0)
	want(t, "LastRequestHeader", rest.LastRequestHeader(), "")
	want(t, "LastRequestStartLine", rest.LastRequestStartLine(), "")
	must(t, rest.FullRequestNoBody("GET", "/path?q") != nil, rest)
	want(t, "ResponseStatusCode", rest.ResponseStatusCode(), 201)
	want(t, "ResponseStatusText", rest.ResponseStatusText(), "Well Done")
	want(t, "ResponseHeader", rest.ResponseHeader(), "A: 1\r\nb: 2\r\nA: 3\r\nContent-Length: 0\r\n")
	want(t, "NumResponseHeaders", rest.NumResponseHeaders(), 4)
	want(t, "ResponseHdrName", deref(rest.ResponseHdrName(1)), "b")
	want(t, "ResponseHdrValue", deref(rest.ResponseHdrValue(2)), "3")
	want(t, "ResponseHdrByName", deref(rest.ResponseHdrByName("a")), "1")
	want(t, "LastRequestStartLine", rest.LastRequestStartLine(), "GET /path?q HTTP/1.1")
	for _, index := range []int{-1, 4, math.MaxInt} {
		mustFail(t, rest.ResponseHdrName(index) != nil, rest, "The response has no header field with this index.")
		mustFail(t, rest.ResponseHdrValue(index) != nil, rest, "The response has no header field with this index.")
	}
	mustFail(t, rest.ResponseHdrByName("None") != nil, rest, "The response has no header field of this name.")
}

func TestResponseInto(t *testing.T) {
	const raw = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xfc!"
	sb, bd := chilkat.NewStringBuilder(), chilkat.NewBinData()
	sb.Append("text: ")
	bd.AppendBinary([]byte{0})
	rest := answering(t, raw)
	must(t, rest.FullRequestNoBodySb("GET", "/", sb), rest)
	rest = answering(t, raw)
	must(t, rest.FullRequestNoBodyBd("GET", "/", bd), rest)
	rest = answering(t, raw)
	must(t, rest.SendReqNoBody("GET", "/"), rest)
	want(t, "ReadResponseHeader", rest.ReadResponseHeader(), 200)
	must(t, rest.ReadRespSb(sb), rest)
	rest = answering(t, raw)
	must(t, rest.SendReqNoBody("GET", "/"), rest)
	want(t, "ReadResponseHeader", rest.ReadResponseHeader(), 200)
	must(t, rest.ReadRespBd(bd), rest)
	want(t, "the text", *sb.GetAsString(), "text: \uFFFD!\uFFFD!")
	want(t, "the bytes", string(bd.GetBinary()), "\x00\xfc!\xfc!")
	mustFail(t, rest.ReadRespBd(bd), rest, "There is no response whose body could be read.")
}

func TestRestAsync(t *testing.T) {
	const raw = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	sb, bd := chilkat.NewStringBuilder(), chilkat.NewBinData()
	end := func(task *chilkat.Task) {
		t.Helper()
		must(t, task.Run(), task)
		must(t, task.Wait(int(limit/time.Millisecond)), task)
		want(t, "TaskSuccess", task.TaskSuccess(), true)
	}
	rest := answering(t, raw)
	task := rest.FullRequestNoBodyAsync("GET", "/")
	end(task)
	want(t, "the result", deref(task.GetResultString()), "hello")
	end(answering(t, raw).FullRequestNoBodySbAsync("GET", "/", sb))
	end(answering(t, raw).FullRequestNoBodyBdAsync("GET", "/", bd))
	want(t, "the text", *sb.GetAsString(), "hello")
	want(t, "the bytes", string(bd.GetBinary()), "hello")
	for _, body := range []func(*chilkat.Rest) *chilkat.Task{
		(*chilkat.Rest).ReadRespBodyStringAsync,
		func(r *chilkat.Rest) *chilkat.Task { return r.ReadRespSbAsync(sb) },
		func(r *chilkat.Rest) *chilkat.Task { return r.ReadRespBdAsync(bd) },
	} {
		rest := answering(t, raw)
		end(rest.SendReqNoBodyAsync("GET", "/"))
		head := rest.ReadResponseHeaderAsync()
		end(head)
		want(t, "the result", head.GetResultInt(), 200)
		task := body(rest)
		end(task)
		if s := task.GetResultString(); s != nil {
			want(t, "the result", *s, "hello")
		}
	}
	want(t, "the text", *sb.GetAsString(), "hellohello")
	want(t, "the bytes", string(bd.GetBinary()), "hellohello")
}

// TestResponseTimeoutLosesNothing lets each read of a response run into the idle
// timeout, at every byte.
func TestResponseTimeoutLosesNothing(t *testing.T) {
	const raw = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
	step := make(chan struct{})
	steps := []wstest.Step{anyRequest}
	for i := range raw {
		steps = append(steps, wstest.Wait(step), wstest.Send([]byte(raw[i:i+1])))
	}
	peer := wstest.Listen(append(steps, wstest.ExpectEOF())...)
	defer peer.Close()
	rest := dial(t, peer.URL())
	rest.SetIdleTimeoutMs(2)
	must(t, rest.SendReqNoBody("GET", "/"), rest)
	status, body, timeouts := -1, (*string)(nil), 0
	for i := range raw {
		step <- struct{}{}
		if status < 0 {
			if status = rest.ReadResponseHeader(); status < 0 {
				wantLog(t, rest, "Call ReadResponseHeader to go on waiting")
				timeouts++
			}
		}
		if status == 200 && i > strings.Index(raw, "abc") {
			if body = rest.ReadRespBodyString(); body == nil {
				wantLog(t, rest, "Call ReadRespBodyString to go on waiting")
				timeouts++
			}
		}
	}
	for n := 0; body == nil && n < 1000; n++ {
		body = rest.ReadRespBodyString()
	}
	want(t, "the status", status, 200)
	want(t, "the body", deref(body), "abc")
	if timeouts < 10 {
		t.Errorf("%d timeouts show nothing", timeouts)
	}
}

func TestResponseAborted(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	peer := wstest.Listen(anyRequest, wstest.Do(func() error { close(arrived); return nil }), wstest.Wait(release), wstest.Send([]byte(okResponse)), wstest.ExpectEOF())
	defer peer.Close()
	rest := dial(t, peer.URL())
	task := rest.FullRequestNoBodyAsync("GET", "/")
	must(t, task.Run(), task)
	<-arrived
	must(t, task.Cancel(), task)
	must(t, task.Wait(0), task)
	want(t, "Status", task.Status(), "aborted")
	close(release)
	want(t, "ReadResponseHeader", rest.ReadResponseHeader(), 200) // nothing was lost
	want(t, "the body", deref(rest.ReadRespBodyString()), "hi")
}

func TestAutoReconnect(t *testing.T) {
	endings := map[string]string{
		"Connection: close": "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
		"HTTP/1.0":          "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
		"the server ends":   okResponse,
		"until the end":     "HTTP/1.1 200 OK\r\n\r\nhi",
		"bytes too many":    okResponse + "x",
	}
	for name, raw := range endings {
		for _, auto := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, %t", name, auto), func(t *testing.T) {
				first := wstest.Listen(anyRequest, wstest.Send([]byte(raw)))
				host, port := hostPort(t, first.URL())
				rest := newRest(t)
				must(t, rest.Connect(host, port, false, auto), rest)
				must(t, rest.FullRequestNoBody("GET", "/1") != nil, rest)
				first.Close()
				second := serveAt(t, port)
				ok := rest.FullRequestNoBody("GET", "/2") != nil
				if !auto {
					mustFail(t, ok, rest, "The Rest is not connected.")
					return
				}
				must(t, ok, rest)
				wantLog(t, rest, "The connection is gone: opening it again.")
				wantLog(t, rest, "    tcpConnect")
				second.Close()
			})
		}
	}
	t.Run("after Disconnect", func(t *testing.T) {
		host, port := hostPort(t, echoServer(t).URL())
		rest := newRest(t)
		must(t, rest.Connect(host, port, false, true), rest)
		must(t, rest.Disconnect(0), rest)
		must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
	})
	t.Run("the server is gone too", func(t *testing.T) {
		peer := wstest.Listen(anyRequest, wstest.Send([]byte(okResponse)))
		host, port := hostPort(t, peer.URL())
		rest := newRest(t)
		must(t, rest.Connect(host, port, false, true), rest)
		must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
		peer.Close()
		mustFail(t, rest.FullRequestNoBody("GET", "/") != nil, rest, "The connection failed.")
		want(t, "ConnectFailReason", rest.ConnectFailReason(), 7)
	})
}
