package wstest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// HTTPRequest is the head of a request: Method, Target, Major, Minor and
// Fields in the order of the wire, and the methods Get and Values, which find
// a field by its name in any case.
type HTTPRequest = http1.Request

// Upgrade reads the request of an opening handshake, demands that it keeps RFC
// 6455 section 4.1, and answers the 101 that accepts it. The extra fields come
// last in the answer and are not checked.
func Upgrade(extra ...handshake.Field) Step {
	return step{"Upgrade", func(s *script) error {
		req, err := s.request()
		if err != nil {
			return err
		}
		o, refused := checkOpening(req)
		if refused != nil {
			return fmt.Errorf("the request is not an opening handshake: %s", refused.text)
		}
		_, err = s.conn.Write(appendSwitch(nil, o.key, extra...))
		return err
	}}
}

// Request reads the head of a request and lets check judge it; its error is
// that of the step. Nothing is answered: steps after it can do that.
func Request(check func(*HTTPRequest) error) Step {
	return step{"Request", func(s *script) error {
		if check == nil {
			return errNilFunc
		}
		req, err := s.request()
		if err != nil {
			return err
		}
		return check(req)
	}}
}

// Answer reads the head of a request and sends what respond makes of it, in
// one call. It is for answers that need the key of the client, such as those
// that come close to a correct one; see [handshake.AcceptKey].
func Answer(respond func(*HTTPRequest) []byte) Step {
	return step{"Answer", func(s *script) error {
		if respond == nil {
			return errNilFunc
		}
		req, err := s.request()
		if err != nil {
			return err
		}
		_, err = s.conn.Write(respond(req))
		return err
	}}
}

func (s *script) request() (*http1.Request, error) {
	head := http1.NewReader(s.in, http1.Limits{})
	req, err := head.ReadRequest()
	if err != nil {
		return nil, fmt.Errorf("expected the head of a request: %w", cameError(err))
	}
	if rest := head.Buffered(); len(rest) > 0 {
		s.in = bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(rest)), s.in))
	}
	return req, nil
}
