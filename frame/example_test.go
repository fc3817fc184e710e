package frame_test

import (
	"fmt"

	"github.com/fairlead-ws/fairlead/frame"
)

// A frame as it comes from a server, in two reads.
func ExampleParseHeader() {
	buf := []byte{0x81}
	_, n, err := frame.ParseHeader(buf)
	fmt.Println(n, err) // more bytes are needed

	buf = append(buf, 0x05, 'H', 'e', 'l', 'l', 'o')
	h, n, err := frame.ParseHeader(buf)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.Opcode, h.Fin, h.Length)
	fmt.Printf("%s\n", buf[n:n+int(h.Length)])
	// Output:
	// 0 <nil>
	// text true 5
	// Hello
}

// A masked frame as a client sends it.
func ExampleAppendHeader() {
	payload := []byte("Hello")
	h := frame.Header{
		Fin:    true,
		Opcode: frame.Text,
		Masked: true,
		Mask:   [4]byte{0x37, 0xfa, 0x21, 0x3d}, // fresh from crypto/rand for each frame
		Length: int64(len(payload)),
	}
	buf := frame.AppendHeader(nil, h)
	start := len(buf)
	buf = append(buf, payload...)
	frame.Mask(buf[start:], payload, h.Mask, 0)
	fmt.Printf("% x\n", buf)
	// Output: 81 85 37 fa 21 3d 7f 9f 4d 51 58
}

// The payload of a Close frame, there and back.
func ExampleAppendClose() {
	p, err := frame.AppendClose(nil, frame.StatusGoingAway, "restart")
	if err != nil {
		fmt.Println(err)
		return
	}
	code, reason, err := frame.ParseClose(p)
	fmt.Println(code, reason, err)

	_, err = frame.AppendClose(nil, frame.StatusAbnormal, "")
	fmt.Println(err)
	// Output:
	// 1001 going away restart <nil>
	// frame: close code is not allowed on the wire: 1006
}

// Text that is cut inside a code point is not yet wrong; a surrogate is wrong
// as soon as it shows.
func ExampleUTF8Validator() {
	var v frame.UTF8Validator
	fmt.Println(v.Write([]byte("10 \xe2\x82")), v.Complete())
	fmt.Println(v.Write([]byte("\xac")), v.Complete())
	fmt.Println(v.Write([]byte("\xed\xa0")), v.Complete())
	// Output:
	// true false
	// true true
	// false false
}
