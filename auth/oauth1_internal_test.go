package auth

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// sign runs o with the time and the nonce of a published example.
func sign(t *testing.T, o OAuth1, method, raw string, seconds int64, nonce string) *Request {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	r := &Request{Method: method, URL: u, Header: http.Header{}}
	s := &oauth1Scheme{o: o, now: func() time.Time { return time.Unix(seconds, 0) }, nonce: func() string { return nonce }}
	if err := (&exchange{scheme: s}).Authorize(t.Context(), r, nil); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOAuth1Vectors(t *testing.T) {
	// RFC 5849 section 1.2, the last request.
	photos := OAuth1{
		ConsumerKey: "dpf43f3p2l4k3l03", ConsumerSecret: "kd94hf93k423kf44",
		Token: "nnch734d00sl2jdk", TokenSecret: "pfkkdhi9sl3r4s00", Realm: "Photos",
	}
	const want = `OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_nonce="chapoH", ` +
		`oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_token="nnch734d00sl2jdk", ` +
		`oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"`
	for _, u := range []string{
		"http://photos.example.net/photos?file=vacation.jpg&size=original",
		"ws://photos.example.net/photos?file=vacation.jpg&size=original",
		"WS://PHOTOS.example.net:80/photos?file=vacation.jpg&size=original",
	} {
		r := sign(t, photos, "GET", u, 137131202, "chapoH")
		if got := r.Header.Get("Authorization"); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", u, got, want)
		}
		if r.URL.RawQuery != "file=vacation.jpg&size=original" {
			t.Errorf("the query became %q", r.URL.RawQuery)
		}
	}

	photos.Query = true
	r := sign(t, photos, "GET", "ws://photos.example.net/photos?file=vacation.jpg&size=original", 137131202, "chapoH")
	const query = "file=vacation.jpg&size=original&oauth_consumer_key=dpf43f3p2l4k3l03&oauth_nonce=chapoH" +
		"&oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131202&oauth_token=nnch734d00sl2jdk" +
		"&oauth_signature=MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"
	if r.URL.RawQuery != query || len(r.Header) != 0 {
		t.Errorf("got %s, %v", r.URL.RawQuery, r.Header)
	}

	// RFC 5849 section 3.4.1.1, with the parameters of its body in the query
	// and the signature of its erratum
	r = sign(t, OAuth1{
		ConsumerKey: "9djdj82h48djs9d2", ConsumerSecret: "j49sk3j29djd", Token: "kkk9d7dh3k39sjv7", TokenSecret: "dh893hdasih9",
	}, "POST", "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q", 137131201, "7d8f3e4a")
	if got := r.Header.Get("Authorization"); !strings.HasSuffix(got, `oauth_signature="r6%2FTJjbCOr97%2F%2BUU0NsvSne7s5g%3D"`) {
		t.Errorf("got %s", got)
	}
}

func TestOAuth1SignatureBase(t *testing.T) {
	for _, c := range []struct {
		url, want string
		params    [][2]string
	}{
		// RFC 5849 section 3.4.1.1.
		{
			"http://example.com/request",
			"GET&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7",
			[][2]string{
				{"b5", "=%3D"},
				{"a3", "a"},
				{"c@", ""},
				{"a2", "r b"},
				{"oauth_consumer_key", "9djdj82h48djs9d2"},
				{"oauth_token", "kkk9d7dh3k39sjv7"},
				{"oauth_signature_method", "HMAC-SHA1"},
				{"oauth_timestamp", "137131201"},
				{"oauth_nonce", "7d8f3e4a"},
				{"c2", ""},
				{"a3", "2 q"},
			},
		},
		// Section 3.4.1.2.
		{"http://EXAMPLE.COM:80/r%20v/X?id=123", "GET&http%3A%2F%2Fexample.com%2Fr%2520v%2FX&", nil},
		{"https://www.example.net:8080/?q=1", "GET&https%3A%2F%2Fwww.example.net%3A8080%2F&", nil},
		{"wss://example.com:443", "GET&https%3A%2F%2Fexample.com%2F&", nil},
		{"wss://example.com:80/", "GET&https%3A%2F%2Fexample.com%3A80%2F&", nil},
		{"ws://[::1]:80/", "GET&http%3A%2F%2F%5B%3A%3A1%5D%2F&", nil},
		// Section 3.4.1.3.2: by the encoded name first, then by the value.
		{"ws://h/", "GET&http%3A%2F%2Fh%2F&a%3D1%26a%3D2%26a-b%3D0%26a1%3D0", [][2]string{{"a1", "0"}, {"a-b", "0"}, {"a", "2"}, {"a", "1"}}},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := signatureBase(&Request{Method: "get", URL: u}, c.params); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.url, got, c.want)
		}
	}
}
