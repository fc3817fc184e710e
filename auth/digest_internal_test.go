package auth

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// RFC 7616 section 3.9.1.
func TestDigestVectors(t *testing.T) {
	const (
		rest   = `realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
		before = `Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=`
		after  = `, opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
		middle = `, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response=`
	)
	md5, sha := "Digest algorithm=MD5, "+rest, "Digest algorithm=SHA-256, "+rest
	for _, c := range []struct {
		name       string
		challenges []string
		want       string
	}{
		{"MD5", []string{md5}, before + "MD5" + middle + `"8ca523f5e9506fed4657c9700eebdbec"` + after},
		{"SHA-256", []string{sha, md5}, before + "SHA-256" + middle + `"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"` + after},
		{"SHA-256 in one field", []string{md5 + ", " + sha}, before + "SHA-256" + middle + `"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"` + after},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newDigestScheme(Digest{Username: "Mufasa", Password: "Circle of Life"})
			s.cnonce = func() string { return "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" }
			r := &Request{Method: "GET", URL: &url.URL{Scheme: "http", Host: "www.example.org", Path: "/dir/index.html"}, Header: http.Header{}}
			if err := (&exchange{scheme: s}).Authorize(t.Context(), r, c.challenges); err != nil {
				t.Fatal(err)
			}
			if got := r.Header.Get("Authorization"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if strings.Contains(r.Header.Get("Authorization"), "Circle") {
				t.Error("the password was sent")
			}
		})
	}
}
