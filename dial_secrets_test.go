package fairlead_test

import (
	"encoding/base64"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// canaryForms are what the canary looks like raw and in base64, at each of the
// three places where it can begin in a group. It has no character that % would
// escape; escapedCanary is for that.
var canaryForms = func() []string {
	all := []string{canary, url.QueryEscape("=" + canary)[3:], escapedCanary}
	for shift := range 3 {
		b := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + canary))
		all = append(all, b[4:len(b)-4]) // without what the neighbours of the canary change
	}
	return all
}()

// escapedCanary is how a URL escapes each byte of it.
var escapedCanary = func() string {
	var b strings.Builder
	for i := range len(canary) {
		b.WriteString("%" + string("0123456789ABCDEF"[canary[i]>>4]) + string("0123456789ABCDEF"[canary[i]&15]))
	}
	return b.String()
}()

func holdsCanary(text string) bool {
	for _, form := range canaryForms {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

// jarWith is a jar with one host-only cookie for the server of a URL.
func jarWith(t *testing.T, of, value string) http.CookieJar {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(strings.Replace(of, "ws", "http", 1))
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(u, []*http.Cookie{{Name: "c", Value: value, Path: "/"}})
	return jar
}
