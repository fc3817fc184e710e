package conformance

import (
	"fmt"
	"strings"

	"github.com/fairlead-ws/fairlead/frame"
)

// closing is section 7: the server closes (RFC 6455 sections 5.5.1 and 7).
func closing() []Case {
	const (
		hello = "Hello World!"
		long  = 256 << 10
	)
	bye := closeWith(closeCode(frame.StatusNormal, ""))
	polite := func(id, what string, acts ...act) Case {
		c := normal(id, what, nil, acts...)
		c.codeFatal = true
		return c
	}
	refused := func(id, what, payload string, codes ...frame.StatusCode) Case {
		c := polite(id, what, closeWith(payload))
		c.clean, c.codes = false, codes
		return c
	}
	first := normal("7.1.1", "text", texts(hello), send(frame.Text, hello))
	first.codeFatal = true

	cases := []Case{
		first,
		polite("7.1.2", "Close 1000, empty Close", bye, send(frame.Close, "")),
		polite("7.1.3", "Close 1000, ping", bye, send(frame.Ping, "")),
		polite("7.1.4", "Close 1000, text", bye, send(frame.Text, hello)),
		polite("7.1.5", "Close 1000 between two fragments", part(frame.Text, "fragment1"), bye, send(frame.Continuation, "fragment2")),
		{
			ID: "7.1.6", Text: "256 KiB of text, text, Close 1000, ping",
			acts:  []act{send(frame.Text, strings.Repeat("*", long)), send(frame.Text, hello), bye, send(frame.Ping, "")},
			limit: closeLimit, want: [][]event{texts(hello), nil}, informational: true,
			closer: server, clean: true, codes: []frame.StatusCode{frame.StatusNormal},
		},
		polite("7.3.1", "empty Close", closeWith("")),
		refused("7.3.2", "Close of one octet", "a", frame.StatusProtocolError),
		polite("7.3.3", "Close 1000", bye),
		polite("7.3.4", "Close 1000 with a reason", closeWith(closeCode(frame.StatusNormal, hello))),
		polite("7.3.5", "Close 1000 with a reason of 123 octets", closeWith(closeCode(frame.StatusNormal, strings.Repeat("*", 123)))),
		refused("7.3.6", "Close 1000 with a reason of 124 octets", closeCode(frame.StatusNormal, strings.Repeat("*", 124)), frame.StatusProtocolError),
		refused("7.5.1", "Close 1000 with a reason that is not UTF-8", closeCode(frame.StatusNormal, kosme+"\xed\xa0\x80edited"),
			frame.StatusProtocolError, frame.StatusInvalidPayload),
	}
	for i, code := range []frame.StatusCode{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		c := polite(fmt.Sprintf("7.7.%d", i+1), fmt.Sprintf("Close %d, which is valid", code), closeWith(closeCode(code, "")))
		c.codes = append(c.codes, code)
		cases = append(cases, c)
	}
	for i, code := range []frame.StatusCode{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999} {
		cases = append(cases, refused(fmt.Sprintf("7.9.%d", i+1), fmt.Sprintf("Close %d, which is not valid", code),
			closeCode(code, ""), frame.StatusProtocolError))
	}
	for i, code := range []frame.StatusCode{5000, 65535} {
		c := refused(fmt.Sprintf("7.13.%d", i+1), fmt.Sprintf("Close %d", code), closeCode(code, ""),
			frame.StatusNormal, code, frame.StatusProtocolError)
		c.informational = true
		cases = append(cases, c)
	}
	return cases
}
