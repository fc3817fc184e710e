package chilkat_test

import (
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
)

var restMembers = map[string]func(*testing.T){
	"UseConnection": func(t *testing.T) {
		s, rest := client(t), newRest(t)
		mustFail(t, rest.UseConnection(nil, false), rest, "The argument socket is nil.")
		mustFail(t, rest.UseConnection(s, false), rest, "The Socket is not connected.")
		gone := chilkat.NewSocket()
		gone.DisposeSocket()
		mustFail(t, rest.UseConnection(gone, false), rest, "The argument socket was disposed.")
		s = connected(t, echoServer(t))
		must(t, rest.UseConnection(s, false), rest)
		another := newRest(t)
		mustFail(t, another.UseConnection(s, false), another, "A Rest uses the connection of the Socket already.")
		must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
		if host := rest.LastRequestHeader(); !strings.Contains(host, "Host: 127.0.0.1:") {
			t.Errorf("LastRequestHeader is %q", host)
		}
	},
	"SetAuthOAuth1": func(t *testing.T) {
		oauth1, rest := chilkat.NewOAuth1(), dial(t, waiting(t, anyRequest))
		mustFail(t, rest.SetAuthOAuth1(nil, false), rest, "The argument oauth1 is nil.")
		must(t, rest.SetAuthOAuth1(oauth1, false), rest)
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The request cannot carry the credentials.")
		oauth1.SetConsumerKey("key")
		oauth1.SetConsumerSecret(canary)
		oauth1.SetToken("token")
		oauth1.SetTokenSecret(canary)
		oauth1.SetRealm("realm")
		oauth1.SetSignatureMethod("HMAC-SHA256")
		must(t, rest.SendReqNoBody("GET", "/chat?room=1"), rest)
		header := rest.LastRequestHeader()
		for _, part := range []string{"Authorization: OAuth ", `realm="realm"`, `oauth_consumer_key="key"`, `oauth_token="token"`, `oauth_signature_method="HMAC-SHA256"`} {
			if !strings.Contains(header, part) {
				t.Errorf("the request does not have %q: %s", part, header)
			}
		}
		rest = dial(t, waiting(t, anyRequest))
		must(t, rest.SetAuthOAuth1(oauth1, true), rest)
		must(t, rest.SendReqNoBody("GET", "/chat?room=1"), rest)
		if line := rest.LastRequestStartLine(); !strings.HasPrefix(line, "GET /chat?room=1&oauth_consumer_key=key&") || strings.Contains(rest.LastRequestHeader(), "Authorization") {
			t.Errorf("LastRequestStartLine is %q", line)
		}
		if strings.Contains(rest.LastErrorText(), "oauth_signature=") && !strings.Contains(rest.LastErrorText(), "oauth_signature=***") {
			t.Error("the log has the signature")
		}
	},
	"SetAuthOAuth2": func(t *testing.T) {
		oauth2, rest := chilkat.NewOAuth2(), dial(t, waiting(t, anyRequest))
		mustFail(t, rest.SetAuthOAuth2(nil), rest, "The argument oauth2 is nil.")
		must(t, rest.SetAuthOAuth2(oauth2), rest)
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The request cannot carry the credentials.")
		oauth2.SetAccessToken("first")
		oauth2.SetAccessToken(canary) // heeded when the request is sent
		must(t, rest.SendReqNoBody("GET", "/"), rest)
		if header := rest.LastRequestHeader(); !strings.Contains(header, "Authorization: Bearer "+canary+"\r\n") {
			t.Errorf("LastRequestHeader is %q", header)
		}
		if strings.Contains(rest.LastErrorText(), canary) {
			t.Error("the log has the token")
		}
		// To another machine in the clear: neither here nor with the request.
		l := listenOn(t, elsewhere)
		rest = newRest(t)
		must(t, rest.Connect(elsewhere, l.port, false, false), rest)
		mustFail(t, rest.SetAuthOAuth2(oauth2), rest, "The token of SetAuthOAuth2 would go over the network")
		rest.SetUncommonOptions("AllowInsecureBasicAuth")
		must(t, rest.SetAuthOAuth2(oauth2), rest)
		must(t, rest.ClearAuth(), rest)
		must(t, rest.SendReqNoBody("GET", "/"), rest)
		if strings.Contains(l.received(), canary) {
			t.Error("ClearAuth leaves the token")
		}
	},
	"SetAuthAws": func(t *testing.T) {
		aws, rest := chilkat.NewAuthAws(), dial(t, waiting(t, anyRequest))
		mustFail(t, rest.SetAuthAws(nil), rest, "The argument authAws is nil.")
		must(t, rest.SetAuthAws(aws), rest)
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The request cannot carry the credentials.")
		aws.SetAccessKey("AKID")
		aws.SetSecretKey(canary)
		aws.SetSessionToken("session")
		aws.SetRegion("eu-central-1")
		aws.SetServiceName("execute-api")
		must(t, rest.SendReqNoBody("GET", "/prod?b=2&a=1"), rest)
		header := rest.LastRequestHeader()
		for _, part := range []string{"Authorization: AWS4-HMAC-SHA256 Credential=AKID/", "/eu-central-1/execute-api/aws4_request", "X-Amz-Date: ", "X-Amz-Security-Token: session"} {
			if !strings.Contains(header, part) {
				t.Errorf("the request does not have %q: %s", part, header)
			}
		}
		if log := rest.LastErrorText(); strings.Contains(log, canary) || strings.Contains(log, "Security-Token: session") {
			t.Error("the log has a secret")
		}
	},
}

// TestUseConnectionAgain opens a lost connection again, the way it was opened.
func TestUseConnectionAgain(t *testing.T) {
	proxy := httpProxy(t, "Basic")
	server := echoServer(t)
	s := connected(t, server, through(proxy, "Basic"))
	rest := newRest(t)
	must(t, rest.UseConnection(s, true), rest)
	must(t, s.Close(0), s)
	ws := newSocket(t)
	must(t, rest.SendReqNoBody("GET", "/") && rest.ReadResponseHeader() > 0, rest)
	must(t, s.Close(0), s) // the Socket tells of the new connection
	mustFail(t, ws.UseConnection(rest), ws, "The Rest is not connected.")
	must(t, rest.SendReqNoBody("GET", "/"), rest)
	wantLog(t, rest, "    proxyConnect")
	want(t, "connections through the proxy", len(proxy.targets()), 3)
	want(t, "IsConnected", s.IsConnected(), true)

	s.SetHttpProxyPassword("wrong")
	must(t, s.Close(0), s)
	mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The proxy did not accept the credentials.")
	want(t, "ConnectFailReason", rest.ConnectFailReason(), 7)
	s.DisposeSocket()
	mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The Socket that opened the connection was disposed.")
}

// TestUseConnectionTakesOver closes the connection of the Rest before, and leaves
// that of the Socket to the Rest.
func TestUseConnectionTakesOver(t *testing.T) {
	first, second := echoServer(t), echoServer(t)
	rest := dial(t, first.URL())
	s := connected(t, second)
	must(t, rest.UseConnection(s, false), rest)
	waitIdle(t, first)
	s.DisposeSocket()
	must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
	rest.DisposeRest()
	waitIdle(t, second)

	// A Socket that connects again does not take the connection away from a Rest.
	s = connected(t, first)
	ws := over(t, s)
	host, port := hostPort(t, second.URL())
	must(t, s.Connect(host, port, false, enough), s)
	echoes(t, ws)
}

func TestUseConnectionProxyForHTTP(t *testing.T) {
	s := connected(t, echoServer(t), through(httpProxy(t, ""), ""), func(s *chilkat.Socket) { s.SetHttpProxyForHttp(false) })
	rest := newRest(t)
	mustFail(t, rest.UseConnection(s, false), rest, "HttpProxyForHttp of the Socket is false")
	s.SetHttpProxyForHttp(true)
	must(t, rest.UseConnection(s, false), rest)
}

// TestBasicThroughHops: what is localhost to a proxy is another machine, and SSH
// hides what it carries.
func TestBasicThroughHops(t *testing.T) {
	server := echoServer(t)
	host, port := hostPort(t, server.URL())
	rest := newRest(t)
	must(t, rest.UseConnection(connected(t, server, through(httpProxy(t, ""), "")), false), rest)
	mustFail(t, rest.SetAuthBasic(hopUser, canary), rest, "The password of SetAuthBasic would go over the network")
	s, _ := tunnelled(t)
	channel := s.SshOpenChannel(host, port, false, enough)
	if channel == nil {
		t.Fatal(s.LastErrorText())
	}
	defer channel.DisposeSocket()
	must(t, rest.UseConnection(channel, false), rest)
	must(t, rest.SetAuthBasic(hopUser, canary), rest)
}

// through makes a Socket go through an HTTP proxy.
func through(proxy *hop, method string) func(*chilkat.Socket) {
	return func(s *chilkat.Socket) {
		s.SetHttpProxyHostname("127.0.0.1")
		s.SetHttpProxyPort(proxy.port())
		s.SetHttpProxyAuthMethod(method)
		if method != "" {
			s.SetHttpProxyUsername(hopUser)
			s.SetHttpProxyPassword(hopPassword)
		}
		s.SetHttpProxyForHttp(true)
	}
}

// TestConnectAfterUseConnection makes the Rest open its connections itself again.
func TestConnectAfterUseConnection(t *testing.T) {
	server := echoServer(t)
	host, port := hostPort(t, server.URL())
	s, rest := connected(t, server), newRest(t)
	must(t, rest.UseConnection(s, true), rest)
	must(t, rest.Connect(host, port, false, true), rest)
	s.DisposeSocket()
	must(t, rest.Disconnect(0), rest)
	must(t, rest.SendReqNoBody("GET", "/"), rest)
	wantLog(t, rest, "The connection is gone: opening it again.")
}

// TestSetAuthDisposed refuses disposed objects, and sends nothing that was
// forgotten meanwhile.
func TestSetAuthDisposed(t *testing.T) {
	oauth1, oauth2, aws, key := chilkat.NewOAuth1(), chilkat.NewOAuth2(), chilkat.NewAuthAws(), chilkat.NewSshKey()
	oauth1.SetConsumerKey("key")
	oauth2.SetAccessToken(canary)
	aws.SetAccessKey("key")
	rest, s := dial(t, waiting(t, anyRequest)), client(t)
	for _, test := range []struct {
		dispose func()
		set     func() bool
		name    string
	}{
		{oauth1.DisposeOAuth1, func() bool { return rest.SetAuthOAuth1(oauth1, false) }, "oauth1"},
		{oauth2.DisposeOAuth2, func() bool { return rest.SetAuthOAuth2(oauth2) }, "oauth2"},
		{aws.DisposeAuthAws, func() bool { return rest.SetAuthAws(aws) }, "authAws"},
	} {
		must(t, test.set(), rest)
		test.dispose()
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The request cannot carry the credentials.")
		mustFail(t, test.set(), rest, "The argument "+test.name+" was disposed.")
		test.dispose()
	}
	key.DisposeSshKey()
	mustFail(t, s.SshAuthenticatePk(hopUser, key), s, "The argument key was disposed.")
}
