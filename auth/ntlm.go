package auth

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	ntlmssp "github.com/Azure/go-ntlmssp"
)

// maxNTLM bounds the type 2 message in Base64; those of domain controllers have
// less than 1 KiB.
const maxNTLM = 16 << 10

// NTLM proves to servers and proxies of Windows networks that it knows the
// password (NTLMv2, MS-NLMP; MS-NTHT is its form in HTTP). The first request
// carries a type 1 message that says nothing about the user, the peer answers
// with its challenge (type 2), and the second request with the proof (type 3)
// authenticates the connection, not the request: both must go over the same.
type NTLM struct {
	// Username may be "DOMAIN\user" or "user@domain" when Domain is empty.
	Username string
	Password string
	// Domain is that of the user, empty for a local account of the peer.
	Domain string
	// Workstation is the name of this machine as the peer is to know it, empty
	// to say nothing.
	Workstation string
}

// Begin starts the exchange of one dial with one peer.
func (n NTLM) Begin() Exchange { return &exchange{scheme: &ntlmScheme{n: n}} }

type ntlmScheme struct {
	n    NTLM
	legs int // messages sent
}

func (s *ntlmScheme) first(_ context.Context, r *Request) (bool, error) {
	return true, s.negotiate(r)
}

func (s *ntlmScheme) answer(_ context.Context, r *Request, a asked) error {
	c, offered := a.find("ntlm")
	switch {
	case s.legs == 2:
		return refused("the peer asks again after it got NTLM: check user name, password and domain")
	case !offered:
		return a.notOffered("NTLM")
	case s.legs == 0:
		return s.negotiate(r)
	case c.token68 == "":
		return refused("the peer began NTLM anew instead of sending its challenge: something closes or changes the connection")
	}
	return s.authenticate(r, c.token68)
}

func (s *ntlmScheme) negotiate(r *Request) error {
	if err := cmp.Or(
		checkUser(s.n.Username, s.n.Password),
		checkText("domain", s.n.Domain),
		checkText("workstation", s.n.Workstation),
	); err != nil {
		return err
	}
	if s.n.Username == "" {
		return errors.New("auth: NTLM needs a user name")
	}
	// Domain and workstation of a type 1 message are those of the machine, in
	// a charset that nobody agrees on; servers do without.
	message, err := ntlmssp.NewNegotiateMessage("", "")
	return s.send(r, message, err)
}

func (s *ntlmScheme) authenticate(r *Request, token string) error {
	if len(token) > maxNTLM {
		return fmt.Errorf("auth: the NTLM challenge (type 2) has more than %d bytes", maxNTLM)
	}
	challenge, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return errors.New("auth: the NTLM challenge (type 2) is not Base64")
	}
	user := s.n.Username
	if s.n.Domain != "" {
		user = s.n.Domain + `\` + user
	}
	message, err := ntlmssp.NewAuthenticateMessage(challenge, user, s.n.Password,
		&ntlmssp.AuthenticateMessageOptions{WorkstationName: s.n.Workstation})
	return s.send(r, message, err)
}

func (s *ntlmScheme) send(r *Request, message []byte, err error) error {
	if err != nil {
		return fmt.Errorf("auth: the NTLM challenge (type 2) cannot be answered: %w", err)
	}
	s.legs++
	r.set("NTLM " + base64.StdEncoding.EncodeToString(message))
	return nil
}
