package hostile_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// refusedCall is a call that must fail without a byte on the wire, on a connection
// that goes on.
func refusedCall(id, says string, call func(ctx context.Context, c *fairlead.Conn) error) Case {
	return Case{
		ID: id, Peer: after(wstest.ExpectFrame(frame.Text, true, []byte("alive")), send(text("yes"))), Frames: []string{"text alive"}, Messages: []string{"yes"},
		Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			if err := call(ctx, c); err == nil || !strings.Contains(err.Error(), says) || errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("want an error that says %q and harms nothing: %w", says, err)
			}
			if err := c.WriteText(ctx, "alive"); err != nil {
				return err
			}
			_, p, err := c.Read(ctx)
			o.Messages = append(o.Messages, string(p))
			return err
		},
	}
}

// argumentCases are L-10, L-12, L-13 and L-14.
func argumentCases() []Case {
	var cases []Case
	for _, v := range slices.Concat(littles, writings) {
		if v.name == "many littles" {
			continue
		}
		//nolint:staticcheck // a nil context is the case
		cases = append(cases, refusedCall(fmt.Sprintf("L-10/nil-context-%s-%d", v.name, len(cases)), "nil context", func(_ context.Context, c *fairlead.Conn) error { return v.send(nil, c) }).teaches("L100"))
	}
	for _, r := range readings {
		//nolint:staticcheck // a nil context is the case
		cases = append(cases, refusedCall("L-10/nil-context-"+r.name, "nil context", func(_ context.Context, c *fairlead.Conn) error { return r.read(nil, c) }).teaches("L100"))
	}
	close := func(code frame.StatusCode, reason string) func(ctx context.Context, c *fairlead.Conn) error {
		return func(ctx context.Context, c *fairlead.Conn) error { return c.Close(ctx, code, reason) }
	}
	for _, code := range []frame.StatusCode{0, 1, 999, 1004, 1006, 1015, 1016, 1999, 2999, 5000, 65535} {
		cases = append(cases, refusedCall(fmt.Sprintf("L-12/code-%d", code), "", close(code, "")))
	}
	cases = append(cases,
		refusedCall("L-10/nil-context-Ping", "nil context", func(_ context.Context, c *fairlead.Conn) error { _, err := c.Ping(nil); return err }), //nolint:staticcheck // a nil context is the case
		refusedCall("L-10/nil-function-Batch", "function", func(ctx context.Context, c *fairlead.Conn) error { return c.Batch(ctx, nil) }),
		refusedCall("L-12/reason-of-124-bytes", "", close(frame.StatusNormal, times(124, "x"))),
		refusedCall("L-12/reason-without-a-code", "", close(frame.StatusNoStatus, "x")),
		refusedCall("L-12/reason-that-is-no-UTF-8", "", close(frame.StatusNormal, "\xff")),
		refusedCall("L-12/reason-with-half-a-code-point", "", close(frame.StatusNormal, "\xe2\x82")),
		refusedCall("L-14/message-type-0", "neither Text nor Binary", func(ctx context.Context, c *fairlead.Conn) error { return c.Write(ctx, 0, nil) }),
		refusedCall("L-14/message-type-9", "neither Text nor Binary", func(ctx context.Context, c *fairlead.Conn) error { return c.Write(ctx, 9, nil) }),
	)
	for _, code := range []frame.StatusCode{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		cases = append(cases, Case{
			ID: fmt.Sprintf("L-12/good: code-%d", code), Peer: after(wstest.ExpectClose(code), send(closing(string([]byte{byte(code >> 8), byte(code)}))), wstest.Shut()),
			Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
				return c.Close(ctx, code, times(123, "x"))
			},
		})
	}
	for _, f := range []struct {
		name string
		h    frame.Header
		n    int
	}{
		{"Ping-126", frame.Header{Fin: true, Opcode: frame.Ping}, 126},
		{"Pong-126", frame.Header{Fin: true, Opcode: frame.Pong}, 126},
		{"Close-126", frame.Header{Fin: true, Opcode: frame.Close}, 126},
		{"Ping-64-KiB", frame.Header{Fin: true, Opcode: frame.Ping}, 65536},
		{"Ping-fragment", frame.Header{Opcode: frame.Ping}, 0},
		{"Pong-fragment", frame.Header{Opcode: frame.Pong}, 0},
		{"Close-fragment", frame.Header{Opcode: frame.Close}, 0},
		{"reserved-3", frame.Header{Fin: true, Opcode: 3}, 0},
		{"reserved-11", frame.Header{Fin: true, Opcode: 11}, 0},
		{"opcode-16", frame.Header{Fin: true, Opcode: 16}, 0},
		{"opcode-255", frame.Header{Fin: true, Opcode: 255}, 0},
		{"continuation-of-nothing", frame.Header{Fin: true}, 1},
		{"RSV1", frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Text}, 1},
		{"RSV2", frame.Header{Fin: true, RSV: frame.RSV2, Opcode: frame.Text}, 1},
		{"RSV3", frame.Header{Fin: true, RSV: frame.RSV3, Opcode: frame.Binary}, 1},
		{"RSV1-on-Ping", frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Ping}, 1},
	} {
		cases = append(cases, refusedCall("L-13/"+f.name, "", func(ctx context.Context, c *fairlead.Conn) error { return c.WriteFrame(ctx, f.h, make([]byte, f.n)) }))
	}
	for name, bad := range map[string]string{"FF": "a\xff", "overlong": "\xc0\x80", "surrogate": "\xed\xa0\x80", "beyond": "\xf4\x90\x80\x80", "cut": "\xe2\x82", "lone": "\x80"} {
		for _, long := range []string{"", times(64<<10, "x")} {
			id := "L-14/" + name
			if long != "" {
				id += "-long"
			}
			p := []byte(long + bad)
			cases = append(cases,
				refusedCall(id+"-Write", "UTF-8", func(ctx context.Context, c *fairlead.Conn) error { return c.Write(ctx, fairlead.Text, p) }),
				refusedCall(id+"-WriteText", "UTF-8", func(ctx context.Context, c *fairlead.Conn) error { return c.WriteText(ctx, string(p)) }),
				refusedCall(id+"-WriteUncompressed", "UTF-8", func(ctx context.Context, c *fairlead.Conn) error { return c.WriteUncompressed(ctx, fairlead.Text, p) }),
				refusedCall(id+"-Batch", "UTF-8", func(ctx context.Context, c *fairlead.Conn) error {
					return c.Batch(ctx, func(b *fairlead.Batch) error { return b.Write(fairlead.Text, p) })
				}),
			)
		}
	}
	return cases
}

// sentLengthCases are L-15: each payload has the shortest length there is. 2^31 bytes
// are not sent: a test for them needs more memory than a machine of CI has.
func sentLengthCases() []Case {
	var cases []Case
	for _, n := range []int{0, 1, 124, 125, 126, 127, 65534, 65535, 65536, 65537, 1 << 20} {
		want := make([]byte, n)
		for i := range want {
			want[i] = byte(i % 251)
		}
		for _, v := range []struct {
			name string
			send func(ctx context.Context, c *fairlead.Conn, p []byte) error
		}{
			{"Write", func(ctx context.Context, c *fairlead.Conn, p []byte) error { return c.Write(ctx, fairlead.Binary, p) }},
			{"WriteFrame", func(ctx context.Context, c *fairlead.Conn, p []byte) error {
				return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Binary}, p)
			}},
			{"Batch", func(ctx context.Context, c *fairlead.Conn, p []byte) error {
				return c.Batch(ctx, func(b *fairlead.Batch) error { return b.Write(fairlead.Binary, p) })
			}},
			{"Writer", func(ctx context.Context, c *fairlead.Conn, p []byte) error {
				w := c.Writer(ctx, fairlead.Binary)
				if _, err := w.Write(p); err != nil {
					return err
				}
				return w.Close()
			}},
		} {
			steps := []wstest.Step{wstest.ExpectFrame(frame.Binary, true, want)}
			if v.name == "Writer" && n > 0 {
				steps = []wstest.Step{wstest.ExpectFrame(frame.Binary, false, want), wstest.ExpectFrame(frame.Continuation, true, nil)}
			}
			cases = append(cases, Case{
				ID: fmt.Sprintf("L-15/%s-%d", v.name, n), Unsent: true, Within: 5 * time.Second, Peer: after(steps...),
				Note: "L-18 too: what the caller does to its bytes afterwards has no effect",
				Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
					p := slices.Clone(want)
					err := v.send(ctx, c, p)
					for i := range p {
						p[i] = 0xEE
					}
					return err
				},
			}.teaches("L39", "L42"))
		}
	}
	return cases
}
