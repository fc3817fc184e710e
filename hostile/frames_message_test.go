package hostile_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// fragmentCases are rows B22 to B24: which frame may come next.
func fragmentCases() []Case {
	cases := []Case{
		failing("B22/final", protocolError, final("x")),
		failing("B22/not-final", protocolError, next("x")),
		failing("B22/empty", protocolError, final("")),
		failing("B22/inside-a-ping", protocolError, ping("a"), final("x")).answering("pong a"),
	}
	cases = underLimits(cases...)
	after := failing("B22/after-a-message", protocolError, text("a"), final("x"))
	after.Messages = []string{"a"}
	fragments := failing("B22/after-fragments", protocolError, first("a"), final("b"), next("x"))
	fragments.Messages = []string{"ab"}
	cases = append(cases, after, fragments)
	for _, begun := range []frame.Opcode{frame.Text, frame.Binary} {
		for _, op := range []frame.Opcode{frame.Text, frame.Binary} {
			for _, fin := range []bool{true, false} {
				cases = append(cases, failing(fmt.Sprintf("B23/%v-inside-%v-fin-%t", op, begun, fin), protocolError, frameOf(begun, false, "a"), frameOf(op, fin, "b")))
			}
		}
	}
	cases = append(cases,
		failing("B23/behind-a-ping", protocolError, first("a"), ping("p"), text("b")).answering("pong p"),
		failing("B23/behind-a-continuation", protocolError, first("a"), next("b"), text("c")),
	)
	return append(cases, byVerb(
		delivered("B24/first", join(first(""), final("a")), "a"),
		delivered("B24/middle", join(first("a"), next(""), final("b")), "ab"),
		delivered("B24/last", join(first("a"), final("")), "a"),
		delivered("B24/all", join(first(""), next(""), final("")), ""),
		delivered("B24/many", join(first(""), many(1000, next("")), next("a"), many(1000, next("")), final("")), "a"),
		delivered("B24/binary", join(frameOf(frame.Binary, false, ""), next("\xff"), final("")), "\xff"),
		delivered("B24/empty-message", text(""), ""),
	)...)
}

// floodCases are rows B25 to B28: frames without end.
func floodCases() []Case {
	const size = 2 // bytes of an empty frame
	endlessly := func(id string, code frame.StatusCode, begin []byte, round []byte, decides int64, heap int64) Case {
		return Case{
			ID: id, Peer: after(send(begin), forever(string(round))), Failed: code, Unsent: true,
			Decides: decides, Live: heap, Within: 3 * time.Second,
		}
	}
	// The peer writes on, so the Close may find no room; the code is in the error.
	cases := []Case{
		endlessly("B25/text", tooMany, first(""), many(1000, next("")), (defaultFragments+1)*size, small).teaches("L15", "L16"),
		endlessly("B25/binary", tooMany, frameOf(frame.Binary, false, ""), many(1000, next("")), (defaultFragments+1)*size, small).teaches("L16"),
		endlessly("B25/pings-between", tooMany, first(""), many(1000, join(next(""), pong(""))), 2*defaultFragments*size, small).teaches("L16"),
		endlessly("B26/one-byte-each", tooMany, first("a"), many(1000, next("a")), (defaultFragments+1)*(size+1), 4*defaultFragments+small).teaches("L14", "L15"),
		endlessly("B27/64-KiB-each", tooBig, first(""), next(times(65535, "x")), 0, 4*defaultBytes+small).teaches("L14", "L17"),
		endlessly("B27/1000-bytes-each", tooMany, first(""), next(times(100, "x")), 0, 4*defaultBytes+small).teaches("L14"),
		endlessly("B27/under-a-limit-of-64-KiB", tooBig, first(""), many(100, next(times(100, "x"))), 0, 4<<16+small).limited(64<<10, 0).teaches("L14"),
		failing("B25/limit-2", tooMany, first("a"), next("b"), final("c")).limited(0, 2),
		delivered("B25/limit-3", join(first("a"), next("b"), final("c")), "abc").limited(0, 3),
		flood("B25/10^6-unlimited", send(first("")), wstest.Repeat(1000, wstest.Send(many(1000, next("")))), send(final("a"), bye())).limited(0, -1).teaches("L08", "L16"),
	}
	slow := Case{
		ID: "B27/one-each-second", Virtual: true, Takes: 10 * time.Second,
		Peer: after(send(first("")), wstest.Repeat(30, send(next("x")), wstest.Pause(time.Second))),
		Is:   []error{context.DeadlineExceeded},
		Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			_, _, err := c.Read(ctx)
			if c.Err() != nil {
				return fmt.Errorf("the connection has ended: %w", c.Err())
			}
			return err
		},
	}.because("the deadline of a message is that of the caller's context; it does not harm the connection")
	for i, c := range cases {
		if c.Do == nil && c.Messages == nil {
			cases[i].Do = keepNone
		}
	}
	return append(cases, slow,
		Case{ID: "B28/10^6", Peer: after(forever(string(many(1000, text(""))))), Do: count(1_000_000), Heap: small, Within: 3 * time.Second},
		Case{ID: "B28/binary-and-text", Peer: after(forever(string(many(1000, join(text(""), frameOf(frame.Binary, true, "")))))), Do: count(1_000_000), Heap: small, Within: 3 * time.Second},
		Case{ID: "B28/in-two-fragments", Peer: after(forever(string(many(1000, join(first(""), final("")))))), Do: count(500_000), Live: small, Within: 3 * time.Second},
		Case{ID: "B28/nobody-reads", Peer: after(forever(string(many(1000, text(""))))), Do: func(_ context.Context, c *fairlead.Conn, _ *Outcome) error {
			time.Sleep(20 * time.Millisecond)
			return c.CloseNow()
		}, Heap: small}.because("nobody reads the socket either: backpressure is TCP's"),
	)
}
