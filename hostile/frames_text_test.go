package hostile_test

import (
	"fmt"

	"github.com/fairlead-ws/fairlead/frame"
)

// notUTF8 are byte sequences that no text has (RFC 3629, sections 3 and 4). What
// ends before it is whole is in cutUTF8.
var notUTF8 = []struct{ name, bytes string }{
	{"FF", "\xff"},
	{"FE", "\xfe"},
	{"C0-80", "\xc0\x80"},
	{"C0-AF", "\xc0\xaf"},
	{"C1-BF", "\xc1\xbf"},
	{"E0-80-80", "\xe0\x80\x80"},
	{"E0-9F-BF", "\xe0\x9f\xbf"},
	{"F0-80-80-80", "\xf0\x80\x80\x80"},
	{"F0-8F-BF-BF", "\xf0\x8f\xbf\xbf"},
	{"surrogate-D800", "\xed\xa0\x80"},
	{"surrogate-DFFF", "\xed\xbf\xbf"},
	{"surrogate-pair", "\xed\xa0\xbd\xed\xb8\x80"},
	{"110000", "\xf4\x90\x80\x80"},
	{"1FFFFF", "\xf7\xbf\xbf\xbf"},
	{"F5", "\xf5\x80\x80\x80"},
	{"five-bytes", "\xf8\x88\x80\x80\x80"},
	{"six-bytes", "\xfc\x84\x80\x80\x80\x80"},
	{"lone-80", "\x80"},
	{"lone-BF", "\xbf"},
	{"C3-28", "\xc3\x28"},
	{"E2-28-A1", "\xe2\x28\xa1"},
	{"E2-82-28", "\xe2\x82\x28"},
	{"F0-28-8C-BC", "\xf0\x28\x8c\xbc"},
	{"F0-90-8C-28", "\xf0\x90\x8c\x28"},
	{"one-too-many", "\xc3\xa9\xa9"},
}

var cutUTF8 = []struct{ name, bytes string }{
	{"C3", "\xc3"}, {"E2", "\xe2"}, {"E2-82", "\xe2\x82"}, {"F0", "\xf0"}, {"F0-9F", "\xf0\x9f"}, {"F0-9F-98", "\xf0\x9f\x98"},
}

// textCases are rows B29 to B31.
func textCases() []Case {
	const before, long = "κόσμε ", 1 << 20
	var cases []Case
	for _, s := range notUTF8 {
		cases = append(cases, byVerb(failing("B29/"+s.name, invalidPayload, text(before+s.bytes+"z")).teaches("L99"))...)
		cases = append(cases,
			failing("B29/"+s.name+"-over-fragments", invalidPayload, first(before+s.bytes[:1]), final(s.bytes[1:]+"z")),
			failing("B31/"+s.name+"-in-a-fragment", invalidPayload, first(before+s.bytes+"z")).because("the message goes on, and need not be waited for"),
			failing("B31/"+s.name+"-in-a-long-frame", invalidPayload, long64(0x81, long), []byte(before+s.bytes+"z")).because("so does the frame"),
		)
		binary := delivered("B29/"+s.name+"-in-binary", frameOf(frame.Binary, true, s.bytes), s.bytes)
		cases = append(cases, binary)
	}
	for _, s := range cutUTF8 {
		cases = append(cases,
			failing("B29/ends-in-"+s.name, invalidPayload, text(before+s.bytes)).teaches("L99"),
			failing("B29/ends-in-"+s.name+"-over-fragments", invalidPayload, first(before), next(s.bytes), final("")).teaches("L99"),
			failing("B29/ends-in-"+s.name+"-next-message", invalidPayload, text(s.bytes), text("\x82\xac")).teaches("L99").
				because("a code point does not go on in the next message"),
		)
	}
	whole := "$£€\U00010348\U0010ffff\ufeff\u0000\uffff"
	for i := 1; i < len(whole); i++ {
		cases = append(cases, delivered(fmt.Sprintf("B30/fragments-split-at-%d", i), join(first(whole[:i]), final(whole[i:])), whole))
	}
	var single []byte
	for i := range len(whole) {
		single = append(single, next(whole[i:i+1])...)
	}
	over := delivered("B30/over-reads", text(whole), whole)
	over.Wrap = oneByteReads
	cases = append(cases, over)
	return append(cases, byVerb(
		delivered("B30/a-fragment-each-byte", join(first(""), single, final("")), whole),
		delivered("B30/a-ping-inside", join(first("\xe2"), ping("x"), next("\x82"), pong(""), final("\xac")), "€").answering("pong x"),
		delivered("B29/all-that-is-text", text(whole+times(70_000, "ю")), whole+times(70_000, "ю")),
	)...)
}
