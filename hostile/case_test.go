package hostile_test

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// Case is a row of the catalogue, or a member of a row that is a family. What
// its zero fields mean is the usual: a plain dial over a connection in memory,
// a caller that reads until the end, no message, no frame but the Close.
type Case struct {
	ID string // row and member
	// Lessons are the rows of the list of advisories that the case holds: "L01".
	Lessons []string
	// Note says why the verdict is what it is, where the row leaves a choice or
	// the RFC says otherwise.
	Note string

	// Peer is the script of the server on the first connection, Next those of
	// the connections after it. Behind its last step a peer stays as it is: it
	// neither sends nor closes, and reads only if Reads says so.
	Peer  []wstest.Step
	Next  [][]wstest.Step
	Reads bool
	// TCP uses loopback in place of memory, TLS speaks TLS on either.
	TCP, TLS bool
	// Server is the configuration of a peer with TLS. Default: a certificate for
	// peer.test of the authority that the client trusts.
	Server func() *tls.Config
	// Under changes the server's end, beneath TLS if there is TLS.
	Under func(net.Conn) net.Conn
	// Wrap changes the client's end: reads that fall short, calls that fail.
	Wrap func(net.Conn) net.Conn
	// Virtual runs the case in a testing/synctest bubble, so that hours cost
	// nothing. In memory only.
	Virtual bool

	// URL is what is dialled; default ws://peer.test/, with TLS wss.
	URL string
	// Dialer has settings of the client. Its Route is set by the runner.
	Dialer fairlead.Dialer
	// Route leads over the peer to what it plays the proxy for. Default: the
	// peer is the server.
	Route func(peer route.Dialer) route.Dialer
	// Timeout is that of the context of the dial; default none, so that
	// Dialer.Timeout counts.
	Timeout time.Duration
	// Do is the caller; default readAll. Its error is what Failed, Closed, Is
	// and Says judge, the dial's when there is no connection.
	Do func(ctx context.Context, c *fairlead.Conn, o *Outcome) error

	// The verdict. Without Refused, Failed and Closed there must be no error,
	// unless Is or Says asks for one.

	Refused string           // the dial ends with a *HandshakeError in this phase
	Status  int              // HTTP status in it
	Failed  frame.StatusCode // *ProtocolError, and this code in the client's Close
	Closed  frame.StatusCode // *CloseError; the client's Close echoes it, 1006: it sends none
	Unsent  bool             // no Close is demanded on the wire: the way there was lost or full
	Is      []error          // each is matched by the error
	Says    string           // stands in the text of the error
	// Messages are the payloads that the caller got, in order, and Frames what
	// the peer got before the Close: "pong abc".
	Messages, Frames []string
	// Check judges what nothing else does.
	Check func(o *Outcome) error

	// Within bounds the case; default 1 s. Lag bounds the time from the
	// deciding byte to the caller's error; default 100 ms where Refused or
	// Failed stands, a negative value none. Decides is the number of that byte,
	// from 1: of the answer where the dial is refused, else of what follows the
	// 101; default is the last one written.
	Within  time.Duration
	Lag     time.Duration
	Decides int64
	// Takes is how long the caller waits in a Virtual case, to the millisecond.
	// 0: at once.
	Takes time.Duration
	// Heap bounds the growth of the heap. What is measured is every byte that
	// both sides allocate from the dial on, which is never less. Live bounds
	// what is live, by samples: for cases that allocate and let go on and on. It
	// is not for Virtual ones. Such cases run alone. Default: not measured.
	Heap, Live int64
}

// Outcome is what came of a case.
type Outcome struct {
	Err      error
	Opened   bool // the dial gave a connection
	Messages []string
	// Sub and Answer are Conn.Subprotocol and the status of Conn.Response.
	Sub     string
	Answer  int
	Frames  []sent   // of the client, on the last connection
	Request [][]byte // what each peer got before the frames

	// Redial dials once more, with the same Dialer.
	Redial func(ctx context.Context) (*fairlead.Conn, error)

	took, lag time.Duration // of the caller
	heap      int64         // allocated; -1: not measured
	live      int64         // highest sample; -1: not measured
	again     error         // what is wrong with calls after the end
	broken    []string      // invariants
}

// row is the ID without the member.
func (c *Case) row() string {
	row, _, _ := strings.Cut(c.ID, "/")
	return row
}

// section is the letter of the row.
func (c *Case) section() string { return c.ID[:1] }

// readAll is the caller who takes whole messages until the end.
func readAll(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
	for {
		_, p, err := c.Read(ctx)
		if err != nil {
			return err
		}
		o.Messages = append(o.Messages, string(p))
	}
}

// catalogue is every case, in the order of the sections.
func catalogue() []Case {
	return slices.Concat(
		handshakeCases(), frameCases(), deflateCases(),
		dashed(slices.Concat(transportCases(), fullCases(), misuseCases(), originCases(), hopCases())),
	)
}

// dashed makes IDs of names.
func dashed(cases []Case) []Case {
	for i := range cases {
		cases[i].ID = strings.NewReplacer(": ", "-", " ", "-").Replace(cases[i].ID)
	}
	return cases
}
