package frame_test

import (
	"bytes"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
)

// A message is its header and its masked payload, whatever room dst has.
func TestAppendMessage(t *testing.T) {
	key := [4]byte{0xA1, 0xB2, 0xC3, 0xD4}
	for _, size := range []int{0, 1, 63, 125, 126, 127, 65535, 65536} {
		p := bytes.Repeat([]byte("fairlead"), size/8+1)[:size]
		want := frame.AppendHeader([]byte("x"), frame.Header{
			Fin: true, Opcode: frame.Text, Masked: true, Mask: key, Length: int64(size),
		})
		for i, b := range p {
			want = append(want, b^key[i%4])
		}
		for _, room := range []int{0, 1, 6, size + 5, size + 6, size + 20} {
			dst := append(make([]byte, 0, 1+room), 'x')
			if got := frame.AppendMessage(dst, frame.Text, key, p); !bytes.Equal(got, want) {
				t.Errorf("%d bytes, room for %d: wrong frame, it begins with % x", size, room, got[:min(len(got), 16)])
			}
		}
	}
}
