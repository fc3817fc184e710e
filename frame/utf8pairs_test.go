package frame_test

import (
	"fmt"
	"testing"
)

// TestUTF8Pairs: code points of three bytes are judged two at a time. Every first
// and second byte stands once in each place of a pair, with third bytes at the
// edges, so that each overlong form and each surrogate does.
func TestUTF8Pairs(t *testing.T) {
	for first := 0xDF; first <= 0xF1; first++ {
		for second := range 256 {
			for _, third := range []byte{0x7F, 0x80, 0xBF, 0xC0} {
				p := []byte{byte(first), byte(second), third}
				for _, text := range []string{string(p) + "水aa", "水" + string(p) + "aa", "水光" + string(p) + "水a"} {
					checkText(t, fmt.Sprintf("%x", text), []byte(text))
				}
			}
		}
	}
	checkText(t, "CJK", []byte("水光潋滟晴方好，山色空蒙雨亦奇。"))
}
