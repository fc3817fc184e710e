package connect

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// build parses a command line and builds.
func build(t *testing.T, env map[string]string, args ...string) (*Setup, error) {
	t.Helper()
	var f Flags
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f.Register(fs, "")
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	var warnings strings.Builder
	s, err := f.Build(strings.Join(fs.Args(), " "), Env{Getenv: func(name string) string { return env[name] }, Err: &warnings})
	if s != nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func mustBuild(t *testing.T, env map[string]string, args ...string) *Setup {
	t.Helper()
	s, err := build(t, env, args...)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return s
}

func TestURL(t *testing.T) {
	for text, want := range map[string]string{
		":8000":                  "ws://localhost:8000",
		":8000/chat":             "ws://localhost:8000/chat",
		"example.com":            "ws://example.com",
		"example.com:9000/x?y=z": "ws://example.com:9000/x?y=z",
		"example.com:443":        "wss://example.com:443",
		"[::1]:8080":             "ws://[::1]:8080",
		"https://example.com/a":  "https://example.com/a",
		"wss://example.com":      "wss://example.com",
	} {
		if got := URL(text); got != want {
			t.Errorf("URL(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{"2": 2 * time.Second, "1.5": 1500 * time.Millisecond, "300ms": 300 * time.Millisecond, "1m": time.Minute, "0": 0} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "-1s", "x", "1e300", "NaN", "Inf"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]Size{"0": 0, "500": 500, "64k": 64 << 10, "10M": 10 << 20, "1g": 1 << 30} {
		var got Size
		if err := got.Set(text); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "k", "-1", "1kk", "1T", "9999999999999999999", "9999999999G"} {
		var got Size
		if err := got.Set(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

// TestRefused: each has its exit code, and no secret in its text.
func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		code int
		args []string
	}{
		{exit.Usage, nil},
		{exit.URL, []string{"ws://"}},
		{exit.URL, []string{"ws://[::1"}},
		{exit.Usage, []string{"-H", "opensesame", ":1"}},
		{exit.Usage, []string{"-H", "a b: opensesame", ":1"}},
		{exit.Read, []string{"-H", "@/does/not/exist", ":1"}},
		{exit.Usage, []string{"-A", "x", "-H", "User-Agent: y", ":1"}},
		{exit.Usage, []string{"--digest", "--ntlm", "-u", "a:opensesame", ":1"}},
		{exit.Usage, []string{"--digest", ":1"}},
		{exit.Usage, []string{"-u", "nobody", ":1"}},
		{exit.Usage, []string{"-u", "a:opensesame", "--oauth2-bearer", "opensesame", ":1"}},
		{exit.Usage, []string{"--aws-sigv4", "opensesame", "-u", "a:opensesame", ":1"}},
		{exit.Usage, []string{"--aws-sigv4", "aws:amz:r:s", ":1"}},
		{exit.Read, []string{"--netrc-file", "/does/not/exist", ":1"}},
		{exit.Read, []string{"-b", "@/does/not/exist", ":1"}},
		{exit.CAFile, []string{"--cacert", "/does/not/exist", ":1"}},
		{exit.CAFile, []string{"--capath", "/does/not/exist", ":1"}},
		{exit.ClientCert, []string{"--cert", "/does/not/exist:opensesame", ":1"}},
		{exit.Usage, []string{"--key", "x", ":1"}},
		{exit.Usage, []string{"--tls-max", "1.1", ":1"}},
		{exit.Usage, []string{"--tls-max", "1.2", "--tlsv1.3", ":1"}},
		{exit.Usage, []string{"--ciphers", "RC4-SHA", ":1"}},
		{exit.Usage, []string{"--pinnedpubkey", "sha256//x", ":1"}},
		{exit.Usage, []string{"-x", "ftp://opensesame@p:1", ":1"}},
		{exit.Usage, []string{"--via", "http://p:1/opensesame", ":1"}},
		{exit.Usage, []string{"--proxy-user", "a:opensesame", ":1"}},
		{exit.Usage, []string{"--resolve", "host:1", ":1"}},
		{exit.Usage, []string{"--resolve", "host:1:name", ":1"}},
		{exit.Usage, []string{"--connect-to", "a:1:b", ":1"}},
		{exit.Usage, []string{"-4", "-6", ":1"}},
		{exit.Usage, []string{"--interface", "nosuch0", ":1"}},
		{exit.Usage, []string{"--unix-socket", "a", "--abstract-unix-socket", "b", ":1"}},
		{exit.Usage, []string{"--compression", "gzip", ":1"}},
		{exit.Usage, []string{"-L", "--max-redirs", "11", ":1"}},
		{exit.Usage, []string{"--profile", "none", ":1"}},
	} {
		_, err := build(t, nil, tt.args...)
		if err == nil || exit.Code(err) != tt.code {
			t.Errorf("%q: %v (exit code %d), want exit code %d", tt.args, err, exit.Code(err), tt.code)
		} else if strings.Contains(err.Error(), "opensesame") {
			t.Errorf("%q: a secret is in the error %q", tt.args, err)
		}
	}
}

// request dials an echo server and returns the fields of the request.
func request(t *testing.T, opts wstest.Options, args ...string) http.Header {
	t.Helper()
	got := http.Header{}
	opts.Check = func(_ string, fields []handshake.Field) (int, []handshake.Field) {
		for _, f := range fields {
			got.Add(f.Name, f.Value)
		}
		return 0, nil
	}
	s, err := wstest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dial(t, mustBuild(t, nil, append(args, s.URL()+"/chat")...))
	return got
}

func dial(t *testing.T, s *Setup) {
	t.Helper()
	c, err := s.Dialer.Dial(t.Context(), s.URL)
	if err != nil {
		t.Fatalf("%s: %v", s.URL, err)
	}
	c.CloseNow()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRequestFields(t *testing.T) {
	fields := write(t, "fields", "# a comment\nX-Two: 2\r\n\nX-Empty;\n")
	got := request(t, wstest.Options{Subprotocols: []string{"b"}}, "-H", "X-One: 1", "-H", "@"+fields, "-A", "agent", "-e", "http://from/", "--origin", "http://o",
		"-s", "a", "-s", "b", "-b", "c=1; d=2", "-b", "e=3", "--compression", "takeover")
	for name, want := range map[string]string{
		"X-One": "1", "X-Two": "2", "X-Empty": "", "User-Agent": "agent", "Referer": "http://from/", "Origin": "http://o",
		"Cookie": "c=1; d=2; e=3", "Sec-WebSocket-Protocol": "a, b",
	} {
		if _, ok := got[http.CanonicalHeaderKey(name)]; !ok || got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Values(name), want)
		}
	}
	if !strings.HasPrefix(got.Get("Sec-WebSocket-Extensions"), "permessage-deflate") {
		t.Error("compression was not offered")
	}
}

func TestLogin(t *testing.T) {
	netrc := write(t, "netrc", "# logins\r\nmachine other login x password y\r\nmacdef init\nmachine 127.0.0.1 login evil\n\nmachine 127.0.0.1\n  login user\n  password \"pass word\"\n")
	basic := "Basic dXNlcjpwYXNzIHdvcmQ="
	secretFile := write(t, "login", "user:pass word\n")
	for name, args := range map[string][]string{
		"user":  {"-u", "user:pass word"},
		"file":  {"-u", "@" + secretFile},
		"netrc": {"--netrc-file", netrc},
		"basic": {"--basic", "-u", "user:pass word"},
	} {
		if got := request(t, wstest.Options{}, args...).Get("Authorization"); got != basic {
			t.Errorf("%s: Authorization %q", name, got)
		}
	}
	token := write(t, "token", "tok\n")
	if got := request(t, wstest.Options{}, "--oauth2-bearer", "@"+token).Get("Authorization"); got != "Bearer tok" {
		t.Errorf("bearer: Authorization %q", got)
	}
	if got := request(t, wstest.Options{}, "--aws-sigv4", "aws:amz:eu-central-1:execute-api", "-u", "id:key").Get("Authorization"); !strings.HasPrefix(got, "AWS4-HMAC-SHA256 Credential=id/") {
		t.Errorf("aws-sigv4: Authorization %q", got)
	}
	for flag, want := range map[string]any{"--digest": auth.Digest{Username: "a", Password: "b"}, "--ntlm": auth.NTLM{Username: "a", Password: "b"}, "--anyauth": auth.Password{Username: "a", Password: "b"}} {
		if got := mustBuild(t, nil, flag, "-u", "a:b", ":1").Dialer.Auth; got != want {
			t.Errorf("%s: %T", flag, got)
		}
	}
	if s := mustBuild(t, nil, "ws://user:opensesame@h/"); s.URL != "ws://h/" || s.Dialer.Auth != (auth.Basic{Username: "user", Password: "opensesame"}) {
		t.Errorf("a user in the URL: %q", s.URL)
	}
}

func TestPasswordIsAskedFor(t *testing.T) {
	var f Flags
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f.Register(fs, "")
	if err := fs.Parse([]string{"-u", "me"}); err != nil {
		t.Fatal(err)
	}
	asked := ""
	s, err := f.Build("ws://h", Env{AskPassword: func(prompt string) (string, error) { asked = prompt; return "secret", nil }})
	if err != nil || s.Dialer.Auth != (auth.Basic{Username: "me", Password: "secret"}) || !strings.Contains(asked, "me") {
		t.Errorf("asked %q, error %v", asked, err)
	}
}

func TestPrecedence(t *testing.T) {
	config := t.TempDir()
	if err := os.MkdirAll(filepath.Join(config, "fairlead"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(config, "fairlead", "profiles.toml")
	text := "[default]\nreferer = 'r-default'\norigin = 'o-default'\n[p]\nurl = 'wss://host/p'\norigin = 'o-profile'\nuser-agent = 'a-profile'\nsubprotocol = ['x', 'y']\nmax-time = 3\nlocation = true\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"XDG_CONFIG_HOME": config, "FAIRLEAD_ORIGIN": "o-env", "FAIRLEAD_USER_AGENT": "a-env", "FAIRLEAD_INSECURE": "true"}
	s := mustBuild(t, env, "--profile", "p", "-A", "a-flag")
	h := s.Dialer.Header
	if h.Get("User-Agent") != "a-flag" || h.Get("Origin") != "o-env" || h.Get("Referer") != "r-default" {
		t.Errorf("fields %v", h)
	}
	if s.URL != "wss://host/p" || strings.Join(s.Dialer.Subprotocols, " ") != "x y" || s.MaxTime != 3*time.Second || s.Dialer.Redirects != 10 {
		t.Errorf("URL %q, subprotocols %q, max-time %v, redirects %d", s.URL, s.Dialer.Subprotocols, s.MaxTime, s.Dialer.Redirects)
	}
	if s.Dialer.TLS.InsecureSkipVerify {
		t.Error("a variable alone made the connection insecure")
	}
	if s := mustBuild(t, env, "--profile", "p", "ws://mine"); s.URL != "ws://mine" {
		t.Errorf("URL %q", s.URL)
	}
	for text, want := range map[string]string{"[p]\nnosuch = 1": "--nosuch", "[p\n": "line 1", "[p]\nmax-time = 'opensesame'": "max-time"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := build(t, env, "--profile", "p", ":1"); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "opensesame") {
			t.Errorf("%q: %v, want %q in it", text, err, want)
		}
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := build(t, env, ":1"); exit.Code(err) != exit.Read {
		t.Errorf("a file that others can change: %v", err)
	}
}

func TestReservedLetters(t *testing.T) {
	var f Flags
	fs := pflag.NewFlagSet("bench", pflag.ContinueOnError)
	fs.IntP("connections", "c", 1, "")
	f.Register(fs, "c")
	if fs.Lookup("cookie-jar").Shorthand != "" || fs.Lookup("connections").Shorthand != "c" {
		t.Error("-c is not what the command wants")
	}
}

func TestMaxTime(t *testing.T) {
	s := mustBuild(t, nil, "-m", "0.001", ":1")
	ctx, cancel := s.Context(t.Context())
	defer cancel()
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) || exit.Code(context.Cause(ctx)) != exit.Timeout {
		t.Errorf("%v", context.Cause(ctx))
	}
}
