package conformance

import (
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestEncodingRows holds the table against Go's own idea of UTF-8.
func TestEncodingRows(t *testing.T) {
	n := 0
	for _, row := range encodingRows {
		for _, m := range strings.Fields(row.messages) {
			b, err := hex.DecodeString(m[1:])
			if err != nil {
				t.Errorf("%s: %q: %v", row.id, m, err)
			}
			if utf8.Valid(b) != (m[0] == 'V') {
				t.Errorf("%s: %q is judged wrongly", row.id, m)
			}
			n++
		}
	}
	if n != 132 {
		t.Errorf("%d messages, want 132", n)
	}
}
