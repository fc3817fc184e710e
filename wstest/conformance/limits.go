package conformance

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// The payloads of section 9 are the beginnings of these.
var (
	longText   = sync.OnceValue(func() []byte { return bytes.Repeat([]byte("*"), 16*mib) })
	longBinary = sync.OnceValue(func() []byte { return bytes.Repeat([]byte("\xfe"), 16*mib) })
)

// limits is sections 9 and 10: size and speed.
func limits() []Case {
	var cases []Case
	for block := 1; block <= 8; block++ {
		op, long := frame.Text, longText()
		if block%2 == 0 {
			op, long = frame.Binary, longBinary()
		}
		add := func(n, size int, limit time.Duration, what string) *Case {
			a := act{header: frame.Header{Fin: true, Opcode: op}, payload: long[:size]}
			c := normal(fmt.Sprintf("9.%d.%d", block, n), fmt.Sprintf("%v of %d octets%s", op, size, what),
				[]event{{kind: op.String(), length: size}}, a).within(limit)
			c.lengths = true
			cases = append(cases, c)
			return &cases[len(cases)-1]
		}
		switch block {
		case 1, 2:
			for i, size := range []int{64 * kib, 256 * kib, mib, 4 * mib, 8 * mib, 16 * mib} {
				limit := 100 * time.Second
				if size <= 256*kib || block == 2 && size <= 4*mib {
					limit = 10 * time.Second
				}
				add(i+1, size, limit, "")
			}
		case 3, 4:
			for i := range 9 {
				fragment := 64 << (2 * i)
				add(i+1, 4*mib, 100*time.Second, fmt.Sprintf(" in fragments of %d", fragment)).acts[0].fragment = fragment
			}
		case 5, 6:
			for i := range 6 {
				chop := 64 << i
				add(i+1, mib, 1000*time.Second, fmt.Sprintf(" in chops of %d", chop)).chop = chop
			}
		case 7, 8:
			seconds := []time.Duration{60, 60, 60, 120, 240, 480}
			for i, size := range []int{0, 16, 64, 256, 1024, 4096} {
				c := add(i+1, size, seconds[i]*time.Second, ", 1000 round trips")
				c.acts[0].await = true
				c.acts, c.want[0] = slices.Repeat(c.acts, 1000), slices.Repeat(c.want[0], 1000)
			}
		}
	}
	a := act{header: frame.Header{Fin: true, Opcode: frame.Text}, payload: longText()[:64*kib], fragment: 1300}
	return append(cases, normal("10.1.1", "text of 65536 octets in fragments of 1300",
		[]event{eventOf("text", a.payload)}, a).within(10*time.Second))
}
