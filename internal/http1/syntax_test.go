package http1_test

import (
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

func TestValidBytes(t *testing.T) {
	const token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for c := range 256 {
		s := "a" + string([]byte{byte(c)}) + "b"
		if got, want := http1.ValidFieldName(s), strings.IndexByte(token, byte(c)) >= 0; got != want {
			t.Errorf("ValidFieldName(%q) is %v", s, got)
		}
		if got, want := http1.ValidFieldValue(s), c == '\t' || c >= 0x20 && c != 0x7f; got != want {
			t.Errorf("ValidFieldValue(%q) is %v", s, got)
		}
		if got, want := http1.ValidTarget(s), c > 0x20 && c < 0x7f && c != '#'; got != want {
			t.Errorf("ValidTarget(%q) is %v", s, got)
		}
	}
	if http1.ValidFieldName("") || !http1.ValidFieldValue("") || http1.ValidTarget("") {
		t.Error("the empty string is a value, but neither a name nor a target")
	}
}

func TestHasToken(t *testing.T) {
	for _, tt := range []struct {
		values []string
		want   bool
	}{
		{nil, false},
		{[]string{""}, false},
		{[]string{"Upgrade"}, true},
		{[]string{"UPGRADE"}, true},
		{[]string{"keep-alive, Upgrade"}, true},
		{[]string{"Upgrade,keep-alive"}, true},
		{[]string{",\t, upgrade \t,,"}, true},
		{[]string{"close", "x, upgrade"}, true},
		{[]string{"notupgrade"}, false},
		{[]string{"upgraded"}, false},
		{[]string{"up grade"}, false},
		{[]string{"upgrade;q=1"}, false},
		{[]string{"close"}, false},
		{[]string{`"a, upgrade, b"`}, false},
		{[]string{`"a\", upgrade`}, false},
		{[]string{`"a\\", upgrade`}, true},
		{[]string{`a\", upgrade`}, false},
		{[]string{`"upgrade"`}, false},
		{[]string{`"x\`}, false},
		{[]string{"\u00a0upgrade"}, false},
	} {
		if got := http1.HasToken(tt.values, "upgrade"); got != tt.want {
			t.Errorf("HasToken(%q) is %v", tt.values, got)
		}
	}
}

func TestEqualFold(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"", "", true},
		{"WebSocket", "wEBsOCKET", true},
		{"AZ", "az", true},
		{"websocket", "websocke", false},
		{"websocket", "websockeu", false},
		{"[", "{", false},
		{"@", "`", false},
		{"\u212a", "k", false},
		{"\u212a", "kkk", false},
		{"\u017f", "ss", false},
	} {
		if got := http1.EqualFold(tt.a, tt.b); got != tt.want {
			t.Errorf("EqualFold(%q, %q) is %v", tt.a, tt.b, got)
		}
	}
}
