package handshake_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// What is accepted can be sent, and means the same when it is read again.
func FuzzExtensions(f *testing.F) {
	f.Fuzz(func(t *testing.T, first, second string) {
		defer fuzzlimit.Input(t)()
		got, err := handshake.ParseExtensions([]string{first, second})
		if err != nil {
			var e *handshake.Error
			if !errors.As(err, &e) || got != nil {
				t.Fatalf("%v, %v; want nothing and a *handshake.Error", got, err)
			}
			return
		}
		joined, err := handshake.ParseExtensions([]string{first + "," + second})
		if d := cmp.Diff(got, joined); d != "" || err != nil {
			t.Errorf("in one field: %v %s", err, d)
		}
		again, err := handshake.ParseExtensions([]string{handshake.FormatExtensions(got)})
		if d := cmp.Diff(got, again); d != "" || err != nil {
			t.Errorf("formatted and parsed: %v %s", err, d)
		}
		o := handshake.Offer{Key: key, Extensions: got}
		if _, err := (handshake.Request{Host: "a", Target: "/", Offer: o}).Append(nil); err != nil {
			t.Errorf("accepted but not to be sent: %v", err)
		}
	})
}

// Whatever a server answers, what is agreed on can be done.
func FuzzAgreedDeflate(f *testing.F) {
	for _, answer := range []string{"permessage-deflate", "permessage-deflate; client_max_window_bits=8; server_max_window_bits=\"15\"", "permessage-deflate; server_no_context_takeover; client_no_context_takeover", "x, permessage-deflate; server_max_window_bits=08"} {
		f.Add("permessage-deflate; client_max_window_bits", answer)
		f.Add("permessage-deflate; client_max_window_bits=10, permessage-deflate; server_max_window_bits=9", answer)
	}
	f.Fuzz(func(t *testing.T, offered, answered string) {
		defer fuzzlimit.Input(t)()
		offers, err := handshake.ParseExtensions([]string{offered})
		if err != nil {
			return
		}
		answers, err := handshake.ParseExtensions([]string{answered})
		if err != nil {
			return
		}
		d, err := handshake.AgreedDeflate(handshake.Offer{Extensions: offers}, handshake.Agreement{Extensions: answers})
		if e := (*handshake.Error)(nil); err != nil && (!errors.As(err, &e) || d != nil) {
			t.Fatalf("%v, %v", d, err)
		}
		if d != nil && (d.ServerMaxWindowBits < 8 || d.ServerMaxWindowBits > 15 || d.ClientMaxWindowBits < 8 || d.ClientMaxWindowBits > 15) {
			t.Errorf("%q on %q: agreed on %+v", answered, offered, d)
		}
		// What a server of ours answers, a client of ours accepts, and both mean the
		// same.
		if answer, agreed, ok := handshake.AnswerDeflate(offers, handshake.Deflate{ClientMaxWindowBits: 9}); ok {
			client, err := handshake.AgreedDeflate(handshake.Offer{Extensions: offers}, handshake.Agreement{Extensions: []handshake.Extension{answer}})
			if err != nil {
				t.Errorf("%q: %v refused: %v", offered, answer, err)
			} else if client.ServerMaxWindowBits != agreed.ServerMaxWindowBits || client.ClientMaxWindowBits > agreed.ClientMaxWindowBits {
				t.Errorf("%q: the client has %+v, the server %+v", offered, client, agreed)
			}
		}
	})
}
