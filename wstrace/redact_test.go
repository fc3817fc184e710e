package wstrace_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fairlead-ws/fairlead/wstrace"
)

func TestRedactTarget(t *testing.T) {
	for _, test := range []struct{ target, want string }{
		{"", ""},
		{"/", "/"},
		{"*", "*"},
		{"/chat", "/chat"},
		{"/chat?token=s3cret", "/chat?token=***"},
		{"/chat?token=s3cret&room=7;x=y", "/chat?token=***&room=***;x=***"},
		{"/chat?a=b=c", "/chat?a=***"},
		{"/chat?eyJhbGciOi", "/chat?***"},
		{"/chat?c2VjcmV0==", "/chat?***"},
		{"/chat?a=", "/chat?***"},
		{"/chat?&&a=b&", "/chat?&&a=***&"},
		{"/chat?", "/chat?"},
		{"/chat?a=b?c=d", "/chat?a=***"},
		{"/chat#access_token=s3cret", "/chat#***"},
		{"/chat?a=b#c?d=e", "/chat?a=***#***"},
		{"/@user/feed", "/@user/feed"},
		{"/a//b@c", "/a//b@c"},
		{"/login?next=http://u:p@h/", "/login?next=***"},
		{"ws://host.example:8080/chat", "ws://host.example:8080/chat"},
		{"ws://host.example", "ws://host.example"},
		{"ws://user:pw@host.example/chat", "ws://***@host.example/chat"},
		{"ws://user@host.example", "ws://***@host.example"},
		{"ws://a@b@host.example", "ws://***@host.example"},
		{"ws://@host.example", "ws://@host.example"},
		{"ws://host.example/@user", "ws://host.example/@user"},
		{"ws://host.example:80/a@b?c=d", "ws://host.example:80/a@b?c=***"},
		{"ws://[::1]/a@b", "ws://[::1]/a@b"},
		{"ws://[::1]:80/a@b", "ws://[::1]:80/a@b"},
		{"ws://user:p/w@host.example/", "ws://***@host.example/"},
		{"ws://user:p?w@host.example/?a=b", "ws://***@host.example/?a=***"},
		{"ws://user:p#w@host.example/", "ws://***@host.example/"},
		{"ws://user:p:#w@host.example/", "ws://***@host.example/"},
		{"ws://user:/w@host.example/", "ws://***@host.example/"},
		{"ws://user:pw/no-at", "ws://user:pw/no-at"},
		{"//user:pw@host.example/x", "//***@host.example/x"},
		{"user:pw@host.example:443", "***@host.example:443"},
		{"host.example:443", "host.example:443"},
		{"host?x=ws://u:p@h", "host?x=***"},
	} {
		if got := wstrace.RedactTarget(test.target); got != test.want {
			t.Errorf("RedactTarget(%q) = %q, want %q", test.target, got, test.want)
		}
	}
}

func TestHeadMasksByName(t *testing.T) {
	long := strings.Repeat("x", 33)
	for _, test := range []struct{ name, value, want string }{
		{"Host", "example.com:8080", "example.com:8080"},
		{"Upgrade", "websocket", "websocket"},
		{"Connection", "keep-alive, Upgrade", "keep-alive, Upgrade"},
		{"Sec-WebSocket-Version", "13", "13"},
		{"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		{"Sec-WebSocket-Extensions", `permessage-deflate; client_max_window_bits="15"`, `permessage-deflate; client_max_window_bits="15"`},
		{"User-Agent", "Fairlead", "Fairlead"},
		{"Origin", "https://app.example", "https://app.example"},

		{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "***"},
		{"Authorization", "Basic dTpw", "Basic ***"},
		{"AUTHORIZATION", "Bearer abc def", "Bearer ***"},
		{"authorization", "abcdef", "***"},
		{"Authorization", "abc def", "***"},
		{"Authorization", "Basic\tdTpw x", "***"},
		{"Authorization", "", "***"},
		{"Authorization", " abcdef ", "***"},
		{"Proxy-Authorization", "Digest username=u, response=r", "Digest ***"},
		{"Proxy-Authorization", "NTLM TlRMTVNTUAAD", "NTLM ***"},
		{"WWW-Authenticate", `Basic realm="internal"`, "Basic ***"},
		{"Proxy-Authenticate", "Negotiate", "Negotiate"},
		{"Proxy-Authenticate", "ntlm", "ntlm"},
		{"Proxy-Authentication-Info", "nextnonce=1", "***"},
		{"Cookie", "sid=1; b=2", "***"},
		{"Set-Cookie", "sid=1; Path=/", "***"},
		{"X-Api-Key", "k", "***"},
		{"x-apikey", "k", "***"},
		{"Ocp-Apim-Subscription-Key", "k", "***"},
		{"X-Amz-Security-Token", "t", "***"},
		{"X-Amz-Signature", "t", "***"},
		{"X-Auth-User", "u", "***"},
		{"X-Client-Secret", "s", "***"},
		{"X-Password", "s", "***"},
		{"X-JWT-Assertion", "s", "***"},

		{"Location", "https://u:p@b.example/x?code=1#t", "https://***@b.example/x?code=***#***"},
		{"Referer", "https://b.example/x?code=1", "https://b.example/x?code=***"},
		{"Link", "<https://u:p@a.example>, <https://u:p@b.example>", "***"},

		{"Sec-WebSocket-Protocol", "chat, superchat", "chat, superchat"},
		{"Sec-WebSocket-Protocol", "access-token,  " + long, "access-token, ***"},
		{"Sec-WebSocket-Protocol", long[:32], long[:32]},
	} {
		for _, head := range []wstrace.Head{
			wstrace.NewRequestHead("GET", "/", wstrace.Field{Name: test.name, Value: test.value}),
			wstrace.NewResponseHead("HTTP/1.1 101 Switching Protocols", wstrace.Field{Name: test.name, Value: test.value}),
		} {
			if got := maps.Collect(head.Fields()); got[test.name] != test.want || len(got) != 1 {
				t.Errorf("%s: %s is shown as %q, want %q", test.name, test.value, got, test.want)
			}
		}
	}
}

func TestHead(t *testing.T) {
	fields := []wstrace.Field{{"Host", "a.example"}, {"X-B", "2"}, {"X-A", "1\x1b[31m"}, {"X-B", "3"}}
	head := wstrace.NewRequestHead("GET", "/x?a=b", fields...)
	fields[0].Value = "changed"
	if got, want := head.Line(), "GET /x?a=*** HTTP/1.1"; got != want {
		t.Errorf("Line = %q, want %q", got, want)
	}
	if got, want := head.String(), "GET /x?a=*** HTTP/1.1\nHost: a.example\nX-B: 2\nX-A: 1\\x1b[31m\nX-B: 3"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
	var first []string
	for name, value := range head.Fields() {
		first = append(first, name, value)
		if len(first) == 4 {
			break
		}
	}
	if got, want := fmt.Sprint(first), "[Host a.example X-B 2]"; got != want {
		t.Errorf("the first two fields are %s, want %s", got, want)
	}
	if got := wstrace.NewResponseHead("HTTP/1.1 403 Forbidden").Line(); got != "HTTP/1.1 403 Forbidden" {
		t.Errorf("Line of a response = %q", got)
	}
	if got := (wstrace.Head{}).String(); got != "" {
		t.Errorf("String of the zero value = %q", got)
	}
}

// TestNoSecretSurvives puts a canary where secrets are, in every form, and
// looks for it in all that can be got out of a Head again.
func TestNoSecretSurvives(t *testing.T) {
	const canary = "canary"
	rapid.Check(t, func(t *rapid.T) {
		filler := rapid.StringMatching(`[a-z0-9=+/:;,." \t-]{0,8}`)
		secret := filler.Draw(t, "before") + canary + filler.Draw(t, "after")
		name := rapid.SampledFrom([]string{
			"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Sec-WebSocket-Key", "X-Api-Key", "X-Access-Token",
		}).Draw(t, "name")
		value := secret
		if strings.HasSuffix(name, "uthorization") {
			value = rapid.SampledFrom([]string{"", "Basic ", "Bearer ", "NTLM "}).Draw(t, "scheme") + secret
		}
		password := rapid.StringMatching(`[a-z%/?#@:]{0,6}`).Draw(t, "password")
		target := "wss://user:x" + canary + password + "@host.example/chat?name=" + strings.NewReplacer("&", "", ";", "").Replace(secret)
		head := wstrace.NewRequestHead("GET", target, wstrace.Field{Name: name, Value: value})
		text, err := json.Marshal(wstrace.RequestStart{Head: head})
		if err != nil {
			t.Fatal(err)
		}
		var dump strings.Builder
		wstrace.Dump(&dump).RequestStart(wstrace.RequestStart{Head: head})
		for _, shown := range []string{head.Line(), head.String(), fmt.Sprintf("%v %+v %#v %q", head, head, head, head), string(text), dump.String()} {
			if strings.Contains(shown, canary) {
				t.Fatalf("%q and %s: %q show the secret: %s", target, name, value, shown)
			}
		}
	})
}
