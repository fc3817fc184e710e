package handshake

import (
	"strconv"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// Field is one header field.
type Field = http1.Field

// Response is the head of a response.
type Response = http1.Response

// Error says what in a request or response breaks the rules of the opening
// handshake. It names fields and never holds their values.
type Error struct {
	Field  string // the header field that failed; "Target" for the request-target; empty for the response as a whole
	Status int    // the status of the response that was refused; 0 for a request
	Text   string // what is wrong and what was expected
}

func (e *Error) Error() string {
	s := "handshake: "
	if e.Status != 0 {
		s += "response with status " + strconv.Itoa(e.Status) + ": "
	}
	if e.Field != "" {
		s += e.Field + ": "
	}
	return s + e.Text
}
