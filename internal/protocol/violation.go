package protocol

import "github.com/fairlead-ws/fairlead/frame"

// Violation is the error for a frame that the connection must be failed for
// (RFC 6455 section 7.1.7).
type Violation struct {
	Code   frame.StatusCode // to send in the Close frame
	Clause string           // that decided, such as "RFC 6455 section 5.5"
	Text   string           // what was wrong; never contains payload bytes
}

// Error returns the text followed by the clause.
func (v *Violation) Error() string {
	return v.Text + " (" + v.Clause + ")"
}

func protocolError(clause, text string) error {
	return &Violation{Code: frame.StatusProtocolError, Clause: clause, Text: text}
}
