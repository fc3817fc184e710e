package handshake_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/handshake"
)

// An offer that was written is read back as it was, also by its fields in
// another order, split and spelt differently.
func TestOfferFrom(t *testing.T) {
	type field = handshake.Field
	for name, tt := range map[string]struct {
		fields []field
		want   handshake.Offer
	}{
		"bare": {handshake.Offer{Key: key}.Fields(), handshake.Offer{Key: key}},
		"all":  {append([]field{{Name: "X", Value: "y"}}, offer.Fields()...), offer},
		"by hand": {
			[]field{
				{Name: "sec-websocket-protocol", Value: " chat ,"},
				{Name: "SEC-WEBSOCKET-VERSION", Value: "\t13 "},
				{Name: "connection", Value: "keep-alive, upgrade"},
				{Name: "Sec-WebSocket-Extensions", Value: "permessage-deflate ; client_max_window_bits"},
				{Name: "upgrade", Value: " WebSocket"},
				{Name: "sec-websocket-key", Value: " " + key + " "},
				{Name: "Sec-WebSocket-Protocol", Value: "superchat"},
				{Name: "Sec-WebSocket-Extensions", Value: "permessage-deflate,x-mux"},
			},
			offer,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := handshake.OfferFrom(tt.fields)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestOfferFromRefused(t *testing.T) {
	const (
		keyName   = "Sec-WebSocket-Key"
		version   = "Sec-WebSocket-Version"
		protocol  = "Sec-WebSocket-Protocol"
		extension = "Sec-WebSocket-Extensions"
	)
	for _, tt := range []struct {
		name, field string
		value       string // replaces the field; "-" leaves it out, "+" doubles it
	}{
		{"no Upgrade", "Upgrade", "-"},
		{"Upgrade twice", "Upgrade", "+"},
		{"Upgrade h2c", "Upgrade", "h2c"},
		{"no Connection", "Connection", "-"},
		{"Connection close", "Connection", "close"},
		{"no version", version, "-"},
		{"version twice", version, "+"},
		{"version 8", version, "8"},
		{"versions 13, 8", version, "13, 8"},
		{"no key", keyName, "-"},
		{"key twice", keyName, "+"},
		{"empty key", keyName, ""},
		{"short key", keyName, "s3cret"},
		{"key with a line end", keyName, key[:8] + "\r\n" + key[8:]},
		{"subprotocol not a token", protocol, "a b"},
		{"subprotocol twice", protocol, "a, b, a"},
		{"subprotocol in two fields", protocol, "+"},
		{"extension not a token", extension, "a b"},
		{"extensions empty", extension, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fields := offer.Fields()
			i := slices.IndexFunc(fields, func(f handshake.Field) bool { return f.Name == tt.field })
			switch tt.value {
			case "-":
				fields = slices.Delete(fields, i, i+1)
			case "+":
				fields = append(fields, fields[i])
			default:
				fields[i].Value = tt.value
			}
			got, err := handshake.OfferFrom(fields)
			wantError(t, err, tt.field, 0, "")
			if d := cmp.Diff(handshake.Offer{}, got); d != "" {
				t.Errorf("an offer came with the error: %s", d)
			}
		})
	}
	if _, err := handshake.OfferFrom(nil); err == nil {
		t.Error("no fields make an offer")
	}
}
