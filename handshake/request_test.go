package handshake_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/handshake"
)

func TestKeys(t *testing.T) {
	if got := handshake.NewKey([16]byte([]byte("the sample nonce"))); got != key {
		t.Errorf("NewKey is %q, want %q", got, key)
	}
	if got := handshake.AcceptKey(key); got != accept {
		t.Errorf("AcceptKey is %q, want %q", got, accept)
	}
}

func TestRequestAppend(t *testing.T) {
	const start = "GET /chat?a=b HTTP/1.1\r\n" +
		"Host: example.com:8080\r\n" +
		"Upgrade: websocket\r\n" +
		"Connection: Upgrade\r\n" +
		"Sec-WebSocket-Key: " + key + "\r\n" +
		"Sec-WebSocket-Version: 13\r\n"
	req := handshake.Request{Host: "example.com:8080", Target: "/chat?a=b", Offer: handshake.Offer{Key: key}}
	for _, tt := range []struct {
		name   string
		change func(*handshake.Request)
		want   string
	}{
		{"bare", func(*handshake.Request) {}, start + "\r\n"},
		{"all", func(r *handshake.Request) {
			r.Offer = offer
			r.Fields = []handshake.Field{{Name: "Origin", Value: "http://example.com"}, {Name: "X-Te", Value: ""}}
		}, start + "Sec-WebSocket-Protocol: chat, superchat\r\n" +
			"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, permessage-deflate, x-mux\r\n" +
			"Origin: http://example.com\r\nX-Te: \r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := req
			tt.change(&r)
			got, err := r.Append([]byte("before"))
			if err != nil || string(got) != "before"+tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestRequestHost(t *testing.T) {
	for _, host := range []string{
		"example.com", "EXAMPLE.com.", "a", "127.0.0.1", "127.0.0.1:1", "example.com:65535", "xn--bcher-kva.example",
		"[::1]", "[::1]:443", "[2001:DB8::1.2.3.4]:8080", "my_host~1", "azAZ09.example:9", "a!$&'()*+,;=b",
	} {
		if _, err := (handshake.Request{Host: host, Target: "/", Offer: offer}).Append(nil); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
	for _, host := range []string{
		"", ":80", "a:", "a:0", "a:65536", "a:70000", "a:99999999999999999999", "a:080", "a:8x", "a:-1", "a:+1", "a:80:80",
		"a b", "a\tb", "a/b", "a?b", "a#b", "user@a", `a\b`, "a%31", "b\xc3\xbccher.example", "a\x80",
		"[::1", "::1", "[]", "[:]", "[::1]x", "[::1]80", "[::1]:", "[::1]:0", "[::1%25eth0]", "[1.2.3.4]", "[::g]", "[v1.a:b:c]", "a[::1]", "[[::1]]",
	} {
		dst, err := handshake.Request{Host: host, Target: "/", Offer: offer}.Append([]byte("x"))
		wantError(t, err, "Host", 0, "not a host name")
		if string(dst) != "x" {
			t.Errorf("%q: dst is now %q", host, dst)
		}
	}
}

// L32, L33, L35, E31: a control character in anything of the caller's is an
// error that names the field, never its value, and nothing is written.
func TestRequestControlCharacters(t *testing.T) {
	for _, c := range []string{"\r", "\n", "\r\n", "\x00", "\x01", "\x1b", "\x7f"} {
		for _, s := range []string{c + "s3cret", "s3cret" + c, "s3" + c + "cret"} {
			for _, tt := range []struct {
				field  string
				change func(*handshake.Request)
			}{
				{"Host", func(r *handshake.Request) { r.Host = s }},
				{"Target", func(r *handshake.Request) { r.Target = "/" + s }},
				{"Target", func(r *handshake.Request) { r.Target = "/?q=" + s }},
				{"Fields", func(r *handshake.Request) { r.Fields = []handshake.Field{{Name: "X-" + s, Value: "y"}} }},
				{"X-Token", func(r *handshake.Request) { r.Fields = []handshake.Field{{Name: "X-Token", Value: s}} }},
				{"Origin", func(r *handshake.Request) { r.Fields = []handshake.Field{{Name: "Origin", Value: s}} }},
				{"Cookie", func(r *handshake.Request) { r.Fields = []handshake.Field{{Name: "Cookie", Value: "a=" + s}} }},
				{"Authorization", func(r *handshake.Request) { r.Fields = []handshake.Field{{Name: "Authorization", Value: s}} }},
				{"Sec-WebSocket-Key", func(r *handshake.Request) { r.Offer.Key = s }},
				{"Sec-WebSocket-Key", func(r *handshake.Request) { r.Offer.Key = key[:23] + c }},
				{"Sec-WebSocket-Key", func(r *handshake.Request) { r.Offer.Key = key + c }},
				{"Sec-WebSocket-Protocol", func(r *handshake.Request) { r.Offer.Subprotocols = []string{"chat", s} }},
				{"Sec-WebSocket-Extensions", func(r *handshake.Request) { r.Offer.Extensions = extensions{{Name: s}} }},
				{"Sec-WebSocket-Extensions", func(r *handshake.Request) { r.Offer.Extensions = extensions{{Name: "a", Params: params{{Name: s}}}} }},
				{"Sec-WebSocket-Extensions", func(r *handshake.Request) {
					r.Offer.Extensions = extensions{{Name: "a", Params: params{{Name: "b", Value: s, HasValue: true}}}}
				}},
			} {
				r := handshake.Request{Host: "example.com", Target: "/", Offer: offer}
				tt.change(&r)
				dst, err := r.Append(nil)
				wantError(t, err, tt.field, 0, "")
				if len(dst) > 0 {
					t.Errorf("%s: %q was written", tt.field, dst)
				}
			}
		}
	}
}

func TestRequestTarget(t *testing.T) {
	for _, target := range []string{"/", "//", "/../a", "/a%0d%0ab?c=%00", "/?" + strings.Repeat("x", 1<<20), "/{}|^`\"<>"} {
		if _, err := (handshake.Request{Host: "a", Target: target, Offer: offer}).Append(nil); err != nil {
			t.Errorf("%.20q: %v", target, err)
		}
	}
	for _, target := range []string{"", "*", "chat", "?a", "http://a/", "/a b", "/a#b", "/\xc3\xa9", " /"} {
		_, err := handshake.Request{Host: "a", Target: target, Offer: offer}.Append(nil)
		wantError(t, err, "Target", 0, `must begin with "/"`)
	}
}

// E32, E33: fields that the handshake owns, and any field twice.
func TestRequestFieldsOwned(t *testing.T) {
	for _, name := range []string{
		"Host", "Connection", "Upgrade", "Content-Length", "Transfer-Encoding", "TE", "Trailer",
		"Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Sec-WebSocket-Accept", "Sec-WebSocket-Other",
	} {
		for _, name := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			r := handshake.Request{Host: "a", Target: "/", Offer: offer, Fields: []handshake.Field{{Name: "X", Value: "y"}, {Name: name, Value: "s3cret"}}}
			_, err := r.Append(nil)
			wantError(t, err, name, 0, "sets this field itself")
		}
	}
	r := handshake.Request{Host: "a", Target: "/", Offer: offer, Fields: []handshake.Field{{Name: "X-Key", Value: "s3cret"}, {Name: "x-kEY", Value: "s3cret"}}}
	_, err := r.Append(nil)
	wantError(t, err, "x-kEY", 0, "comes twice")
	for _, name := range []string{"", "X Y", "X:", "X\xc3\xa9", "Authorization: s3cret"} {
		r.Fields = []handshake.Field{{Name: "A", Value: "b"}, {Name: name, Value: "s3cret"}}
		_, err := r.Append(nil)
		wantError(t, err, "Fields", 0, "the name of field 2 is not a token")
	}
}

func TestRequestOffer(t *testing.T) {
	many := make(extensions, 33)
	for i := range many {
		many[i].Name = "x"
	}
	manyParams := make(params, 33)
	for i := range manyParams {
		manyParams[i].Name = "p" + strings.Repeat("x", i)
	}
	for _, tt := range []struct {
		name, field, text string
		change            func(*handshake.Offer)
	}{
		{"no key", "Sec-WebSocket-Key", "base64 of 16 bytes", func(o *handshake.Offer) { o.Key = "" }},
		{"key of 15 bytes", "Sec-WebSocket-Key", "base64", func(o *handshake.Offer) { o.Key = base64.StdEncoding.EncodeToString(make([]byte, 15)) }},
		{"key of 17 bytes", "Sec-WebSocket-Key", "base64", func(o *handshake.Offer) { o.Key = base64.StdEncoding.EncodeToString(make([]byte, 17)) }},
		{"key of 18 bytes", "Sec-WebSocket-Key", "base64", func(o *handshake.Offer) { o.Key = base64.StdEncoding.EncodeToString(make([]byte, 18)) }},
		{"key without padding", "Sec-WebSocket-Key", "base64", func(o *handshake.Offer) { o.Key = key[:22] }},
		{"key that is url-safe", "Sec-WebSocket-Key", "base64", func(o *handshake.Offer) { o.Key = "-" + key[1:] }},
		{"key with loose bits", "Sec-WebSocket-Key", "base64", func(o *handshake.Offer) { o.Key = "dGhlIHNhbXBsZSBub25jZR==" }},
		{"key with a line end", "Sec-WebSocket-Key", "base64", func(o *handshake.Offer) { o.Key = key[:8] + "\n" + key[8:] }},
		{"empty subprotocol", "Sec-WebSocket-Protocol", "not a token", func(o *handshake.Offer) { o.Subprotocols = []string{"a", ""} }},
		{"list as a subprotocol", "Sec-WebSocket-Protocol", "not a token", func(o *handshake.Offer) { o.Subprotocols = []string{"a, b"} }},
		{"subprotocol twice", "Sec-WebSocket-Protocol", "offered twice", func(o *handshake.Offer) { o.Subprotocols = []string{"a", "b", "a"} }},
		{"extension without a name", "Sec-WebSocket-Extensions", "must be tokens", func(o *handshake.Offer) { o.Extensions = extensions{{}} }},
		{"parameter without a name", "Sec-WebSocket-Extensions", "must be tokens", func(o *handshake.Offer) { o.Extensions = extensions{{Name: "a", Params: params{{}}}} }},
		{"empty value", "Sec-WebSocket-Extensions", "must be tokens", func(o *handshake.Offer) {
			o.Extensions = extensions{{Name: "a", Params: params{{Name: "b", HasValue: true}}}}
		}},
		{"parameter twice", "Sec-WebSocket-Extensions", "each parameter once", func(o *handshake.Offer) {
			o.Extensions = extensions{{Name: "a", Params: params{{Name: "b"}, {Name: "b"}}}}
		}},
		{"33 parameters", "Sec-WebSocket-Extensions", "at most 32", func(o *handshake.Offer) { o.Extensions = extensions{{Name: "a", Params: manyParams}} }},
		{"33 extensions", "Sec-WebSocket-Extensions", "more than 32", func(o *handshake.Offer) { o.Extensions = many }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := handshake.Request{Host: "a", Target: "/", Offer: offer}
			tt.change(&r.Offer)
			_, err := r.Append(nil)
			wantError(t, err, tt.field, 0, tt.text)
		})
	}
	r := handshake.Request{Host: "a", Target: "/", Offer: handshake.Offer{Key: key, Subprotocols: []string{"a", "A"}, Extensions: many[:32]}}
	many[0].Params = manyParams[:32]
	if _, err := r.Append(nil); err != nil {
		t.Errorf("subprotocols that differ in case, 32 extensions and 32 parameters: %v", err)
	}
}

func TestErrorText(t *testing.T) {
	for want, e := range map[string]*handshake.Error{
		"handshake: no response":                    {Text: "no response"},
		"handshake: Host: bad":                      {Field: "Host", Text: "bad"},
		"handshake: response with status 200: why":  {Status: 200, Text: "why"},
		"handshake: response with status 101: F: x": {Status: 101, Field: "F", Text: "x"},
	} {
		if e.Error() != want || errors.Unwrap(e) != nil {
			t.Errorf("%q, want %q", e, want)
		}
	}
}
