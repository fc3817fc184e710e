package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// framing is section 1: one frame of each form of length.
func framing() []Case {
	var cases []Case
	for i, row := range []struct {
		op   frame.Opcode
		fill string
	}{{frame.Text, "*"}, {frame.Binary, "\xfe"}} {
		for j, size := range []int{0, 125, 126, 127, 128, 65535, 65536, 65536} {
			a := send(row.op, strings.Repeat(row.fill, size))
			c := normal(fmt.Sprintf("1.%d.%d", i+1, j+1), fmt.Sprintf("%v of %d octets", row.op, size),
				[]event{eventOf(row.op.String(), a.payload)}, a)
			if size >= 65535 {
				c = c.within(10 * time.Second)
			}
			if j == 7 {
				c = c.chopped(997)
			}
			cases = append(cases, c)
		}
	}
	return cases
}

// pings is section 2.
func pings() []Case {
	full := strings.Repeat("\xfe", frame.MaxControlPayload)
	goodbye := closeWith(closeCode(frame.StatusNormal, ""))
	var ten []string
	var tenPings []act
	for i := range 10 {
		ten = append(ten, fmt.Sprintf("payload-%d", i))
		tenPings = append(tenPings, send(frame.Ping, ten[i]))
	}
	return []Case{
		normal("2.1", "empty ping", pongs(""), send(frame.Ping, "")),
		normal("2.2", "ping with text", pongs("Hello, world!"), send(frame.Ping, "Hello, world!")),
		normal("2.3", "ping with binary payload", pongs("\x00\xff\xfe\xfd\xfc\xfb\x00\xff"), send(frame.Ping, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff")),
		normal("2.4", "ping of 125 octets", pongs(full), send(frame.Ping, full)),
		failing("2.5", "ping of 126 octets", frame.StatusProtocolError, nil, send(frame.Ping, full+"\xfe")),
		normal("2.6", "ping of 125 octets in octet chops", pongs(full), send(frame.Ping, full)).chopped(octetChops).within(2 * time.Second),
		normal("2.7", "unsolicited empty pong, Close", nil, send(frame.Pong, ""), goodbye),
		normal("2.8", "unsolicited pong, Close", nil, send(frame.Pong, "unsolicited pong payload"), goodbye),
		normal("2.9", "unsolicited pong, ping", pongs("ping payload"), send(frame.Pong, "unsolicited pong payload"), send(frame.Ping, "ping payload")),
		normal("2.10", "ten pings", pongs(ten...), tenPings...).within(3 * time.Second),
		normal("2.11", "ten pings in octet chops", pongs(ten...), tenPings...).chopped(octetChops).within(3 * time.Second),
	}
}

// reservedBits is section 3: no extension was negotiated (RFC 6455 section 5.2).
func reservedBits() []Case {
	const hello = "Hello, world!"
	fails := func(id, what string, a act) Case {
		return failing(id, what, frame.StatusProtocolError, nil, a)
	}
	second := func(bits uint8) []act {
		good := send(frame.Text, hello)
		return []act{good, good.withRSV(bits), send(frame.Ping, "")}
	}
	return []Case{
		fails("3.1", "text with RSV 1", send(frame.Text, hello).withRSV(1)),
		echoFirst("3.2", "text, text with RSV 2, ping", hello, second(2)...),
		echoFirst("3.3", "text, text with RSV 3, ping in frame chops", hello, second(3)...).chopped(frameChops),
		echoFirst("3.4", "text, text with RSV 4, ping in octet chops", hello, second(4)...).chopped(octetChops),
		fails("3.5", "binary with RSV 5", send(frame.Binary, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff").withRSV(5)),
		fails("3.6", "binary with RSV 6", send(frame.Binary, hello).withRSV(6)),
		fails("3.7", "empty Close with RSV 7", send(frame.Close, "").withRSV(7)),
	}
}

// opcodes is section 4: data opcodes and control opcodes without a meaning.
func opcodes() []Case {
	const hello = "Hello, world!"
	var cases []Case
	for i, first := range []frame.Opcode{3, 11} {
		id := func(n int) string { return fmt.Sprintf("4.%d.%d", i+1, n) }
		behind := func(a act) []act { return []act{send(frame.Text, hello), a, send(frame.Ping, "")} }
		cases = append(cases,
			failing(id(1), fmt.Sprintf("opcode %d, empty", first), frame.StatusProtocolError, nil, send(first, "")),
			failing(id(2), fmt.Sprintf("opcode %d", first+1), frame.StatusProtocolError, nil, send(first+1, "reserved opcode payload")),
			echoFirst(id(3), fmt.Sprintf("text, opcode %d empty, ping", first+2), hello, behind(send(first+2, ""))...),
			echoFirst(id(4), fmt.Sprintf("text, opcode %d, ping", first+3), hello, behind(send(first+3, hello))...),
			echoFirst(id(5), fmt.Sprintf("text, opcode %d, ping in octet chops", first+4), hello, behind(send(first+4, hello))...).chopped(octetChops),
		)
	}
	return cases
}
