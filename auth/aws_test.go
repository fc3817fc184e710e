package auth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/auth"
)

// The credentials, the time and the session token of the published test suite
// for Signature Version 4.
const (
	suiteSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	suiteToken  = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)

func suiteAWS() auth.AWS {
	return auth.AWS{
		AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: suiteSecret, Region: "us-east-1", Service: "service",
		Now: func() time.Time { return time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC) },
	}
}

func TestAWSVectors(t *testing.T) {
	for _, c := range []struct {
		name, method, url, token, fields, signature string
	}{
		{"get-vanilla", "GET", "wss://example.amazonaws.com/", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla, no path, default port", "GET", "wss://example.amazonaws.com:443", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla over ws", "GET", "ws://EXAMPLE.amazonaws.com:80/", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla-query-order-key-case", "GET", "wss://example.amazonaws.com/?Param2=value2&Param1=value1", "", "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"get-vanilla-query-unreserved", "GET", "wss://example.amazonaws.com/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "", "host;x-amz-date", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
		{"post-sts-header-before", "POST", "wss://example.amazonaws.com/", suiteToken, "host;x-amz-date;x-amz-security-token", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, r := suiteAWS(), get(t, c.url)
			a.SessionToken, r.Method = c.token, c.method
			r.Header.Set("Sec-WebSocket-Version", "13")
			if _, err := play(a, r); err != nil {
				t.Fatal(err)
			}
			want := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=" + c.fields + ", Signature=" + c.signature
			if got := r.Header.Get("Authorization"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if r.Header.Get("X-Amz-Date") != "20150830T123600Z" || r.Header.Get("X-Amz-Security-Token") != c.token {
				t.Errorf("fields: %v", r.Header)
			}
		})
	}
}

// presigned computes the signature of a presigned URL from the URL alone, as a
// service does. unsigned are parameters that the service takes off before.
func presigned(t *testing.T, u *url.URL, host, secret string, unsigned ...string) string {
	t.Helper()
	mac := func(key []byte, s string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(s))
		return h.Sum(nil)
	}
	sum := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return hex.EncodeToString(h[:])
	}
	var pairs []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if name, _, _ := strings.Cut(pair, "="); name != "X-Amz-Signature" && !slices.Contains(unsigned, name) {
			pairs = append(pairs, pair)
		}
	}
	slices.Sort(pairs)
	q := u.Query()
	scope := strings.Split(q.Get("X-Amz-Credential"), "/")
	canonical := strings.Join([]string{"GET", u.EscapedPath(), strings.Join(pairs, "&"), "host:" + host, "", "host", sum("")}, "\n")
	text := strings.Join([]string{q.Get("X-Amz-Algorithm"), q.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), sum(canonical)}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range append(scope[1:], text) {
		key = mac(key, part)
	}
	return hex.EncodeToString(key)
}

func TestAWSPresign(t *testing.T) {
	for _, c := range []struct {
		name, service, url, token, expires string
	}{
		{"no token", "transcribe", "wss://example.amazonaws.com:8443/stream?sample-rate=8000&language-code=en-US", "", "300"},
		{"signed token", "transcribe", "wss://example.amazonaws.com:8443/stream", suiteToken, "300"},
		{"the caller's expiry", "transcribe", "wss://example.amazonaws.com:8443/stream?X-Amz-Expires=60&a=b%20c", "", "60"},
		{"IoT without a token", "iotdevicegateway", "wss://example.amazonaws.com:8443/mqtt", "", "300"},
		{"IoT adds the token after signing", "iotdevicegateway", "wss://example.amazonaws.com:8443/mqtt", suiteToken, "300"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, r := suiteAWS(), get(t, c.url)
			a.Service, a.SessionToken, a.Presign = c.service, c.token, true
			if _, err := play(a, r); err != nil {
				t.Fatal(err)
			}
			var unsigned []string
			if c.service == "iotdevicegateway" {
				unsigned = ask("X-Amz-Security-Token")
				if c.token != "" && !strings.HasSuffix(r.URL.RawQuery, "&X-Amz-Security-Token="+url.QueryEscape(c.token)) {
					t.Errorf("the token is not at the end of %s", r.URL.RawQuery)
				}
			}
			q := r.URL.Query()
			if want := presigned(t, r.URL, "example.amazonaws.com:8443", suiteSecret, unsigned...); q.Get("X-Amz-Signature") != want {
				t.Errorf("signature %s wanted in %s", want, r.URL.RawQuery)
			}
			if q.Get("X-Amz-Security-Token") != c.token || q.Get("X-Amz-Expires") != c.expires || len(q["X-Amz-Date"]) != 1 {
				t.Errorf("got %s", r.URL.RawQuery)
			}
			before, err := url.Parse(c.url)
			if err != nil {
				t.Fatal(err)
			}
			for name, values := range before.Query() {
				if !slices.Equal(q[name], values) {
					t.Errorf("%s was changed: %s", name, r.URL.RawQuery)
				}
			}
			if len(r.Header) != 0 {
				t.Errorf("fields: %v", r.Header)
			}
		})
	}
}

func TestAWSErrors(t *testing.T) {
	good := auth.AWS{AccessKeyID: "A", SecretAccessKey: canary, SessionToken: canary, Region: "r", Service: "s"}
	for _, c := range []struct {
		row    string
		change func(*auth.AWS)
		r      *auth.Request
		says   string
	}{
		{"L32 key", func(a *auth.AWS) { a.AccessKeyID = "a\r\n" }, nil, "access key ID"},
		{"L32 secret", func(a *auth.AWS) { a.SecretAccessKey += "\n" }, nil, "secret access key"},
		{"L32 token", func(a *auth.AWS) { a.SessionToken += "\r\nX: y" }, nil, "session token"},
		{"L32 region", func(a *auth.AWS) { a.Region = "\x00" }, nil, "region"},
		{"L32 service", func(a *auth.AWS) { a.Service = "\x7f" }, nil, "service"},
		{"no secret", func(a *auth.AWS) { a.SecretAccessKey = "" }, nil, "needs"},
		{"no region", func(a *auth.AWS) { a.Region = "" }, nil, "needs"},
		{"a proxy", nil, connect("h:1"), "not to proxies"},
		{"a bad query", nil, get(t, "wss://h/?a=%zz"+canary), "cannot be signed"},
		{"a bad query, presigned", func(a *auth.AWS) { a.Presign = true }, get(t, "wss://h/?a;"+canary), "cannot be signed"},
	} {
		t.Run(c.row, func(t *testing.T) {
			a, r := good, c.r
			if c.change != nil {
				c.change(&a)
			}
			if r == nil {
				r = get(t, "wss://h/")
			}
			_, err := play(a, r)
			fails(t, err, nil, c.says)
			if len(r.Header) != 0 {
				t.Errorf("something was written: %v", r.Header)
			}
		})
	}
	for _, presign := range []bool{false, true} {
		good.Presign = presign
		sent, err := play(good, get(t, "wss://h/"), ask("AWS4-HMAC-SHA256"))
		fails(t, err, auth.ErrRefused, "AWS4")
		if len(sent) != 1 {
			t.Errorf("%d requests", len(sent))
		}
	}
}

// What the caller wrote into the request is signed when it is an X-Amz field,
// and stays as it is.
func TestAWSLeavesFieldsAlone(t *testing.T) {
	r := get(t, "wss://h/?b=2&a=1")
	date := []string{"old"}
	r.Header["X-Amz-Date"] = date
	r.Header.Set("X-Amz-Target", "t")
	r.Header.Set("Origin", "https://h")
	sent, err := play(suiteAWS(), r)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(sent[0], "SignedHeaders=host;x-amz-date;x-amz-target,") || r.URL.RawQuery != "a=1&b=2" {
		t.Errorf("got %s, %s", sent[0], r.URL.RawQuery)
	}
	if date[0] != "old" || r.Header.Get("X-Amz-Date") != "20150830T123600Z" || r.Header.Get("Origin") == "" {
		t.Errorf("fields: %v, %v", date, r.Header)
	}
}
