package handshake_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/handshake"
)

func TestDeflateOffer(t *testing.T) {
	for want, d := range map[string]handshake.Deflate{
		"permessage-deflate":                         {},
		"permessage-deflate; client_max_window_bits": {ClientMaxWindowBits: 15},
		"permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10": {true, true, 9, 10},
		"permessage-deflate; server_max_window_bits=15": {ServerMaxWindowBits: 15, ClientMaxWindowBits: 7},
	} {
		if got := handshake.FormatExtensions(extensions{d.Offer()}); got != want {
			t.Errorf("%+v is offered as %q, want %q", d, got, want)
		}
	}
}

// The rows A41 to A47 of the catalogue of hostile peers, and L25, L26: what a
// server answers, through Verify, and what is agreed on. A text in refused is
// part of the error.
func TestAgreedDeflate(t *testing.T) {
	const (
		plain  = "permessage-deflate"
		bits   = "permessage-deflate; client_max_window_bits"
		server = "permessage-deflate; server_max_window_bits=10; server_no_context_takeover"
		client = "permessage-deflate; client_max_window_bits=10; client_no_context_takeover"
	)
	for _, tt := range []struct {
		name, offer, answer string
		want                *handshake.Deflate
		refused             string
	}{
		{name: "none", offer: plain},
		{name: "plain", offer: plain, answer: "permessage-deflate", want: &handshake.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},
		{name: "all that may come unasked", offer: plain, answer: "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=8", want: &handshake.Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 8, ClientMaxWindowBits: 15}},
		{name: "A47 client_max_window_bits=8 is honoured", offer: bits, answer: "permessage-deflate; client_max_window_bits=8", want: &handshake.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 8}},
		{name: "A45 quoted", offer: bits, answer: `permessage-deflate; server_max_window_bits="12"; client_max_window_bits="15"`, want: &handshake.Deflate{ServerMaxWindowBits: 12, ClientMaxWindowBits: 15}},
		{name: "not promised", offer: server, answer: "permessage-deflate", want: &handshake.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},
		{name: "less than asked for", offer: server, answer: "permessage-deflate; server_max_window_bits=9", want: &handshake.Deflate{ServerMaxWindowBits: 9, ClientMaxWindowBits: 15}},
		{name: "the client's own promise holds", offer: client, answer: "permessage-deflate", want: &handshake.Deflate{ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 10}},
		{name: "the second offer", offer: plain + ", " + bits, answer: "permessage-deflate; client_max_window_bits=9", want: &handshake.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 9}},
		{name: "one of two offers", offer: "permessage-deflate, permessage-deflate; client_max_window_bits=10; client_no_context_takeover", answer: "permessage-deflate", want: &handshake.Deflate{ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 10}},
		{name: "after another extension", offer: "x-mux, " + plain, answer: "x-mux, permessage-deflate", want: &handshake.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},

		{name: "A41 another extension", offer: plain, answer: "x-other", refused: "not offered"},
		{name: "A42 not offered", offer: "x-mux", answer: "permessage-deflate", refused: "not offered"},
		{name: "A43 twice", offer: plain + ", " + plain, answer: "permessage-deflate, permessage-deflate", refused: "twice"},
		{name: "A43 with another", offer: plain, answer: "permessage-deflate, x-other", refused: "not offered"},
		{name: "A44 unknown parameter", offer: plain, answer: "permessage-deflate; frobnicate", refused: "does not know"},
		{name: "A44 parameter twice", offer: plain, answer: "permessage-deflate; server_no_context_takeover; server_no_context_takeover", refused: "twice"},
		{name: "A44 value of a flag", offer: plain, answer: "permessage-deflate; server_no_context_takeover=1", refused: "no value"},
		{name: "A44 value of the other flag", offer: plain, answer: "permessage-deflate; client_no_context_takeover=true", refused: "no value"},
		{name: "A44 size without a value", offer: bits, answer: "permessage-deflate; client_max_window_bits", refused: "from 8 to 15"},
		{name: "A44 the other size without a value", offer: bits, answer: "permessage-deflate; server_max_window_bits", refused: "from 8 to 15"},
		{name: "A46 size that was not offered", offer: plain, answer: "permessage-deflate; client_max_window_bits=15", refused: "not offered"},
		{name: "larger than offered", offer: client, answer: "permessage-deflate; client_max_window_bits=11", refused: "larger than offered"},
		{name: "larger than asked for", offer: server, answer: "permessage-deflate; server_max_window_bits=11", refused: "larger than asked for"},
		{name: "no offer fits", offer: plain + ", " + client, answer: "permessage-deflate; client_max_window_bits=15", refused: "larger than offered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			agreeDeflate(t, tt.offer, tt.answer, tt.want, tt.refused)
		})
	}
	for _, value := range []string{"-1", "0", "7", "08", "16", "99", `""`, `"15 "`, `"08"`, `"+9"`, "+9", "0x9", "18446744073709551616", "9a", "1.0"} {
		for _, name := range []string{"server_max_window_bits", "client_max_window_bits"} {
			t.Run("A45 "+name+"="+value, func(t *testing.T) {
				agreeDeflate(t, bits, "permessage-deflate; "+name+"="+value, nil, " ")
			})
		}
	}
	for _, value := range []string{"8", "9", "10", "11", "12", "13", "14", "15", `"15"`} {
		t.Run("L25 server_max_window_bits="+value, func(t *testing.T) {
			o, a := verifyDeflate(t, bits, "permessage-deflate; server_max_window_bits="+value)
			if _, err := handshake.AgreedDeflate(o, a); err != nil {
				t.Error(err)
			}
		})
	}
}

func verifyDeflate(t *testing.T, offered, answer string) (handshake.Offer, handshake.Agreement) {
	t.Helper()
	o, a, err := tryDeflate(t, offered, answer)
	if err != nil {
		t.Fatal(err)
	}
	return o, a
}

func tryDeflate(t *testing.T, offered, answer string) (handshake.Offer, handshake.Agreement, error) {
	t.Helper()
	all, err := handshake.ParseExtensions([]string{offered})
	if err != nil {
		t.Fatal(err)
	}
	o := handshake.Offer{Key: key, Extensions: all}
	wire := correct
	if answer != "" {
		wire += "Sec-WebSocket-Extensions: " + answer + "\r\n"
	}
	a, err := handshake.Verify(o, parse(t, wire))
	return o, a, err
}

func agreeDeflate(t *testing.T, offered, answer string, want *handshake.Deflate, refused string) {
	t.Helper()
	o, a, err := tryDeflate(t, offered, answer)
	var got *handshake.Deflate
	if err == nil {
		got, err = handshake.AgreedDeflate(o, a)
	}
	if refused != "" {
		wantError(t, err, "Sec-WebSocket-Extensions", 101, refused)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What a server answers is something that a client accepts, and both sides agree
// on the same.
func TestAnswerDeflate(t *testing.T) {
	for _, tt := range []struct {
		name, offer string
		server      handshake.Deflate
		answer      string // "" for none
	}{
		{"plain", "permessage-deflate", handshake.Deflate{}, "permessage-deflate"},
		{"not offered", "x-mux", handshake.Deflate{}, ""},
		{"offer mirrored", "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_no_context_takeover; client_max_window_bits", handshake.Deflate{}, "permessage-deflate; server_no_context_takeover; server_max_window_bits=9"},
		{"server's flags", "permessage-deflate", handshake.Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true}, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
		{"client limited", "permessage-deflate; client_max_window_bits", handshake.Deflate{ClientMaxWindowBits: 9}, "permessage-deflate; client_max_window_bits=9"},
		{"client that limits itself more", "permessage-deflate; client_max_window_bits=8", handshake.Deflate{ClientMaxWindowBits: 9}, "permessage-deflate; client_max_window_bits=8"},
		{"client that cannot be limited", "permessage-deflate", handshake.Deflate{ClientMaxWindowBits: 9}, ""},
		{"client that need not be limited", "permessage-deflate", handshake.Deflate{ClientMaxWindowBits: 15}, "permessage-deflate"},
		{"server limits itself", "permessage-deflate; server_max_window_bits=12", handshake.Deflate{ServerMaxWindowBits: 10}, "permessage-deflate; server_max_window_bits=10"},
		{"second offer", "permessage-deflate; frobnicate, permessage-deflate", handshake.Deflate{}, "permessage-deflate"},
		{"bad offer", "permessage-deflate; server_max_window_bits", handshake.Deflate{}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			offers, err := handshake.ParseExtensions([]string{tt.offer})
			if err != nil {
				t.Fatal(err)
			}
			answer, agreed, ok := handshake.AnswerDeflate(offers, tt.server)
			if ok != (tt.answer != "") {
				t.Fatalf("answered: %v", ok)
			}
			if !ok {
				return
			}
			if got := handshake.FormatExtensions(extensions{answer}); got != tt.answer {
				t.Errorf("answered %q, want %q", got, tt.answer)
			}
			if strings.Contains(tt.offer, "frobnicate") {
				return // Verify would not send it
			}
			o, a := verifyDeflate(t, tt.offer, tt.answer)
			client, err := handshake.AgreedDeflate(o, a)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(&agreed, client); d != "" {
				t.Errorf("the sides disagree: %s", d)
			}
		})
	}
}
