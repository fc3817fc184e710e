package chilkat_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// TestNoSecretLeaks gives every class secrets, lets them be used, accepted and
// refused, and looks for them in whatever the classes say, verbose and in all
// three forms, and in the debug log file.
func TestNoSecretLeaks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "debug.log")
	var said strings.Builder
	type verbose interface {
		logger
		LastErrorXml() string
		LastErrorHtml() string
		SetVerboseLogging(bool)
		SetDebugLogFilePath(string)
	}
	listen := func(o verbose) {
		o.SetVerboseLogging(true)
		o.SetDebugLogFilePath(path)
	}
	hear := func(o verbose) {
		said.WriteString(o.LastErrorText() + o.LastErrorXml() + o.LastErrorHtml())
		if err := o.LastError(); err != nil {
			said.WriteString(err.Error())
		}
	}
	server := echoServer(t)
	host, port := hostPort(t, server.URL())
	const wrong = "canary-that-is-wrong"

	for _, password := range []string{hopPassword, wrong} {
		for _, way := range []func(*chilkat.Socket){
			through(httpProxy(t, "Basic"), "Basic"),
			through(httpProxy(t, "Digest"), ""),
			func(s *chilkat.Socket) {
				s.SetSocksVersion(5)
				s.SetSocksHostname("127.0.0.1")
				s.SetSocksPort(socksProxy(t, 5).port())
				s.SetSocksUsername(hopUser)
			},
		} {
			s := client(t)
			listen(s)
			s.SetKeepSessionLog(true)
			way(s)
			s.SetHttpProxyUsername(hopUser)
			s.SetHttpProxyPassword(password)
			hear(s)
			s.SetSocksPassword(password)
			hear(s)
			want(t, "Connect", s.Connect(host, port, false, enough), password == hopPassword)
			hear(s)
			if s.IsConnected() {
				echoes(t, over(t, s))
			}
			said.WriteString(s.SessionLog())
		}
		ssh, known, private := sshServer(t)
		s, key := client(t), chilkat.NewSshKey()
		listen(s)
		listen(key)
		s.SetSshKnownHostsPath(ssh.knownHosts(t, known))
		must(t, s.SshOpenTunnel("127.0.0.1", ssh.port()), s)
		s.SshAuthenticatePw(hopUser, password)
		hear(s)
		key.SetPassword(password)
		hear(key)
		key.FromOpenSshPrivateKey(private)
		hear(key)
	}

	rest, oauth1, oauth2, aws := newRest(t), chilkat.NewOAuth1(), chilkat.NewOAuth2(), chilkat.NewAuthAws()
	for _, o := range []verbose{rest, oauth1, oauth2, aws} {
		listen(o)
	}
	oauth1.SetConsumerKey("key")
	oauth1.SetConsumerSecret(canary)
	hear(oauth1)
	oauth1.SetTokenSecret(canary)
	hear(oauth1)
	oauth2.SetAccessToken(canary)
	hear(oauth2)
	aws.SetAccessKey("key")
	aws.SetSecretKey(canary)
	hear(aws)
	aws.SetSessionToken(canary)
	hear(aws)
	aws.SetRegion("r")
	aws.SetServiceName("s")
	for _, set := range []func() bool{
		func() bool { return rest.SetAuthBasic(hopUser, canary) },
		func() bool { return rest.SetAuthOAuth1(oauth1, true) },
		func() bool { return rest.SetAuthOAuth2(oauth2) },
		func() bool { return rest.SetAuthAws(aws) },
	} {
		must(t, rest.Connect(host, port, false, false), rest)
		must(t, set(), rest)
		hear(rest)
		if rest.FullRequestNoBody("GET", "/") == nil {
			t.Error(rest.LastErrorText())
		}
		hear(rest)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	said.Write(file)
	for _, secret := range []string{
		hopPassword, wrong, canary, "BEGIN OPENSSH",
		"YWxpY2U6Y2FuYXJ5", // Basic credentials begin so
		"oauth_signature=" + "%", "Credential=key",
	} {
		if i := strings.Index(said.String(), secret); i >= 0 {
			t.Errorf("%q was said: ...%s...", secret, said.String()[max(0, i-200):min(said.Len(), i+100)])
		}
	}
	if said.Len() < 10000 || !strings.Contains(string(file), "SshAuthenticatePw") {
		t.Error("nothing was heard")
	}
}
