package conformance

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
)

// Case is one case. Its zero value is none; see [Cases].
type Case struct {
	// ID is the number in the catalogue, "6.4.2" for instance. What stands
	// before the first point is the section.
	ID string
	// Text says in a few words what the server sends.
	Text string

	acts    []act
	chop    int           // bytes a write, or one of the constants below
	limit   time.Duration // for the client to do what it must, after all was sent
	want    [][]event     // complete lists: the first is OK, a second NON-STRICT
	lengths bool          // of messages only type and length are compared
	closer  side          // who has to end the session
	clean   bool          // Close frames have to go both ways
	codes   []frame.StatusCode

	closerFatal   bool // the wrong closer fails Behavior too
	codeFatal     bool // a wrong code fails Behavior too
	informational bool

	server []handshake.Deflate // what the server wants, in this order; nil without compression
	agreed *handshake.Deflate
}

const (
	oneSegment = 0  // all frames together
	frameChops = -1 // one write a frame
	octetChops = 1
)

// side is an end of the connection.
type side uint8

const (
	nobody side = iota
	server
	client
)

// act is one thing that the server does: send a frame, or bytes, or wait.
type act struct {
	header   frame.Header // Length is set when it is sent
	payload  []byte
	raw      []byte // sent in place of a frame
	fragment int    // cut the payload into frames of so many bytes

	closing bool          // the frame is the Close with which the server ends the session
	await   bool          // afterwards wait for one event from the client
	pause   time.Duration // only wait; when the session lives on, the event mark is noted
	mark    string
}

// event is something that the lists of a case tell of.
type event struct {
	kind    string // "text", "binary", "ping", "pong", "timeout"
	payload []byte // of a timeout its mark
	length  int
}

func eventOf(kind string, payload []byte) event {
	return event{kind: kind, payload: payload, length: len(payload)}
}

func (e event) String() string {
	const shown = 24
	if e.length <= shown {
		return fmt.Sprintf("%s %q", e.kind, e.payload)
	}
	return fmt.Sprintf("%s %q... of %d bytes", e.kind, e.payload[:min(shown, len(e.payload))], e.length)
}

// Cases returns all cases without compression, in the order of the catalogue. Cases share memory that
// must not be changed; each may be run any number of times, also at once.
func Cases() []Case {
	return slices.Concat(
		framing(), pings(), reservedBits(), opcodes(), fragmentation(),
		text(), encodings(), closing(), limits(),
	)
}

// Section returns the part of the ID before the first point.
func (c Case) Section() string {
	section, _, _ := strings.Cut(c.ID, ".")
	return section
}

// String returns the number and the text.
func (c Case) String() string { return c.ID + " " + c.Text }

// endsByItself reports whether the server closes when the expected list is
// complete, rather than at a point of its script.
func (c *Case) endsByItself() bool {
	return c.closer == server && !slices.ContainsFunc(c.acts, func(a act) bool { return a.closing })
}

func (c *Case) matches(want, got []event) bool {
	return slices.EqualFunc(want, got, func(a, b event) bool {
		return a.kind == b.kind && a.length == b.length && (c.lengths || bytes.Equal(a.payload, b.payload))
	})
}

// normal is a case that the server ends with 1000 when all of want has come.
func normal(id, what string, want []event, acts ...act) Case {
	return Case{
		ID: id, Text: what, acts: acts, limit: time.Second, want: [][]event{want},
		closer: server, clean: true, codes: []frame.StatusCode{frame.StatusNormal},
	}
}

// failing is a case that the client has to end with code, having sent want.
func failing(id, what string, code frame.StatusCode, want []event, acts ...act) Case {
	return Case{
		ID: id, Text: what, acts: acts, limit: time.Second, want: [][]event{want},
		closer: client, codes: []frame.StatusCode{code},
	}
}

// echoFirst is a failing case that begins with a valid message. A client whose
// echo got lost on the way is not strict.
func echoFirst(id, what, first string, acts ...act) Case {
	c := failing(id, what, frame.StatusProtocolError, texts(first), acts...)
	c.want = append(c.want, nil)
	return c
}

func (c Case) chopped(chop int) Case {
	c.chop = chop
	return c
}

func (c Case) within(limit time.Duration) Case {
	c.limit = limit
	return c
}
