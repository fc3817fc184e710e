package adapter

import (
	"reflect"

	root "github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// fairleadDeflates is whether this version of Fairlead compresses.
var fairleadDeflates = compressFairlead(&root.Dialer{}, client.NoTakeover)

// compressFairlead sets Dialer.Compression, where there is one: its modes are
// numbered in the order of package client's. It reports whether there is.
func compressFairlead(d *root.Dialer, mode client.Deflate) bool {
	f := reflect.ValueOf(d).Elem().FieldByName("Compression")
	if !f.IsValid() || !f.CanInt() {
		return false
	}
	f.SetInt(int64(mode))
	return true
}
