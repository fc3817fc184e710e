package hostile_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// controlCases are rows B15 and B16: control frames that are too long, or cut.
func controlCases() []Case {
	var cases []Case
	for _, op := range []frame.Opcode{frame.Ping, frame.Pong, frame.Close} {
		payload := "\x03\xe8" + times(200_000, "x")
		for _, n := range []int{126, 127, 65535, 65536, 200_000} {
			cases = append(cases, failing(fmt.Sprintf("B15/%v-of-%d", op, n), protocolError, frameOf(op, true, payload[:n])))
		}
		for _, n := range []int{0, 2, 125} {
			cases = append(cases, failing(fmt.Sprintf("B16/%v-of-%d", op, n), protocolError, frameOf(op, false, payload[:n])))
		}
		cases = append(cases,
			failing(fmt.Sprintf("B15/%v-of-126-without-its-payload", op), protocolError, long16(0x80|byte(op), 126)),
			failing(fmt.Sprintf("B16/%v-then-a-continuation", op), protocolError, frameOf(op, false, ""), final("")))
	}
	return underLimits(cases...)
}

// pingCases are rows B17 to B21.
func pingCases() []Case {
	word := func(n int) string { return times(n, "p") }
	answered := func(id string, n int) Case {
		return delivered(id, join(ping(word(n)), text("a")), "a").answering(fmt.Sprint("pong ", word(n)))
	}
	pong16 := func() (frames []string, all []byte) {
		for i := range 16 {
			frames = append(frames, fmt.Sprintf("pong %d", i))
			all = append(all, ping(fmt.Sprint(i))...)
		}
		return frames, all
	}
	sixteen, burst := pong16()
	var cases []Case
	for _, n := range []int{0, 1, 124, 125} {
		cases = append(cases, answered(fmt.Sprintf("B17/%d-bytes", n), n))
	}
	quiet := delivered("B17/not-answered-when-told-so", join(ping("x"), text("a")), "a")
	quiet.Dialer.Policy = &fairlead.Policy{AnswerClose: true, SwallowPong: true}
	cases = append(cases,
		delivered("B17/NUL-and-high-bytes", join(ping("\x00\xff\x80"), text("a")), "a").answering("pong \x00\xff\x80"),
		delivered("B17/16-at-once", join(burst, text("a")), "a").answering(sixteen...),
		quiet,
		delivered("B18/one", join(pong(""), text("a")), "a"),
		delivered("B18/unknown-payload", join(pong("what?"), pong(word(125)), text("a")), "a"),
		delivered("B18/inside-a-message", join(first("a"), pong("x"), final("b")), "ab"),
		flood("B18/10^6", wstest.Repeat(1000, wstest.Send(many(1000, pong("")))), send(text("a"), bye())).teaches("L87"),
		flood("B18/10^5-of-125-bytes", wstest.Repeat(100, wstest.Send(many(1000, pong(word(125))))), send(text("a"), bye())).teaches("L87"),
		flood("B18/10^5-inside-a-message", send(first("a")), wstest.Repeat(100, wstest.Send(many(1000, pong("x")))), send(final("b"), bye())).teaches("L87"),
		Case{
			ID: "B18/while-a-ping-of-ours-waits", Peer: after(send(pong("no"), pong(""), pong(word(125)))),
			Do: pingOurs, Virtual: true, Takes: time.Minute, Is: []error{context.DeadlineExceeded}, Unsent: true,
		}.because("a Pong that does not carry the payload of our Ping is no answer to it"),
		Case{
			ID: "B19/answered-before-the-end", Peer: after(send(first("a"), ping("now")), wstest.ExpectFrame(frame.Pong, true, []byte("now")), send(final("b"), bye())),
			Closed: frame.StatusNormal, Messages: []string{"ab"}, Frames: []string{"pong now"},
		},
		delivered("B19/between-all-fragments", join(first("a"), ping("1"), next(""), ping("2"), next("b"), ping("3"), final("")), "ab").
			answering("pong 1", "pong 2", "pong 3"),
		Case{
			ID: "B20/bursts-of-16", Peer: after(wstest.Repeat(1000, send(burst), expectPongs(sixteen)), send(text("a"), bye())),
			Closed: frame.StatusNormal, Messages: []string{"a"}, Unsent: true, Within: 3 * time.Second,
		}.because("the row wants the newest only; DESIGN.md answers up to 16 in order, which RFC 6455 section 5.5.3 allows"),
		Case{
			ID: "B20/5000-at-once", Peer: after(send(numbered(5000), text("a"), bye())),
			Closed: frame.StatusNormal, Messages: []string{"a"}, Unsent: true, Check: newestAnswered(5000),
		}.teaches("L18"),
	)
	patience := 300 * time.Millisecond
	unread := Case{
		ID: "B21/in-memory", Lessons: []string{"L18", "L85"}, Peer: after(forever(string(many(100, ping(word(125)))))),
		Dialer: fairlead.Dialer{WriteTimeout: patience},
		Is:     []error{net.ErrClosed}, Unsent: true, Do: keepNone, Check: timedOut, Live: small, Within: 3 * time.Second,
	}
	tcp := unread
	tcp.ID, tcp.TCP = "B21/TCP", true
	secure := unread
	secure.ID, secure.TLS = "B21/TLS", true
	return append(cases, unread, tcp, secure)
}

// pingOurs waits for a Pong for a minute.
func pingOurs(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := c.Ping(ctx)
	return err
}

// flood is a script that leaves the message "a" or "ab", and nothing on the heap.
func flood(id string, steps ...wstest.Step) Case {
	return Case{ID: id, Peer: after(steps...), Closed: frame.StatusNormal, Do: keepNone, Heap: small, Within: 3 * time.Second}
}

func many(n int, b []byte) []byte { return []byte(times(n, string(b))) }

func numbered(n int) (all []byte) {
	for i := range n {
		all = append(all, ping(fmt.Sprint(i))...)
	}
	return all
}

func expectPongs(frames []string) wstest.Step {
	var steps []wstest.Step
	for _, f := range frames {
		_, payload, _ := strings.Cut(f, " ")
		steps = append(steps, wstest.ExpectFrame(frame.Pong, true, []byte(payload)))
	}
	return wstest.Repeat(1, steps...)
}

// newestAnswered demands pongs in the order of the pings, the last one answered.
func newestAnswered(n int) func(*Outcome) error {
	return func(o *Outcome) error {
		last := -1
		for _, f := range o.Frames {
			if f.Opcode != frame.Pong {
				continue
			}
			var i int
			if _, err := fmt.Sscan(f.Payload, &i); err != nil || i <= last {
				return fmt.Errorf("pong %q after %d", f.Payload, last)
			}
			last = i
		}
		if last != n-1 {
			return fmt.Errorf("the last pong is %d, want %d", last, n-1)
		}
		return nil
	}
}

func timedOut(o *Outcome) error {
	var t interface{ Timeout() bool }
	if !errors.As(o.Err, &t) || !t.Timeout() {
		return fmt.Errorf("no timeout: %w", o.Err)
	}
	return nil
}
