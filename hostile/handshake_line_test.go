package hostile_test

import (
	"fmt"

	"github.com/fairlead-ws/fairlead"
)

// statusLineCases are rows A14 to A18 and A54: the first line of the answer.
func statusLineCases() []Case {
	line := func(s string) string { return head(s, upgrade, connection, accept) }
	cases := []Case{
		refused("A14/HTTP-1.0", line("HTTP/1.0 101 Switching Protocols"), "HTTP/1.0"),
		opened("A14/HTTP-1.2", line("HTTP/1.2 101 Switching Protocols")).because("a higher minor version is an HTTP/1 (RFC 9112 section 2.3)"),
		unreadable("A14/HTTP-2.0", line("HTTP/2.0 101 Switching Protocols"), "HTTP/1.x"),
		unreadable("A14/HTTP-2", line("HTTP/2 101"), "HTTP/1.x"),
		unreadable("A14/HTTP-3", line("HTTP/3 101"), "HTTP/1.x"),
		unreadable("A14/HTTP-0.9", line("HTTP/0.9 101 OK"), "HTTP/1.x"),
		unreadable("A14/no-space", line("HTTP/1.1101 OK"), "HTTP/1.x"),
		unreadable("A14/two-digits", line("HTTP/1.10 101 OK"), "HTTP/1.x"),
		unreadable("A14/no-minor", line("HTTP/1 101 OK"), "HTTP/1.x"),
		unreadable("A14/small-letters", line("http/1.1 101 OK"), "not HTTP"),
		unreadable("A14/tab", line("HTTP/1.1\t101 OK"), "HTTP/1.x"),
	}
	for _, s := range []struct{ name, wire, says string }{
		{"ICY", "ICY 200 OK\r\n\r\n", `"ICY 200 OK\r"`},
		{"SSH", "SSH-2.0-OpenSSH_9.6\r\n", `"SSH-2.0-OpenSSH_9.6\r"`},
		{"TLS-alert", "\x15\x03\x01\x00\x02\x02\x46", "TLS"},
		{"TLS-handshake", "\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", "TLS"},
		{"SMTP", "220 mail.example.com ESMTP Postfix ready\r\n", `"220 mail.example.com ESMTP Postf"`},
		{"FTP", "220-Welcome\r\n220 ready\r\n", `"220-Welcome\r"`},
		{"HTTP-2-preface", "\x00\x00\x12\x04\x00\x00\x00\x00\x00", `"\x00\x00\x12\x04`},
		{"HTTP-request", "GET / HTTP/1.1\r\n\r\n", `"GET / HTTP/1.1\r"`},
		{"HTML", "<html><body>Bad Gateway", `"<html><body>Bad Gateway"`},
		{"escape-sequence", "\x1b]0;owned\x07\u009b2J\u202e\r\n", `"\x1b]0;owned\a`},
		{"empty-line", "\r\nHTTP/1.1 101 OK\r\n\r\n", `"\r"`},
		{"zeros", "\x00\x00\x00\x00\x00\x00\x00\x00", `"\x00`},
		{"byte-order-mark", "\xef\xbb\xbfHTTP/1.1 101 OK\r\n\r\n", "not HTTP"},
		{"space", " HTTP/1.1 101 OK\r\n\r\n", "not HTTP"},
	} {
		cases = append(cases, unreadable("A15/"+s.name, s.wire, s.says).teaches("L40"))
	}
	for _, s := range []struct{ name, status string }{
		{"99", "99"},
		{"099", "099"},
		{"000", "000"},
		{"600", "600"},
		{"999", "999"},
		{"1000", "1000"},
		{"1O1", "1O1"},
		{"negative", "-101"},
		{"plus", "+101"},
		{"empty", ""},
		{"hexadecimal", "0x65"},
		{"two-spaces", " 101"},
		{"point", "101.1"},
		{"arabic-digits", "\u0661\u0660\u0661"},
	} {
		cases = append(cases, unreadable("A16/"+s.name, line("HTTP/1.1 "+s.status+" OK"), "status is not three digits"))
	}
	const most = 8<<10 - len("HTTP/1.1 101 ") - len("\r\n")
	cases = append(cases,
		opened("A17/with-the-space", line("HTTP/1.1 101 ")).teaches("L89"),
		opened("A17/without-the-space", line("HTTP/1.1 101")).teaches("L89"),
		opened("A18/8-KiB", line("HTTP/1.1 101 "+times(most, "x"))),
		unreadable("A18/8-KiB-and-one", line("HTTP/1.1 101 "+times(most+1, "x")), "8192").decidedAt(8<<10+1),
		opened("A18/obs-text", line("HTTP/1.1 101 \x80\xff\t\xc3\xa9")),
		unreadable("A18/escape", line("HTTP/1.1 101 \x1b[31mOK"), "control character").teaches("L40").
			because("the row would accept it; RFC 9112 section 4 has no control character in a reason phrase, and the RFC wins"),
		unreadable("A18/NUL", line("HTTP/1.1 101 O\x00K"), "control character"),
		unreadable("A18/DEL", line("HTTP/1.1 101 O\x7fK"), "control character"),
		Case{ID: "A18/obs-text-in-a-refusal", Peer: peer(answer(head("HTTP/1.1 403 \x80\xff\u202e\u009b31m", "Content-Length: 0"))), Refused: fairlead.PhaseVerify, Status: 403}.teaches("L40"),
		unreadable("A54/text", string(text("hello")), `"\x81\x05hello"`),
		unreadable("A54/ping", string(ping("")), `"\x89\x00"`),
		unreadable("A54/close", string(bye()), `"\x88\x02`),
		Case{ID: "A54/unasked", Peer: peer(send(text("hello"))), Refused: fairlead.PhaseResponse, Says: "not HTTP"}.
			because("it comes before the request, too"),
		Case{ID: "A54/unasked-answer", Peer: peer(send([]byte(without(acceptField + "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")))), Refused: fairlead.PhaseVerify, Status: 101}.
			because("who answers before the request cannot know its key"),
	)
	return cases
}

// fieldCases are rows A19 to A23: what is wrong with a field line.
func fieldCases() []Case {
	const start = status101 + "\r\n" + upgrade + "\r\n" + connection + "\r\n" + accept + "\r\n"
	var cases []Case
	for _, s := range []struct{ id, lines, says string }{
		{"A19/in-a-field", "A: b\nC: d\r\n\r\n", "LF without CR"},
		{"A19/at-the-end", "A: b\r\n\n", "LF without CR"},
		{"A19/everywhere-behind", "A: b\n\n", "LF without CR"},
		{"A20/CR-in-a-value", "A: b\rc\r\n\r\n", "control character"},
		{"A20/CR-CR-LF", "A: b\r\r\n\r\n", "control character"},
		{"A20/NUL-in-a-value", "A: b\x00c\r\n\r\n", "control character"},
		{"A20/NUL-in-a-name", "A\x00: b\r\n\r\n", "not a token"},
		{"A20/ESC-in-a-value", "A: \x1b[2J\r\n\r\n", "control character"},
		{"A20/DEL-in-a-value", "A: \x7f\r\n\r\n", "control character"},
		{"A20/vertical-tab-in-a-value", "A: \v\r\n\r\n", "control character"},
		{"A20/NUL-in-Accept", accept + "\x00\r\n\r\n", "control character"},
		{"A21/space", "A: b\r\n c\r\n\r\n", "folded"},
		{"A21/tab", "A: b\r\n\tc\r\n\r\n", "folded"},
		{"A21/only-space", "A: b\r\n \r\n\r\n", "folded"},
		{"A22/space", "A : b\r\n\r\n", "before the colon"},
		{"A22/tab", "A\t: b\r\n\r\n", "before the colon"},
		{"A23/no-colon", "abc\r\n\r\n", "no colon"},
		{"A23/empty-name", ": b\r\n\r\n", "name is empty"},
		{"A23/space-in-a-name", "A b: c\r\n\r\n", "white space in the name"},
		{"A23/parenthesis-in-a-name", "A(b): c\r\n\r\n", "not a token"},
		{"A23/at-sign", "@A: c\r\n\r\n", "not a token"},
		{"A23/obs-text-in-a-name", "A\xe9: c\r\n\r\n", "not a token"},
		{"A23/slash-in-a-name", "A/b: c\r\n\r\n", "not a token"},
		{"A23/status-line-again", "HTTP/1.1 101 OK\r\n\r\n", "not a token"},
	} {
		cases = append(cases, unreadable(s.id, start+s.lines, s.says))
	}
	for i := range 32 {
		if c := string(rune(i)); i != '\t' && i != '\n' && i != '\r' && i != 0 && i != 0x1b && i != '\v' {
			cases = append(cases, unreadable(fmt.Sprintf("A20/%02x-in-a-value", i), start+"A: b"+c+"\r\n\r\n", "control character"))
		}
	}
	return append(cases,
		unreadable("A19/after-the-status-line", status101+"\n"+upgrade+"\r\n\r\n", "LF without CR").
			because("strict: RFC 9112 section 2.2 lets a recipient take a bare LF for a line end, and does not ask for it"),
		unreadable("A19/everywhere", status101+"\n"+upgrade+"\n"+connection+"\n"+accept+"\n\n", "LF without CR"),
		unreadable("A20/CR-in-the-status-line", "HTTP/1.1 101 O\rK\r\n\r\n", "control character"),
		unreadable("A21/first-line", status101+"\r\n "+upgrade+"\r\n\r\n", "folded"),
		opened("A23/every-token-byte", switching("!#$%&'*+-.^_`|~09azAZ: v")),
		opened("A20/obs-text-in-a-value", switching("A: \x80\xff\t\xc3\xa9")),
		opened("A23/empty-value", switching("A:", "B: \t ")),
	)
}
