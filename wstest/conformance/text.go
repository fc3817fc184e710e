package conformance

import (
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// kosme is five Greek code points of two and three octets.
const kosme = "\u03ba\u1f79\u03c3\u03bc\u03b5"

// text is the first part of section 6: UTF-8 over the seams of fragments and
// writes (RFC 6455 section 8.1).
func text() []Case {
	const (
		mixed    = "gr\u00fc\u00dfe, \u20ac 12, \U0001d11e"
		cut      = len("gr\u00fc\u00dfe, \u20ac")
		surr     = "\xed\xa0\x80"
		tooHigh  = "\xf4\x90\x80\x80"
		edited   = "edited"
		surrText = kosme + surr + edited
	)
	invalid := func(id, what string, acts ...act) Case {
		c := failing(id, what, frame.StatusInvalidPayload, nil, acts...)
		c.closerFatal = true
		return c
	}
	cases := []Case{
		normal("6.1.1", "empty text", texts(""), send(frame.Text, "")),
		normal("6.1.2", "text in three empty fragments", texts(""),
			part(frame.Text, ""), part(frame.Continuation, ""), send(frame.Continuation, "")),
		normal("6.1.3", "text between two empty fragments", texts("middle frame payload"),
			part(frame.Text, ""), part(frame.Continuation, "middle frame payload"), send(frame.Continuation, "")),
		normal("6.2.1", "text with code points of one to four octets", texts(mixed), send(frame.Text, mixed)),
		normal("6.2.2", "the same, cut between code points", texts(mixed), part(frame.Text, mixed[:cut]), send(frame.Continuation, mixed[cut:])),
		normal("6.2.3", "the same in fragments of one octet", texts(mixed), inOctets(mixed)),
		normal("6.2.4", "Greek text in fragments of one octet", texts(kosme), inOctets(kosme)),
		invalid("6.3.1", "text with a surrogate", send(frame.Text, surrText)),
		invalid("6.3.2", "text with a surrogate in fragments of one octet", inOctets(surrText)),
	}

	// The parts of these come a second apart; a client has to see at the second
	// that the text is lost.
	const whole = kosme + tooHigh + edited
	beyond, seam := len(kosme)+len(tooHigh), len(kosme)+1
	slow := func(id, what string, first, second, third act) Case {
		c := invalid(id, what, first, pause(time.Second, "A"), second, pause(time.Second, "B"), third)
		c.want = [][]event{timeouts("A"), timeouts("A", "B")}
		return c
	}
	fragments := func(id, what string, i, j int) Case {
		return slow(id, what, part(frame.Text, whole[:i]), part(frame.Continuation, whole[i:j]), send(frame.Continuation, whole[j:]))
	}
	pieces := func(id, what string, i, j int) Case {
		head := string(frame.AppendHeader(nil, frame.Header{Fin: true, Opcode: frame.Text, Length: int64(len(whole))}))
		return slow(id, what, raw(head+whole[:i]), raw(whole[i:j]), raw(whole[j:]))
	}
	return append(cases,
		fragments("6.4.1", "text beyond U+10FFFF in slow fragments", len(kosme), beyond),
		fragments("6.4.2", "the same, cut inside the code point", seam, seam+1),
		pieces("6.4.3", "text beyond U+10FFFF in one slow frame", len(kosme), beyond),
		pieces("6.4.4", "the same, cut inside the code point", seam, seam+1),
	)
}
