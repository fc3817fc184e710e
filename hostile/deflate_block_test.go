package hostile_test

import (
	"fmt"
	"strings"

	"github.com/fairlead-ws/fairlead/frame"
)

// bits makes bytes of bits as RFC 1951 draws them: numbers with the lowest bit
// first, codes as they are read. Spaces count for nothing, the rest of the last
// byte is zero.
func bits(s string) []byte {
	var b []byte
	for i, c := range strings.ReplaceAll(s, " ", "") {
		if i%8 == 0 {
			b = append(b, 0)
		}
		b[i/8] |= byte(c-'0') << (i % 8)
	}
	return b
}

// notDeflate are messages that no compressor makes (RFC 1951, section 3.2).
var notDeflate = []struct{ name, wire string }{
	{"reserved-block-type", "\x06"},
	{"reserved-type-in-the-second-block", "\x00\x01\x00\xfe\xff\x61\x06"},
	{"complement-of-a-stored-length", "\x00\x05\x00\xfa\xf0Hello\x00"},
	{"stored-length-without-data", "\x00\xff\xff\x00\x00abc"},
	{"fixed-code-286", string(bits("0 10 11000110"))},
	{"fixed-code-287", string(bits("0 10 11000111"))},
	{"fixed-distance-30", string(bits("0 10 10010001 0000001 11110"))},
	{"fixed-distance-31", string(bits("0 10 10010001 0000001 11111")) + times(40, "\x00")},
	{"287-literal-codes", string(bits("0 01 01111 00000 0000 000000000000"))},
	{"31-distance-codes", string(bits("0 01 00000 01111 0000 000000000000"))},
	{"too-many-codes-for-lengths", string(bits("0 01 00000 00000 0000 100 100 100 100"))},
	{"too-few-codes-for-lengths", string(bits("0 01 00000 00000 0000 010 010 010 000"))},
	{"no-code-for-lengths", string(bits("0 01 00000 00000 0000 000 000 000 000 11111111"))},
	{"repeats-a-length-before-the-first", string(bits("0 01 00000 00000 0000 100 100 000 000 0 00 0000"))},
	{"more-lengths-than-codes", string(bits("0 01 00000 00000 0000 000 000 100 100 1 1111111 1 1111111 1 1111111"))},
	{"no-code-for-the-end", string(bits("0 01 00000 00000 0000 000 000 100 100 1 1111111 1 1011011 "))},
	{"ends-in-a-stored-block", "\x00\x09\x00\xf6\xffHell"},
	{"ends-in-a-fixed-block", zHello[:3]},
	{"ends-in-the-codes", string(bits("0 01 10000 00000 0111 000"))},
	{"noise", "\xff\xff\xff\xff\xff"},
	{"text-that-was-not-compressed", "Hello, this is no deflate at all"},
}

// corruptCases are rows C05 to C07.
func corruptCases() []Case {
	var cases []Case
	for _, s := range notDeflate {
		cases = append(cases, byVerb(corrupt("C05/"+s.name, invalidPayload, zframe(frame.Binary, true, s.wire)).
			because("RFC 7692 names no code; ARCHITECTURE.md chose 1007"))...)
		cases = append(cases, corrupt("C05/"+s.name+"-without-takeover", invalidPayload, zframe(frame.Binary, true, s.wire)).agreeing(noTakeover))
		wrapped := corrupt("C05/"+s.name+"-in-single-bytes", invalidPayload, zframe(frame.Binary, true, s.wire))
		wrapped.Wrap = oneByteReads
		cases = append(cases, wrapped)
	}
	state := corrupt("C05/after-a-good-message", invalidPayload, ztext(zHello), ztext("\x06"), ztext(zHello))
	state.Messages = []string{"Hello"}
	into := corrupt("C07/into-the-message-before", invalidPayload, ztext(zHello), ztext(zHelloAgain)).agreeing(noTakeover)
	into.Messages = []string{"Hello"}
	promised := corrupt("C07/only-the-server-has-promised", invalidPayload, ztext(zHello), ztext(zHelloAgain)).agreeing("permessage-deflate; server_no_context_takeover")
	promised.Messages = []string{"Hello"}
	cases = append(cases, state, into, promised)
	return append(cases, byVerb(
		corrupt("C06/before-the-first-byte", invalidPayload, ztext(string(bits("0 10 0000001 00000")))),
		corrupt("C06/one-too-far", invalidPayload, ztext(string(bits("0 10 01111000 01111001 0000001 00010")))),
		corrupt("C06/one-too-far-with-more-behind", invalidPayload, ztext(string(bits("0 10 01111000 01111001 0000001 00010"))+times(40, "\x00"))),
		corrupt("C06/first-message-refers-back", invalidPayload, ztext(zHelloAgain)),
		inflated("C06/just-fits", ztext(string(bits("0 10 01111000 01111001 0000001 00001 0000000 000 00"))), "HIHIH"),
	)...)
}

// windowCases is row C08: distances and the window that was agreed on.
func windowCases() []Case {
	var cases []Case
	for n := 8; n <= 15; n++ {
		agreed := fmt.Sprintf("permessage-deflate; server_max_window_bits=%d", n)
		size := 1 << n
		cases = append(cases,
			inflated(fmt.Sprintf("C08/%d-bits-at-the-edge", n), zframe(frame.Binary, true, farBack(size)), farText(size)).agreeing(agreed),
			inflated(fmt.Sprintf("C08/%d-bits-at-the-edge-of-the-message-before", n), join(zframe(frame.Binary, true, farBack(size)), zframe(frame.Binary, true, farBack(size))), farText(size), farText(size)).agreeing(agreed))
		if n < 15 {
			cases = append(cases, corrupt(fmt.Sprintf("C08/%d-bits-one-beyond", n), invalidPayload, zframe(frame.Binary, true, farBack(size+1))).agreeing(agreed))
		}
	}
	return cases
}

// farBack is a message of so many stored bytes and a copy of three from as far
// back; farText is what it stands for.
func farBack(distance int) string {
	p := farText(distance)[:distance]
	var b []byte
	for len(p) > 0 {
		n := min(len(p), 65535)
		b = append(b, 0, byte(n), byte(n>>8), byte(^n), byte(^n>>8))
		b = append(b, p[:n]...)
		p = p[n:]
	}
	symbol, base, extra := 0, 1, 0
	for {
		extra = max(0, symbol/2-1)
		if distance < base+1<<extra {
			break
		}
		base += 1 << extra
		symbol++
	}
	s := "0 10 0000001" + fmt.Sprintf("%05b", symbol)
	for i := range extra {
		s += fmt.Sprint((distance - base) >> i & 1)
	}
	return string(append(b, bits(s+"0000000 000")...))
}

func farText(distance int) string {
	p := make([]byte, distance)
	for i := range p {
		p[i] = byte(i * i >> 8)
	}
	copy(p, "abc")
	return string(p) + "abc"
}

// formCases are rows C09 to C14: the forms that a message may have.
func formCases() []Case {
	again := ztext(zHelloAgain)
	rows := byVerb(
		inflated("C09/tail-left-on", join(ztext(zHello+"\x00\x00\xff\xff"), again), "Hello", "Hello"),
		inflated("C09/tail-left-on-twice", join(ztext(zHello+"\x00\x00\xff\xff\x00\x00\x00\xff\xff"), again), "Hello", "Hello"),
		inflated("C09/tail-never-made", join(ztext("\x00\x05\x00\xfa\xffHello"), again), "Hello", "Hello"),
		inflated("C10/final-block-then-more", join(ztext("\xf3\x48\xcd\xc9\xc9\x07\x00"+zHello), again), "HelloHello", "Hello"),
		inflated("C10/final-block-alone", join(ztext("\xf3\x48\xcd\xc9\xc9\x07\x00"), again), "Hello", "Hello"),
		inflated("C10/RFC-7692-7.2.3.4", join(ztext("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), again), "Hello", "Hello"),
		inflated("C10/RFC-7692-7.2.3.5", join(ztext("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), again), "Hello", "Hello"),
		corrupt("C11/FF-behind-the-final-block", invalidPayload, ztext("\xf3\x48\xcd\xc9\xc9\x07\x00\xff")).because("what follows a final block is a block, or the message is corrupt"),
		corrupt("C11/text-behind-the-final-block", invalidPayload, ztext("\xf3\x48\xcd\xc9\xc9\x07\x00trailing text")),
		inflated("C12/00", ztext("\x00"), ""),
		inflated("C12/02-00", ztext("\x02\x00"), ""),
		inflated("C12/no-payload", ztext(""), "").because("RFC 7692 section 7.2.3.6 wants 00 of a sender; no payload at all is an empty message here"),
		inflated("C12/between-others", join(ztext(zHello), ztext("\x00"), ztext(""), ztext("\x02\x00"), again), "Hello", "", "", "", "Hello"),
		inflated("C12/in-empty-fragments", join(zfirst(""), next(""), final("\x00")), ""),
		inflated("C13/uncompressed-between", join(ztext(zHello), text("plain"), again), "Hello", "plain", "Hello"),
		inflated("C13/uncompressed-fragments-between", join(ztext(zHello), first("pl"), next(""), final("ain"), again), "Hello", "plain", "Hello"),
		inflated("C13/uncompressed-first", join(text("plain"), ztext(zHello)), "plain", "Hello"),
		inflated("C13/looks-compressed", join(ztext(zHello), frameOf(frame.Binary, true, zHelloAgain), again), "Hello", zHelloAgain, "Hello"),
		inflated("C14/pings", join(zfirst(zHello[:1]), ping("1"), next(zHello[1:4]), ping("2"), final(zHello[4:])), "Hello").answering("pong 1", "pong 2"),
		inflated("C14/pongs", join(zfirst(zHello[:1]), pong(""), next(""), pong(zHello), final(zHello[1:])), "Hello"),
	)
	for n := 1; n < len(zHello); n++ {
		rows = append(rows, inflated(fmt.Sprintf("C14/split-at-%d", n), join(zfirst(zHello[:n]), ping("p"), final(zHello[n:])), "Hello").answering("pong p"))
	}
	inside := corrupt("C14/a-close", 0, zfirst(zHello[:3]), bye())
	inside.Closed = frame.StatusNormal
	return append(rows, inside.teaches("L101"))
}
