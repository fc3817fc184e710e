package hostile_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func coded(code uint16, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, code)) + reason
}

// closed is a session that the server ends with this Close.
func closed(id string, payload string, code frame.StatusCode) Case {
	return Case{ID: id, Peer: after(send(closing(payload))), Closed: code}
}

func reasonIs(want string) func(*Outcome) error {
	return func(o *Outcome) error {
		if ce, ok := errors.AsType[*fairlead.CloseError](o.Err); !ok || ce.Reason != want {
			return fmt.Errorf("want the reason %q: %w", want, o.Err)
		}
		return nil
	}
}

// closeCases are rows B33 to B41, and B51: Close frames that come.
func closeCases() []Case {
	const ok = "\x03\xe8"
	cases := byVerb(
		closed("B33/empty", "", frame.StatusNoStatus).because("1005 is reported and the answer is empty: it is never sent (RFC 6455 section 7.4.1)").checked(answersEmpty),
		failing("B34/one-byte", protocolError, closing("\x03")),
		closed("B36/1000", ok, frame.StatusNormal),
		failing("B38/124", protocolError, frameOf(frame.Close, true, ok+times(124, "r"))),
		closed("B38/123", ok+times(123, "r"), frame.StatusNormal).checked(reasonIs(times(123, "r"))),
	)
	for _, code := range []uint16{0, 1, 255, 256, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1100, 1999, 2000, 2500, 2999, 5000, 5001, 10000, 32768, 65535} {
		cases = append(cases, failing(fmt.Sprintf("B35/%d", code), protocolError, closing(coded(code, ""))))
	}
	cases = append(cases, failing("B35/1006-with-a-reason", protocolError, closing(coded(1006, "gone"))))
	for _, code := range []uint16{1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		row := "B36"
		if code == 1012 || code == 1013 {
			row = "B51"
		}
		cases = append(cases, closed(fmt.Sprintf("%s/%d", row, code), coded(code, "why"), frame.StatusCode(code)).checked(reasonIs("why")))
	}
	for _, s := range append(notUTF8, cutUTF8...) {
		cases = append(cases, failing("B37/"+s.name, invalidPayload, closing(ok+"reason "+s.bytes)))
	}
	discarded := func(id string, behind ...[]byte) Case {
		return Case{ID: id, Peer: after(send(append([][]byte{bye()}, behind...)...)), Closed: frame.StatusNormal}
	}
	cases = append(cases,
		closed("B37/terminal-codes", coded(1000, "\u009b2J\x1b]0;x\x07\u202e"), frame.StatusNormal).teaches("L40").
			because("they are text; Error escapes them, Reason has them as they came"),
		discarded("B39/text", text("late")), discarded("B39/binary", frameOf(frame.Binary, true, "late")), discarded("B39/ping", ping("late")), discarded("B39/pong", pong("late")),
		discarded("B39/a-breach", raw(0x83, 0)).because("what follows a Close is nothing (RFC 6455 section 5.5.1)"),
		discarded("B39/half-a-frame", long64(0x82, 1000)),
		discarded("B39/megabytes", text(times(4<<20, "x"))),
		discarded("B40/same", bye()), discarded("B40/other-code", closing(coded(1001, ""))), discarded("B40/bad-code", closing(coded(1006, ""))),
	)
	partly := func(id string, code uint16, whole []string, pieces ...[]byte) Case {
		return Case{
			ID: id, Lessons: []string{"L101"}, Peer: after(send(append(pieces, closing(coded(code, "")))...)),
			Closed: frame.StatusCode(code), Messages: whole, Says: "inside a message",
		}
	}
	return append(cases, byVerb(
		partly("B41/first-fragment", 1000, nil, first("part")),
		partly("B41/two-fragments", 1000, nil, first("part"), next(" two")),
		partly("B41/after-a-message", 1000, []string{"whole"}, text("whole"), first("part")),
		partly("B41/going-away", 1001, nil, first("")),
	)...)
}

func answersEmpty(o *Outcome) error {
	if n := len(o.Frames); n != 1 || o.Frames[0].Payload != "" {
		return fmt.Errorf("the client sent %v, want an empty Close", o.Frames)
	}
	return nil
}

// hangUp closes with 1000.
func hangUp(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
	return c.Close(ctx, frame.StatusNormal, "")
}

// closingCases are rows B42 to B44: what comes after a Close of ours.
func closingCases() []Case {
	ours := wstest.ExpectClose(frame.StatusNormal)
	clean := func(id string, steps ...wstest.Step) Case {
		return Case{ID: id, Peer: after(append(steps, wstest.Shut())...), Do: hangUp}
	}
	gaveUp := func(id string, takes time.Duration, steps ...wstest.Step) Case {
		return Case{
			ID: id, Virtual: true, Takes: takes, Peer: after(steps...), Do: hangUp, Says: "closing handshake not completed",
			Is: []error{context.DeadlineExceeded}, Lessons: []string{"L87"},
		}
	}
	short := gaveUp("B43/close-timeout-of-2-s", 2*time.Second, ours)
	short.Dialer.CloseTimeout = 2 * time.Second
	drip := gaveUp("B42/data-for-ever", fairlead.DefaultCloseTimeout, ours, wstest.Repeat(20, send(text("more")), wstest.Pause(time.Second)))
	pings := gaveUp("B42/pings-for-ever", fairlead.DefaultCloseTimeout, ours, wstest.Repeat(20, send(ping("more")), wstest.Pause(time.Second)))
	pings.Peer, pings.Unsent = append(pings.Peer[:2:2], pings.Peer[2:]...), true
	return []Case{
		clean("B42/answers", ours, send(bye())),
		clean("B42/other-code", ours, send(closing(coded(1001, "")))),
		clean("B42/empty-answer", ours, send(closing(""))),
		clean("B42/closes-at-the-same-time", send(bye()), ours),
		clean("B42/data-then-the-answer", ours, send(text("more"), first("a"), ping("p"), final("b"), bye())),
		clean("B42/a-message-under-way", send(first("a")), ours, send(next("b"), final("c"), bye())),
		clean("B42/a-message-unfinished", send(first("a")), ours, send(bye())),
		clean("B42/1-MiB-then-the-answer", ours, send(frameOf(frame.Binary, true, times(1<<20, "x")), bye())),
		{ID: "B42/a-breach", Peer: after(ours, send(raw(0x83, 0)), wstest.Shut()), Do: hangUp, Is: []error{net.ErrClosed}, Says: "the peer broke the protocol"},
		drip.because("messages behind our Close are thrown away by Close; who wants them keeps reading"),
		pings,
		gaveUp("B43/silence", fairlead.DefaultCloseTimeout, ours), short,
		gaveUp("B43/nothing-is-read", fairlead.DefaultCloseTimeout),
		gaveUp("B43/half-an-answer", fairlead.DefaultCloseTimeout, ours, send(bye()[:3])),
		{ID: "B43/a-context-of-1-s", Virtual: true, Takes: time.Second, Peer: after(ours), Is: []error{context.DeadlineExceeded}, Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return hangUp(ctx, c, o)
		}},
		{ID: "B44/EOF", Peer: after(ours, wstest.Shut()), Do: hangUp, Says: "status 1006"},
		{ID: "B44/RST", Peer: after(ours, wstest.Reset()), Do: hangUp, Says: "status 1006", Unsent: true},
		{ID: "B44/EOF-inside-the-answer", Peer: after(ours, send(bye()[:2]), wstest.Shut()), Do: hangUp, Says: "status 1006"},
		{ID: "B44/EOF-before", Peer: after(wstest.Shut()), Do: hangUp, Says: "status 1006"},
	}
}
