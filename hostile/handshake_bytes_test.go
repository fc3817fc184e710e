package hostile_test

import (
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// limitedReads gives at most max bytes a Read, the first time first.
type limitedReads struct {
	net.Conn
	first, max int
}

func (c *limitedReads) Read(p []byte) (int, error) {
	n := c.max
	if c.first > 0 {
		n = c.first
	}
	n, err := c.Conn.Read(p[:min(len(p), n)])
	c.first = max(0, c.first-n)
	return n, err
}

func (c *limitedReads) CloseWrite() error {
	return c.Conn.(interface{ CloseWrite() error }).CloseWrite()
}

func oneByteReads(nc net.Conn) net.Conn { return &limitedReads{Conn: nc, max: 1} }

// splitAt makes no Read pass the n-th byte of the stream.
func splitAt(n int) func(net.Conn) net.Conn {
	return func(nc net.Conn) net.Conn { return &limitedReads{nc, n, 1 << 20} }
}

// glueCases are rows A31, A32 and A34: what comes behind the head.
func glueCases() []Case {
	glued := func(id string, behind string, messages ...string) Case {
		return Case{ID: id, Peer: peer(answer(switching() + behind)), Closed: frame.StatusNormal, Messages: messages}
	}
	cases := []Case{
		{ID: "A31/glued", Peer: peer(answer(switching() + switching())), Failed: frame.StatusProtocolError},
		{ID: "A31/later", Peer: peer(answer(switching()), wstest.Send([]byte(head(status101, upgrade)))), Failed: frame.StatusProtocolError},
		{ID: "A31/200-later", Peer: peer(answer(switching()), wstest.Send([]byte(head("HTTP/1.1 200 OK", "Content-Length: 0")))), Failed: frame.StatusProtocolError},
	}
	length := glued("A32/length-5", "", "abc")
	length.Peer = peer(answer(switching("Content-Length: 5") + string(text("abc")) + string(bye())))
	chunk := glued("A32/looks-like-a-chunk", "", "5\r\nab")
	chunk.Peer = peer(answer(switching("Content-Length: 0") + string(text("5\r\nab")) + string(bye())))
	bad := refused("A32/length-is-no-number", switching("Content-Length: x"), "")
	bad.Refused, bad.Status, bad.Closed, bad.Messages = "", 0, frame.StatusNormal, nil
	bad.Peer = append(bad.Peer, send(bye()))
	cases = append(cases, length, chunk, bad.because("a server must not send it and a client must ignore it (RFC 9110 section 8.6)"))
	for _, n := range []int{1, 2, 3, 100, 4000} {
		var all string
		var want []string
		for i := range n {
			m := fmt.Sprintf("message %d", i)
			all += string(text(m))
			want = append(want, m)
		}
		cases = append(cases, glued(fmt.Sprintf("A34/%d-messages", n), all+string(bye()), want...))
	}
	big := times(200_000, "x")
	half := glued("A34/half-a-frame", "", "hello")
	half.Peer = peer(answer(switching()+string(text("hello"))[:3]), send(text("hello")[3:], bye()))
	header := glued("A34/half-a-header", "", big)
	header.Peer = peer(answer(switching()+string(text(big))[:5]), send(text(big)[5:], bye()))
	pings := glued("A34/a-ping", string(ping("x"))+string(bye()))
	pings.Frames = []string{"ping x"}
	pings.Frames = []string{"pong x"}
	return append(cases, half, header, pings,
		glued("A34/only-a-close", string(bye())),
		glued("A34/more-than-a-buffer", string(text(big))+string(bye()), big),
		Case{ID: "A34/a-breach", Peer: peer(answer(switching() + "\x83\x00")), Failed: frame.StatusProtocolError},
	)
}

// A session as a server sends it, and what stands in it.
var (
	sessionFrames = string(first("al")) + string(ping("p")) + string(next("")) + string(final("pha")) + string(bin("beta")) + string(bye())
	sessionWire   = switching() + sessionFrames
	sessionGives  = []string{"alpha", "beta"}
)

// onWire is how long text is once the value of Accept stands in it.
func onWire(text string) int { return len(text) - len(acceptMark) + 28 }

// splitHeadCases are row A35: no split changes the result.
func splitHeadCases() []Case {
	whole := func(id string, wrap func(net.Conn) net.Conn) Case {
		return Case{
			ID: id, Peer: peer(answer(sessionWire)), Wrap: wrap,
			Closed: frame.StatusNormal, Messages: sessionGives, Frames: []string{"pong p"},
		}
	}
	cases := []Case{whole("A35/single-bytes", oneByteReads).teaches("L20")}
	for n := 1; n < onWire(switching())+2; n++ {
		cases = append(cases, whole(fmt.Sprintf("A35/split-at-%d", n), splitAt(n)))
	}
	bad := unreadable("A35/no-colon-in-single-bytes", head(status101, "A"), "no colon")
	bad.Wrap = oneByteReads
	tooLong := unreadable("A35/129-fields-in-single-bytes", switching(repeat(126, "A:")...), "128 fields")
	tooLong.Wrap = oneByteReads
	return append(cases, bad, tooLong)
}

// cutHeadCases are rows A36 and A37: the answer ends, or is cut, after any byte. The
// row wants a reset to be called temporary; package net has given that word up,
// and who wants to dial again can match syscall.ECONNRESET.
func cutHeadCases() []Case {
	var cases []Case
	for n := range onWire(switching()) {
		cases = append(cases,
			Case{
				ID: fmt.Sprintf("A36/EOF-after-%d", n), Lessons: []string{"L101"}, Peer: peer(answerCut(switching(), n), wstest.Shut()),
				Refused: fairlead.PhaseResponse, Is: []error{io.ErrUnexpectedEOF},
			},
			Case{
				ID: fmt.Sprintf("A37/RST-after-%d", n), Peer: peer(answerCut(switching(), n), wstest.Reset()),
				Refused: fairlead.PhaseResponse, Is: []error{syscall.ECONNRESET},
			})
	}
	for _, n := range []int{0, 1, 40, onWire(switching()) - 1} {
		cases = append(cases,
			Case{
				ID: fmt.Sprintf("A36/TCP-EOF-after-%d", n), TCP: true, Peer: peer(answerCut(switching(), n), wstest.Shut()),
				Refused: fairlead.PhaseResponse, Is: []error{io.ErrUnexpectedEOF},
			},
			Case{
				ID: fmt.Sprintf("A37/TCP-RST-after-%d", n), TCP: true, Peer: peer(answerCut(switching(), n), wstest.Reset()),
				Refused: fairlead.PhaseResponse, Is: []error{syscall.ECONNRESET},
			},
			Case{
				ID: fmt.Sprintf("A36/TLS-close_notify-after-%d", n), TLS: true, Peer: peer(answerCut(switching(), n), wstest.Shut()),
				Refused: fairlead.PhaseResponse, Is: []error{io.ErrUnexpectedEOF},
			})
	}
	return append(cases,
		Case{ID: "A36/EOF-without-a-request-read", Peer: peer(wstest.Shut()), Refused: fairlead.PhaseResponse, Is: []error{io.ErrUnexpectedEOF}},
		Case{ID: "A36/EOF-after-an-interim-response", Peer: peer(answer("HTTP/1.1 100 C\r\n\r\n"), wstest.Shut()), Refused: fairlead.PhaseResponse, Is: []error{io.ErrUnexpectedEOF}},
		Case{ID: "A37/RST-without-a-request-read", Peer: peer(wstest.Reset()), Is: []error{syscall.ECONNRESET}, Says: "dial failed"}.
			because("the reset may come before the request is sent, or behind it"),
	)
}
