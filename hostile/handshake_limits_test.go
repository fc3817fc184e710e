package hostile_test

import (
	"context"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/wstest"
)

const (
	headBytes = 64 << 10
	endless   = 1 << 30 // rounds of a script that the client ends
	// headHeap is what a head may cost: 4 times its limit and 1 MiB.
	headHeap = 4*headBytes + 1<<20
)

// forever sends b again and again until the client has had enough.
func forever(b string) wstest.Step { return wstest.Repeat(endless, wstest.Send([]byte(b))) }

// headLimitCases are rows A24 to A28: heads without end, or too long, or none.
func headLimitCases() []Case {
	base := len(switchingLength("A: \r\n"))
	fields := func(n int) string { return head(append([]string{status101}, repeat(n, "A:")...)...) }
	cases := []Case{
		opened("A24/64-KiB", switching("A: "+times(headBytes-base, "x"))).teaches("L20").allocating(headHeap),
		unreadable("A24/64-KiB-and-one", switching("A: "+times(headBytes-base+1, "x")), "head longer than").teaches("L20").decidedAt(headBytes + 1),
		unreadable("A24/one-field", head(status101, "A: "+times(headBytes+1, "x")), "head longer than").teaches("L20").decidedAt(headBytes + 1),
		unreadable("A24/one-name", head(status101, times(headBytes+1, "x")+": y"), "head longer than").teaches("L20").decidedAt(headBytes + 1),
		opened("A25/128-fields", switching(repeat(125, "A:")...)),
		unreadable("A25/129-fields", switching(repeat(126, "A:")...), "128 fields").teaches("L20", "L91").
			because("the last field, which is refused, is a required one here or there: an error of its own, not a missing field"),
		unreadable("A25/Accept-is-the-129th", head(append(repeat(129, status101)[:1], append(append(repeat(126, "A:"), upgrade, connection), accept)...)...), "128 fields").teaches("L91"),
		unreadable("A25/100000-fields", fields(100_000), "128 fields").teaches("L20", "L90", "L94").decidedAt(int64(len(status101)) + 2 + 129*4).allocating(headHeap),
		unreadable("A25/10000-cookies", head(append([]string{status101}, repeat(10_000, "Set-Cookie: a")...)...), "128 fields").teaches("L21").allocating(headHeap),
		unreadable("A24/50-cookies-of-4-KiB", head(append([]string{status101}, repeat(50, "Set-Cookie: a="+times(4<<10, "x"))...)...), "head longer than").teaches("L21").allocating(headHeap),
		{
			ID: "A26/endless-fields", Lessons: []string{"L20", "L91", "L94"},
			Peer:    peer(answer(status101+"\r\n"), forever("A: "+times(1019, "x")+"\r\n")),
			Refused: fairlead.PhaseResponse, Says: "head longer than", Decides: headBytes + 1024, Heap: headHeap,
		},
		{
			ID: "A26/endless-short-fields", Lessons: []string{"L20"},
			Peer:    peer(answer(status101+"\r\n"), forever("A:\r\n")),
			Refused: fairlead.PhaseResponse, Says: "128 fields", Decides: int64(len(status101)) + 2 + 129*4, Heap: headHeap,
		},
		{
			ID: "A26/endless-value", Lessons: []string{"L20"},
			Peer:    peer(answer(status101+"\r\nA: "), forever(times(4096, "x"))),
			Refused: fairlead.PhaseResponse, Says: "head longer than", Decides: headBytes + 4096, Heap: headHeap,
		},
		{
			ID: "A26/endless-status-line", Lessons: []string{"L20"},
			Peer:    peer(answer("HTTP/1.1 101 "), forever(times(1024, "x"))),
			Refused: fairlead.PhaseResponse, Says: "8192", Decides: 8<<10 + 1024, Heap: headHeap,
		},
		{
			ID: "A26/in-single-bytes", Lessons: []string{"L20", "L90"},
			Peer:    peer(answer(status101+"\r\nA: "), forever(times(64, "x"))),
			Wrap:    oneByteReads,
			Refused: fairlead.PhaseResponse, Says: "head longer than", Lag: -1, // the pipe holds as much as the limit
		},
		{
			ID: "A26/ICY-for-ever", Peer: peer(answer(""), forever("ICY ")),
			Refused: fairlead.PhaseResponse, Says: "not HTTP", Decides: 4, Heap: headHeap,
		},
	}
	slow := func(id string, steps ...wstest.Step) Case {
		return Case{
			ID: id, Virtual: true, Takes: fairlead.DefaultDialTimeout, Peer: steps,
			Refused: fairlead.PhaseResponse, Is: []error{context.DeadlineExceeded},
		}
	}
	drip := wstest.Repeat(60, wstest.Send([]byte("x")), wstest.Pause(time.Second))
	short := slow("A28/silent-with-a-context-of-5-s", wstest.Request(anyRequest))
	short.Timeout, short.Takes = 5*time.Second, 5*time.Second
	set := slow("A28/silent-with-a-timeout-of-7-s", wstest.Request(anyRequest))
	set.Dialer.Timeout, set.Takes = 7*time.Second, 7*time.Second
	return append(cases,
		slow("A27/a-byte-of-a-field-each-second", answer(status101+"\r\nA: "), drip).teaches("L83"),
		slow("A27/a-byte-of-the-reason-each-second", answer("HTTP/1.1 101 "), drip).teaches("L83"),
		slow("A27/a-field-each-second", answer(status101+"\r\n"), wstest.Repeat(60, wstest.Send([]byte("A: b\r\n")), wstest.Pause(time.Second))).teaches("L83"),
		slow("A27/an-interim-response-every-four-seconds", answer(""), wstest.Repeat(20, wstest.Send([]byte("HTTP/1.1 100 Continue\r\n\r\n")), wstest.Pause(4*time.Second))).teaches("L83"),
		slow("A28/reads-and-says-nothing", wstest.Request(anyRequest)).teaches("L82"),
		slow("A28/does-not-read").teaches("L82"),
		slow("A28/silent-after-the-status-line", answer(status101+"\r\n")).teaches("L82", "L84"),
		slow("A28/silent-before-the-last-LF", answer(switching()[:len(switching())-1])).teaches("L82", "L84"),
		short.teaches("L82"), set.teaches("L82"),
	)
}

// switchingLength is the head that opens a WebSocket, with more, as long as it
// is on the wire.
func switchingLength(more string) string {
	return head(status101, upgrade, connection, acceptField+times(28, "x")) + more
}

func anyRequest(*wstest.HTTPRequest) error { return nil }

func repeat(n int, s string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

// interimCases are rows A29 and A30.
func interimCases() []Case {
	interim := func(n int, fields string) string { return times(n, "HTTP/1.1 100 Continue\r\n"+fields+"\r\n") }
	return []Case{
		opened("A29/100", interim(1, "")+switching()),
		opened("A29/102", "HTTP/1.1 102 Processing\r\n\r\n"+switching()),
		opened("A29/103", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"+switching()),
		opened("A29/199", "HTTP/1.1 199 x\r\n\r\n"+switching()),
		opened("A29/all-three", interim(1, "")+"HTTP/1.1 102\r\n\r\n"+"HTTP/1.1 103 Early Hints\r\n\r\n"+switching()),
		opened("A29/with-the-fields-of-a-101", interim(1, upgrade+"\r\n"+connection+"\r\nSec-WebSocket-Accept: x\r\n")+switching()).
			because("the fields of an interim response say nothing about the final one"),
		opened("A29/length-in-it", interim(1, "Content-Length: 1000\r\n")+switching()).
			because("a 1xx has no body (RFC 9112 section 6.3)"),
		unreadable("A29/malformed", "HTTP/1.1 100 C\r\nA\r\n\r\n"+switching(), "no colon"),
		{ID: "A29/before-a-refusal", Peer: peer(answer(interim(2, "") + head("HTTP/1.1 403 Forbidden", "Content-Length: 0"))), Refused: fairlead.PhaseVerify, Status: 403},
		opened("A30/8", interim(8, "")+switching()),
		unreadable("A30/9", interim(9, "")+switching(), "8 interim"),
		{
			ID: "A30/endless", Lessons: []string{"L20"}, Peer: peer(answer(""), forever(interim(1, ""))),
			Refused: fairlead.PhaseResponse, Says: "8 interim", Decides: 9 * int64(len(interim(1, ""))), Heap: headHeap,
		},
		{
			ID: "A30/long-ones", Lessons: []string{"L20"}, Peer: peer(answer(""), forever(interim(1, "A: "+times(30<<10, "x")+"\r\n"))),
			Refused: fairlead.PhaseResponse, Says: "head longer than", Decides: headBytes + 30<<10, Heap: headHeap,
		},
	}
}
