package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// fragmentation is section 5 (RFC 6455 section 5.4).
func fragmentation() []Case {
	two := []act{part(frame.Text, "fragment1"), send(frame.Continuation, "fragment2")}
	around := []act{two[0], send(frame.Ping, "ping payload"), two[1]}
	paused := []act{
		part(frame.Text, "fragment1"), part(frame.Continuation, "fragment2"), send(frame.Ping, "pongme 1!"),
		pause(time.Second, ""),
		part(frame.Continuation, "fragment3"), part(frame.Continuation, "fragment4"), send(frame.Ping, "pongme 2!"),
		send(frame.Continuation, "fragment5"),
	}
	whole := texts("fragment1fragment2")
	pongFirst := slices.Concat(pongs("ping payload"), whole)
	twoPongsFirst := slices.Concat(pongs("pongme 1!", "pongme 2!"), texts("fragment1fragment2fragment3fragment4fragment5"))
	chops := []struct {
		size int
		text string
	}{{oneSegment, ""}, {frameChops, " in frame chops"}, {octetChops, " in octet chops"}}

	fails := func(id, what string, acts ...act) Case {
		return failing(id, what, frame.StatusProtocolError, nil, acts...)
	}
	stray := part(frame.Continuation, "stray continuation")
	strayFin := send(frame.Continuation, "stray continuation")

	cases := []Case{
		fails("5.1", "ping in two fragments", part(frame.Ping, "fragment1"), two[1]),
		fails("5.2", "pong in two fragments", part(frame.Pong, "fragment1"), two[1]),
	}
	for i, chop := range chops {
		cases = append(cases, normal(fmt.Sprintf("5.%d", 3+i), "text in two fragments"+chop.text, whole, two...).chopped(chop.size))
	}
	for i, chop := range chops {
		cases = append(cases, normal(fmt.Sprintf("5.%d", 6+i), "ping between two fragments"+chop.text, pongFirst, around...).chopped(chop.size))
	}
	for i, chop := range chops {
		cases = append(cases, fails(fmt.Sprintf("5.%d", 9+i), "final continuation of nothing, text"+chop.text,
			strayFin, send(frame.Text, "Hello, world!")).chopped(chop.size))
	}
	for i, chop := range chops {
		cases = append(cases, fails(fmt.Sprintf("5.%d", 12+i), "continuation of nothing, text"+chop.text,
			stray, send(frame.Text, "Hello, world!")).chopped(chop.size))
	}
	again := func(first act) []act { return slices.Repeat([]act{first, two[0], two[1]}, 2) }
	return append(cases,
		echoFirst("5.15", "text in two fragments, continuation of nothing, text", "fragment1fragment2",
			two[0], two[1], stray, send(frame.Text, "fragment4")),
		fails("5.16", "twice: continuation of nothing, text in two fragments", again(stray)...),
		fails("5.17", "twice: final continuation of nothing, text in two fragments", again(strayFin)...),
		fails("5.18", "text inside a text", part(frame.Text, "fragment1"), send(frame.Text, "fragment2")),
		normal("5.19", "five fragments and two pings with a pause", twoPongsFirst, paused...),
		normal("5.20", "five fragments and two pings with a pause, in frame chops", twoPongsFirst, paused...).chopped(frameChops),
	)
}
