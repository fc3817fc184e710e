package chilkat_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

const okResponse = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

// sent makes one request and gives the request line and the header as they were
// on the wire, without Host.
func sent(t *testing.T, verb, path string, prepare func(rest *chilkat.Rest)) (line string, header string) {
	t.Helper()
	var got *wstest.HTTPRequest
	peer := wstest.Listen(wstest.Request(func(req *wstest.HTTPRequest) error { got = req; return nil }),
		wstest.Send([]byte(okResponse)), wstest.ExpectEOF())
	defer peer.Close()
	rest := dial(t, peer.URL())
	prepare(rest)
	must(t, rest.FullRequestNoBody(verb, path) != nil, rest)
	if !strings.HasPrefix(rest.LastRequestStartLine(), got.Method+" "+got.Target+" HTTP/1.1") {
		t.Errorf("LastRequestStartLine is %q", rest.LastRequestStartLine())
	}
	for i, f := range got.Fields {
		if (i == 0) != (f.Name == "Host") {
			t.Errorf("field %d is %s", i, f.Name)
		}
		if !strings.Contains(rest.LastRequestHeader(), f.Name+": "+f.Value+"\r\n") {
			t.Errorf("LastRequestHeader lacks %s", f.Name)
		}
		if i > 0 {
			header += f.Name + ": " + f.Value + "\n"
		}
	}
	rest.Disconnect(0)
	return got.Method + " " + got.Target, header
}

func TestRequests(t *testing.T) {
	tests := []struct {
		name, verb, path string
		prepare          func(rest *chilkat.Rest)
		line, header     string
	}{
		{"plain", "GET", "/", func(*chilkat.Rest) {}, "GET /", ""},
		{"POST says that it has no body", "POST", "/x", func(*chilkat.Rest) {}, "POST /x", "Content-Length: 0\n"},
		{"headers", "GET", "/", func(rest *chilkat.Rest) {
			rest.AddHeader("A", "1")
			rest.AddHeader("B", "2")
			rest.AddHeader("a", "3") // replaces
			rest.AddHeader("C", "4")
			rest.RemoveHeader("c")
		}, "GET /", "a: 3\nB: 2\n"},
		{"all headers cleared", "GET", "/", func(rest *chilkat.Rest) {
			rest.AddHeader("A", "1")
			rest.SetAuthorization("x")
			rest.ClearAllHeaders()
		}, "GET /", ""},
		{"query", "GET", "/p?a=b", func(rest *chilkat.Rest) {
			rest.AddQueryParam("x y", "ü&=+")
			rest.AddQueryParams("?m=1&n=%26&flag&m=2&")
			rest.AddQueryParam("gone", "x")
			rest.RemoveQueryParam("gone")
		}, "GET /p?a=b&x%20y=%C3%BC%26%3D%2B&m=2&n=%26&flag", ""},
		{"query cleared", "GET", "/p", func(rest *chilkat.Rest) {
			rest.AddQueryParam("a", "1")
			rest.ClearAllQueryParams()
		}, "GET /p", ""},
		{"path", "GET", "/rooms/{room}/{roomId}?x={room}", func(rest *chilkat.Rest) {
			rest.AddPathParam("{room}", "no")
			rest.AddPathParam("{room}", "a/b {roomId}")
			rest.AddPathParam("{roomId}", "7")
		}, "GET /rooms/a%2Fb%20%7BroomId%7D/7?x={room}", ""},
		{"path cleared", "GET", "/x", func(rest *chilkat.Rest) {
			rest.AddPathParam("x", "y")
			rest.ClearAllPathParams()
		}, "GET /x", ""},
		{"Authorization", "GET", "/", func(rest *chilkat.Rest) { rest.SetAuthorization("Bearer x") }, "GET /", "Authorization: Bearer x\n"},
		{"Authorization as a header", "GET", "/", func(rest *chilkat.Rest) {
			rest.SetAuthBasic("user", "password")
			rest.AddHeader("AUTHORIZATION", "Bearer x")
		}, "GET /", "Authorization: Bearer x\n"},
		{"Basic", "GET", "/", func(rest *chilkat.Rest) {
			rest.SetAuthorization("Bearer x")
			rest.SetAuthBasic("Aladdin", "open sesame")
		}, "GET /", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n"}, // RFC 7617 section 2
		{"auth cleared", "GET", "/", func(rest *chilkat.Rest) {
			rest.SetAuthBasic("user", "password")
			rest.ClearAuth()
		}, "GET /", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			line, header := sent(t, test.verb, test.path, test.prepare)
			want(t, "the request line", line, test.line)
			want(t, "the header", header, test.header)
		})
	}
}

func TestHost(t *testing.T) {
	rest := dial(t, echoServer(t).URL())
	want(t, "Host", rest.Host(), "")
	rest.SetHost("virtual.example")
	want(t, "Host", rest.Host(), "virtual.example")
	must(t, rest.SendReqNoBody("GET", "/"), rest)
	want(t, "LastRequestHeader", rest.LastRequestHeader(), "Host: virtual.example\r\n")
	rest.SetHost("x\r\nEvil: 1")
	mustFail(t, false, rest, "Host has a line end or another control character.")
	must(t, rest.AddHeader("host", "other.example"), rest)
	want(t, "Host", rest.Host(), "other.example")
	must(t, rest.RemoveHeader("HOST"), rest)
	want(t, "Host", rest.Host(), "")
}

func TestAuthorization(t *testing.T) {
	rest := newRest(t)
	want(t, "Authorization", rest.Authorization(), "")
	rest.SetAuthorization("Bearer x")
	want(t, "Authorization", rest.Authorization(), "Bearer x")
	rest.SetAuthorization("x\ny")
	mustFail(t, false, rest, "Authorization has a line end or another control character.")
	want(t, "Authorization", rest.Authorization(), "Bearer x")
	must(t, rest.RemoveHeader("authorization"), rest)
	want(t, "Authorization", rest.Authorization(), "")
}

func TestRestBadInput(t *testing.T) {
	port, received := silent(t)
	rest := newRest(t)
	mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The Rest is not connected.")
	want(t, "ReadResponseHeader", rest.ReadResponseHeader(), -1)
	wantLog(t, rest, "The Rest is not connected.")
	must(t, rest.Connect("127.0.0.1", port, false, true), rest)
	text := func(s *string) bool { return s != nil }
	tests := []struct {
		name string
		ok   func() bool
		why  string
	}{
		{"header name empty", func() bool { return rest.AddHeader("", "x") }, "The argument name is empty."},
		{"header name with space", func() bool { return rest.AddHeader("A B", "x") }, "The argument name is not the name of a header field."},
		{"header name with CR LF", func() bool { return rest.AddHeader("A\r\nB", "x") }, "The argument name is not the name of a header field."},
		{"header value with CR", func() bool { return rest.AddHeader("X-A", "x\ry") }, "The value of X-A has a line end or another control character."},
		{"header value with LF", func() bool { return rest.AddHeader("X-A", "x\ny") }, "The value of X-A has a line end"},
		{"header value with NUL", func() bool { return rest.AddHeader("X-A", "x\x00") }, "The value of X-A has a line end"},
		{"header of a body", func() bool { return rest.AddHeader("content-length", "5") }, "belongs to a request with a body."},
		{"another one", func() bool { return rest.AddHeader("Transfer-Encoding", "chunked") }, "belongs to a request with a body."},
		{"header not there", func() bool { return rest.RemoveHeader("X-None") }, "There is no header field of this name."},
		{"remove empty name", func() bool { return rest.RemoveHeader("") }, "The argument name is empty."},
		{"query name empty", func() bool { return rest.AddQueryParam("", "x") }, "The argument name is empty."},
		{"query empty", func() bool { return rest.AddQueryParams("?&") }, "The argument query has no parameter."},
		{"query broken", func() bool { return rest.AddQueryParams("a=%zz") }, "The argument query has a broken escape sequence."},
		{"query not there", func() bool { return rest.RemoveQueryParam("none") }, "There is no query parameter of this name."},
		{"path name empty", func() bool { return rest.AddPathParam("", "x") }, "The argument name is empty."},
		{"user with colon", func() bool { return rest.SetAuthBasic("a:b", "x") }, "The argument user has a colon."},
		{"user with LF", func() bool { return rest.SetAuthBasic("a\n", "x") }, "The argument user has a control character."},
		{"password with NUL", func() bool { return rest.SetAuthBasic("a", "x\x00") }, "The argument password has a control character."},
		{"path empty", func() bool { return text(rest.FullRequestNoBody("GET", "")) }, "The argument path is empty."},
		{"path a URL", func() bool { return text(rest.FullRequestNoBody("GET", "ws://h/chat")) }, "The argument path is a URL."},
		{"path without slash", func() bool { return text(rest.FullRequestNoBody("GET", "chat")) }, "The argument path does not begin with /."},
		{"path with fragment", func() bool { return text(rest.FullRequestNoBody("GET", "/a#b")) }, "The argument path has a fragment"},
		{"path with space", func() bool { return text(rest.FullRequestNoBody("GET", "/a b")) }, "The argument path has a space"},
		{"path not ASCII", func() bool { return text(rest.FullRequestNoBody("GET", "/ü")) }, "The argument path has a space or a character that is not ASCII."},
		{"path with CR LF", func() bool { return text(rest.FullRequestNoBody("GET", "/ HTTP/1.1\r\nEvil: 1")) }, "The argument path has a line end"},
		{"verb empty", func() bool { return rest.SendReqNoBody("", "/") }, "The argument verb is not an HTTP method."},
		{"verb with space", func() bool { return rest.SendReqNoBody("GET /", "/") }, "The argument verb is not an HTTP method."},
		{"sb nil", func() bool { return rest.FullRequestNoBodySb("GET", "/", nil) }, "The argument sb is nil."},
		{"bd nil", func() bool { return rest.FullRequestNoBodyBd("GET", "/", nil) }, "The argument bd is nil."},
		{"sb nil, Async", func() bool { return rest.FullRequestNoBodySbAsync("GET", "/", nil) != nil }, "The argument sb is nil."},
		{"bd nil, Async", func() bool { return rest.FullRequestNoBodyBdAsync("GET", "/", nil) != nil }, "The argument bd is nil."},
		{"ReadRespSb nil", func() bool { return rest.ReadRespSb(nil) }, "The argument sb is nil."},
		{"ReadRespBd nil", func() bool { return rest.ReadRespBd(nil) }, "The argument bd is nil."},
		{"ReadRespSbAsync nil", func() bool { return rest.ReadRespSbAsync(nil) != nil }, "The argument sb is nil."},
		{"ReadRespBdAsync nil", func() bool { return rest.ReadRespBdAsync(nil) != nil }, "The argument bd is nil."},
		{"head before request", func() bool { return rest.ReadResponseHeader() != -1 }, "No request waits for its response."},
		{"body before request", func() bool { return text(rest.ReadRespBodyString()) }, "There is no response whose body could be read."},
		{"field before response", func() bool { return text(rest.ResponseHdrName(0)) }, "There is no response."},
		{"value before response", func() bool { return text(rest.ResponseHdrValue(0)) }, "There is no response."},
		{"name before response", func() bool { return text(rest.ResponseHdrByName("x")) }, "There is no response."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { mustFail(t, test.ok(), rest, test.why) })
	}
	rest.SetUncommonOptions("Frobnicate")
	mustFail(t, false, rest, `The keyword "Frobnicate" of UncommonOptions is not known`)
	must(t, rest.Disconnect(0), rest)
	want(t, "bytes sent", received(), 0)
}

func TestSetAuthBasic(t *testing.T) {
	const why = "The password of SetAuthBasic would go over the network for all to read."
	for name, address := range map[string]string{"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "127.3.2.1": "127.3.2.1", "::1": "::1"} {
		t.Run(name, func(t *testing.T) {
			server, rest := listenOn(t, address), newRest(t)
			must(t, rest.SetAuthBasic("user", "password"), rest)
			must(t, rest.Connect(name, server.port, false, false), rest)
			must(t, rest.SetAuthBasic("user", "password"), rest)
			must(t, rest.SendReqNoBody("GET", "/"), rest)
			if got := server.received(); !strings.Contains(got, "Authorization: Basic ") {
				t.Errorf("the server got %q", got)
			}
		})
	}
	t.Run("TLS", func(t *testing.T) {
		ca, err := wstest.NewCA()
		if err != nil {
			t.Fatal(err)
		}
		cert, err := ca.Issue(elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		server, rest := listenOn(t, "127.0.0.1", cert), newRest(t)
		rest.SetTLSConfig(&tls.Config{RootCAs: ca.Pool()})
		must(t, rest.Connect(elsewhere, server.port, true, false), rest)
		must(t, rest.SetAuthBasic("user", "password"), rest)
		must(t, rest.SendReqNoBody("GET", "/"), rest)
	})
	t.Run("another machine", func(t *testing.T) {
		// The address is what counts; it leads back here.
		server := listenOn(t, "127.0.0.1")
		rest := newRest(t)
		must(t, rest.SetAuthBasic("user", "password"), rest) // nobody knows yet where to
		must(t, rest.Connect(elsewhere, server.port, false, false), rest)
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, why)
		mustFail(t, rest.SetAuthBasic("user", "password"), rest, why)
		rest.SetUncommonOptions("AllowInsecureBasicAuth")
		want(t, "UncommonOptions", rest.UncommonOptions(), "AllowInsecureBasicAuth")
		must(t, rest.SetAuthBasic("user", "password"), rest)
		must(t, rest.SendReqNoBody("GET", "/"), rest)
		if got := server.received(); strings.Count(got, "GET /") != 1 || strings.Count(got, "Authorization: Basic ") != 1 {
			t.Errorf("the server got %q", got)
		}
	})
}

func TestClearAuth(t *testing.T) {
	rest := newRest(t)
	rest.SetAuthorization("Bearer x")
	must(t, rest.ClearAuth(), rest)
	want(t, "Authorization", rest.Authorization(), "")
}

func TestOneRequestAtATime(t *testing.T) {
	peer := wstest.Listen(
		wstest.Request(func(*wstest.HTTPRequest) error { return nil }), wstest.Send([]byte(okResponse)),
		wstest.Request(func(*wstest.HTTPRequest) error { return nil }), wstest.Send([]byte(okResponse)),
		wstest.ExpectEOF())
	defer peer.Close()
	rest := dial(t, peer.URL())
	must(t, rest.SendReqNoBody("GET", "/1"), rest)
	mustFail(t, rest.SendReqNoBody("GET", "/2"), rest, "The response to the request before was not read.")
	want(t, "ReadResponseHeader", rest.ReadResponseHeader(), 200)
	want(t, "ReadResponseHeader", rest.ReadResponseHeader(), -1)
	must(t, rest.SendReqNoBody("GET", "/2"), rest) // skips the body
	want(t, "ReadResponseHeader", rest.ReadResponseHeader(), 200)
	want(t, "the body", deref(rest.ReadRespBodyString()), "hi")
	mustFail(t, rest.ReadRespBodyString() != nil, rest, "a body is read once")
	must(t, rest.Disconnect(0), rest)
	if err := peer.Err(); err != nil {
		t.Error(err)
	}
}

// TestRestBusy lets two goroutines use one Rest.
func TestRestBusy(t *testing.T) {
	arrived := make(chan struct{})
	peer := wstest.Listen(wstest.Request(func(*wstest.HTTPRequest) error { close(arrived); return nil }), wstest.ExpectEOF())
	defer peer.Close()
	rest := dial(t, peer.URL())
	task := rest.FullRequestNoBodyAsync("GET", "/")
	must(t, task.Run(), task)
	<-arrived
	const why = "Another call is using the connection of this Rest."
	mustFail(t, rest.SendReqNoBody("GET", "/"), rest, why)
	mustFail(t, rest.Connect("127.0.0.1", 80, false, false), rest, why)
	want(t, "ResponseStatusCode", rest.ResponseStatusCode(), 0) // a property never waits
	ws := newSocket(t)
	must(t, ws.UseConnection(rest), ws)
	mustFail(t, ws.ValidateServerHandshake(), ws, why)
	must(t, rest.Disconnect(0), rest) // breaks it
	must(t, task.Wait(0), task)
	if task.GetResultString() != nil {
		t.Error("there is a response")
	}
	want(t, "Status", task.Status(), "completed")
}
