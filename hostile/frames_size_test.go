package hostile_test

import (
	"fmt"
	"net"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

const (
	defaultBytes     = fairlead.DefaultMessageBytes
	defaultFragments = fairlead.DefaultFragments
	// small bounds the heap where nothing may grow.
	small = 1 << 20
)

// sizeCases are rows B10 to B14: what a length in a header may do.
func sizeCases() []Case {
	var cases []Case
	for _, n := range []struct {
		name string
		n    uint64
	}{{"2^31", 1 << 31}, {"2^31-1", 1<<31 - 1}, {"2^32", 1 << 32}, {"2^32-1", 1<<32 - 1}, {"2^62", 1 << 62}, {"2^63-1", 1<<63 - 1}, {"16-MiB-and-one", defaultBytes + 1}} {
		for _, b := range []byte{0x81, 0x82, 0x01} {
			cases = append(cases, failing(fmt.Sprintf("B10/%s-%02x", n.name, b), tooBig, long64(b, n.n)).allocating(small).
				teaches("L01", "L02", "L03", "L04", "L05", "L06"))
		}
		cases = append(cases, failing("B10/"+n.name+"-continuation", tooBig, first("a"), long64(0x80, n.n)).allocating(small).
			teaches("L01", "L02", "L03", "L04"))
		for _, b := range []byte{0x89, 0x88} {
			cases = append(cases, failing(fmt.Sprintf("B10/%s-%02x", n.name, b), protocolError, long64(b, n.n)).allocating(small).
				because("a control frame has 125 bytes at most (RFC 6455 section 5.5)"))
		}
	}
	for i, c := range cases {
		cases[i].Is = append(c.Is, net.ErrClosed)
	}
	word := func(n int) string { return times(n, "w") }
	cases = append(cases,
		delivered("B11/limit-1000", text(word(1000)), word(1000)).limited(1000, 0),
		failing("B11/limit-1000-and-one", tooBig, text(word(1001))[:4]).limited(1000, 0).teaches("L06"),
		delivered("B11/limit-1", text("x"), "x").limited(1, 0),
		failing("B11/limit-1-and-one", tooBig, text("xy")).limited(1, 0),
		delivered("B11/limit-1-of-empty-ones", join(text(""), text("")), "", "").limited(1, 0),
		delivered("B11/limit-65536", text(word(65536)), word(65536)).limited(65536, 0),
		failing("B11/limit-65536-and-one", tooBig, text(word(65537))[:10]).limited(65536, 0),
		delivered("B11/limit-in-fragments", join(first(word(400)), next(""), final(word(600))), word(1000)).limited(1000, 0),
		failing("B11/control-frames-do-not-count", tooBig, first(word(1000)), ping(word(125)), next(""), final("x")).limited(1000, 0).answering("pong "+word(125)),
		Case{
			ID: "B11/16-MiB", Peer: after(send(long64(0x81, defaultBytes)), wstest.Repeat(16, wstest.Send([]byte(word(1<<20)))), send(bye())),
			Closed: frame.StatusNormal, Do: keepNone, Heap: 4*defaultBytes + small, Within: 3 * time.Second,
		},
		failing("B12/twice-0.6-of-the-limit", tooBig, first(word(600)), next(word(600))[:4]).limited(1000, 0).teaches("L14", "L17"),
		failing("B12/one-byte-too-many", tooBig, first(word(500)), next(word(500)), next(""), final("x")).limited(1000, 0).teaches("L14", "L17"),
		failing("B12/over-2^63", tooBig, first("a"), long64(0x80, 1<<63-1)).limited(-1, -1).teaches("L01", "L08").allocating(small),
		failing("B12/over-2^63-after-more", tooBig, first(word(1000)), next(word(1000)), long64(0x00, 1<<63-1-1999)).limited(-1, -1).teaches("L01", "L08").allocating(small),
		failing("B13/default", tooBig, long64(0x82, 1<<30), []byte(word(10))).allocating(small).teaches("L05"),
		lost("B13/unlimited", send(long64(0x82, 1<<30), []byte(word(10))), wstest.Shut()).limited(-1, -1).allocating(small).teaches("L05", "L08"),
		lost("B13/limit-2-GiB", send(long64(0x81, 1<<30), []byte(word(10))), wstest.Shut()).limited(2<<30, 0).allocating(small).teaches("L05"),
		lost("B13/2^63-1-unlimited", send(long64(0x82, 1<<63-1), []byte(word(10))), wstest.Shut()).limited(-1, -1).allocating(small).teaches("L03", "L05", "L08"),
	)
	mib := word(1 << 20)
	dribble := func(id string, frames []byte) Case {
		return Case{
			ID: id, Lessons: []string{"L07"}, Peer: after(send(frames, bye())), Wrap: oneByteReads, Closed: frame.StatusNormal,
			Do: keepNone, Heap: 4<<20 + small, Live: 2<<20 + small/2, Within: 4 * time.Second, // twice the message, and the pipe
		}
	}
	written := dribble("B14/1-MiB-in-one-byte-writes", nil)
	written.Wrap, written.Peer = nil, after(wstest.Chunks(1, text(mib)), send(bye()))
	return append(cases,
		dribble("B14/1-MiB-in-one-byte-reads", text(mib)),
		dribble("B14/1-MiB-binary-in-one-byte-reads", frameOf(frame.Binary, true, mib)),
		written,
	)
}

// lost is a session that ends without a Close.
func lost(id string, steps ...wstest.Step) Case {
	return Case{ID: id, Peer: after(steps...), Closed: frame.StatusAbnormal}
}
