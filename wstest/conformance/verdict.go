package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Result is one of the words with which a case is judged.
type Result string

// The results. Not OK are NonStrict, Unimplemented, Failed, WrongCode and
// Unclean.
const (
	OK            Result = "OK"
	NonStrict     Result = "NON-STRICT"    // right in the end, but late or with a part lost
	Informational Result = "INFORMATIONAL" // RFC 6455 does not say what is right
	Unimplemented Result = "UNIMPLEMENTED" // the client did not offer what the case is about
	Failed        Result = "FAILED"
	WrongCode     Result = "WRONG CODE" // the Close frame carried a code that does not fit
	Unclean       Result = "UNCLEAN"    // a closing handshake was demanded and is missing
)

// Verdict is the judgement of a case.
type Verdict struct {
	// Behavior judges the messages and pongs of the client: exactly those
	// expected, in order. It is OK, NonStrict, Informational or Failed.
	Behavior Result
	// BehaviorClose judges how the session ended: OK, WrongCode, Unclean or
	// Failed.
	BehaviorClose Result
	// Detail says what came from the client.
	Detail string
}

func (v Verdict) String() string {
	return fmt.Sprintf("%s, close %s: %s", v.Behavior, v.BehaviorClose, v.Detail)
}

// verdict judges the session, which is over.
func (s *session) verdict() Verdict {
	c := s.c
	v := Verdict{Behavior: Failed, BehaviorClose: s.closeResult(), Detail: s.detail()}
	switch {
	case s.breach != nil:
	case c.closerFatal && s.closedBy != c.closer:
	case c.codeFatal && v.BehaviorClose == WrongCode:
	case c.matches(c.want[0], s.received):
		v.Behavior = OK
	case len(c.want) > 1 && c.matches(c.want[1], s.received):
		v.Behavior = NonStrict
	}
	if c.informational {
		v.Behavior = Informational
	}
	return v
}

func (s *session) closeResult() Result {
	both := s.clientClosed && s.serverClosed
	switch {
	case s.breach != nil, s.closedBy != s.c.closer:
		return Failed
	case s.c.clean && !both:
		return Unclean
	case s.stuck:
		return Failed
	case s.hasCode && !slices.Contains(s.c.codes, s.code):
		return WrongCode
	}
	return OK
}

func (s *session) detail() string {
	var b strings.Builder
	const shown = 12
	for i, e := range s.received {
		if i == shown {
			fmt.Fprintf(&b, "... (%d in all), ", len(s.received))
			break
		}
		fmt.Fprintf(&b, "%v, ", e)
	}
	switch {
	case s.breach != nil:
		fmt.Fprintf(&b, "then what no client may send: %v", s.breach)
		return b.String()
	case s.hasCode:
		fmt.Fprintf(&b, "Close %v", s.code)
	case s.clientClosed:
		b.WriteString("Close without a code")
	case s.stuck:
		b.WriteString("neither a Close nor the end of the connection")
	default:
		fmt.Fprintf(&b, "no Close, then %v", s.end)
	}
	if s.closedBy == server {
		b.WriteString(", after the server's Close")
	}
	return b.String()
}
