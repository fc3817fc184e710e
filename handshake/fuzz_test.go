package handshake_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/handshake"
)

// What is accepted can be sent, and means the same when it is read again.
func FuzzExtensions(f *testing.F) {
	f.Fuzz(func(t *testing.T, first, second string) {
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
