package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/url"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
)

// oauthBase is the text that OAuth signs for a request to wss://h/p with the
// parameters p, none of which needs escaping.
func oauthBase(t *testing.T, p map[string]string) string {
	t.Helper()
	return "GET&https%3A%2F%2Fh%2Fp&" + url.QueryEscape("oauth_consumer_key="+p["oauth_consumer_key"]+"&oauth_nonce="+p["oauth_nonce"]+
		"&oauth_signature_method="+p["oauth_signature_method"]+"&oauth_timestamp="+p["oauth_timestamp"])
}

func TestOAuth1Methods(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	nonces := map[string]bool{}
	for _, method := range []auth.SignatureMethod{auth.HMACSHA256, auth.RSASHA1} {
		sent, err := play(auth.OAuth1{ConsumerKey: "key", ConsumerSecret: canary, SignatureMethod: method, PrivateKey: key}, get(t, "wss://h/p"))
		if err != nil {
			t.Fatal(err)
		}
		p := params(t, sent[0], "OAuth")
		nonces[p["oauth_nonce"]] = true
		text, err := url.QueryUnescape(p["oauth_signature"])
		if err != nil {
			t.Fatal(err)
		}
		signature, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		base := oauthBase(t, p)
		if method == auth.RSASHA1 {
			sum := sha1.Sum([]byte(base))
			if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA1, sum[:], signature); err != nil {
				t.Error(err)
			}
			continue
		}
		mac := hmac.New(sha256.New, []byte(canary+"&"))
		mac.Write([]byte(base))
		if !hmac.Equal(signature, mac.Sum(nil)) {
			t.Errorf("wrong signature in %s", sent[0])
		}
	}
	if len(nonces) != 2 || nonces[""] {
		t.Errorf("nonces: %v", nonces)
	}
}

func TestOAuth1Errors(t *testing.T) {
	good := auth.OAuth1{ConsumerKey: "k", ConsumerSecret: canary, Token: "t", TokenSecret: canary}
	for _, c := range []struct {
		row    string
		change func(*auth.OAuth1)
		r      *auth.Request
		says   string
	}{
		{"L32 consumer key", func(o *auth.OAuth1) { o.ConsumerKey = "a\n" }, nil, "consumer key"},
		{"L32 consumer secret", func(o *auth.OAuth1) { o.ConsumerSecret += "\n" }, nil, "consumer secret"},
		{"L32 token", func(o *auth.OAuth1) { o.Token = canary + "\r" }, nil, "token"},
		{"L32 token secret", func(o *auth.OAuth1) { o.TokenSecret += "\x00" }, nil, "token secret"},
		{"L32 realm", func(o *auth.OAuth1) { o.Realm = "x\r\nY: z" }, nil, "realm"},
		{"no key", func(o *auth.OAuth1) { o.ConsumerKey = "" }, nil, "ConsumerKey"},
		{"PLAINTEXT", func(o *auth.OAuth1) { o.SignatureMethod = "PLAINTEXT" }, nil, "SignatureMethod"},
		{"no private key", func(o *auth.OAuth1) { o.SignatureMethod = auth.RSASHA1 }, nil, "PrivateKey"},
		{"an empty private key", func(o *auth.OAuth1) {
			o.SignatureMethod, o.PrivateKey = auth.RSASHA1, new(rsa.PrivateKey)
		}, nil, "PrivateKey"},
		{"a proxy", nil, connect("h:1"), "not to proxies"},
		{"signed already", nil, get(t, "wss://h/?oauth_token="+canary), "remove them"},
		{"a bad query", nil, get(t, "wss://h/?a=%zz"+canary), "cannot be signed"},
		{"a query that servers read in two ways", nil, get(t, "wss://h/?a=1;b="+canary), "cannot be signed"},
	} {
		t.Run(c.row, func(t *testing.T) {
			o, r := good, c.r
			if c.change != nil {
				c.change(&o)
			}
			if r == nil {
				r = get(t, "wss://h/")
			}
			_, err := play(o, r)
			fails(t, err, nil, c.says)
		})
	}
	sent, err := play(good, get(t, "wss://h/"), ask(`OAuth realm="`+canary+`"`))
	fails(t, err, auth.ErrRefused, "OAuth")
	if len(sent) != 1 {
		t.Errorf("%d requests", len(sent))
	}
	_, err = play(good, get(t, "wss://h/"), ask("Basic"))
	fails(t, err, auth.ErrNotOffered, "basic")
}

func TestParseRSAKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	other, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	for _, text := range [][]byte{
		block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), append([]byte("comment\n"), block("PRIVATE KEY", pkcs8)...),
	} {
		if got, err := auth.ParseRSAKey(text); err != nil || !got.Equal(key) {
			t.Errorf("%.30s: %v", text, err)
		}
	}
	for _, c := range []struct {
		text []byte
		says string
	}{
		{nil, "no PEM block"},
		{[]byte(canary), "no PEM block"},
		{block("PRIVATE KEY", []byte(canary)), "not a private key"},
		{block("PRIVATE KEY", other), "not an RSA key"},
	} {
		_, err := auth.ParseRSAKey(c.text)
		fails(t, err, nil, c.says)
	}
	if _, err := play(auth.OAuth1{ConsumerKey: "k", SignatureMethod: auth.RSASHA1, PrivateKey: key, Realm: `a"b`}, get(t, "ws://h/")); err != nil {
		t.Error(err)
	}
	sent, _ := play(auth.OAuth1{ConsumerKey: "k", Realm: `a"b`}, get(t, "ws://h/"))
	if !strings.HasPrefix(sent[0], `OAuth realm="a\"b", `) {
		t.Errorf("got %s", sent[0])
	}
}
