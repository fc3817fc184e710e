package fairlead

import (
	"testing"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// FuzzLocation demands of whatever a server may redirect to that it is a URL which
// can be dialled, without userinfo and of one form.
func FuzzLocation(f *testing.F) {
	for _, seed := range []string{
		"ws://b.example/x?y=z#f", "//b.example", "../c", "?d", "ws://u:p@b.example:81/", "https://[::1]/", "javascript:alert(1)", "///x", "/%0d%0a", "ws:b", "/\xff ü",
	} {
		f.Add(seed)
	}
	from, err := parseURL("ws://user:pw@a.example:8080/dir/file?q")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer fuzzlimit.Input(t)()
		to, err := locate(from, []string{text})
		if err != nil {
			checkHarmless(t, err)
			return
		}
		again, err := parseURL(to.url("ws", "wss").String())
		if again.host = to.host; err != nil || to.user != nil || again.hdr != to.hdr || again.path != to.path || again.tls != to.tls { // a zone is not in hdr
			t.Fatalf("%q: %+v, again %+v, %v", text, to, again, err)
		}
	})
}
