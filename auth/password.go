package auth

import "context"

// Password answers what the peer asks for with a user name and a password. It
// sends nothing unasked, and of what is offered it takes the strongest, in this
// order:
//
//  1. Digest with SHA-256, see [Digest]
//  2. Digest with MD5
//  3. NTLM, see [NTLM]
//  4. Basic, which shows the password to whoever can read the request, see [Basic]
//
// It takes one scheme and stays with it: what is refused is not tried with a
// weaker one. Mind that somebody who can change the answer of a peer can make it
// ask for Basic only; over a connection without TLS take [Digest] where the
// peer is known to speak it.
type Password struct {
	// Username may be "DOMAIN\user" for NTLM when Domain is empty.
	Username string
	Password string
	// Domain is for NTLM only.
	Domain string
}

// Begin starts the exchange of one dial with one peer.
func (p Password) Begin() Exchange { return &exchange{scheme: &passwordScheme{p: p}} }

type passwordScheme struct {
	p      Password
	chosen scheme
}

func (s *passwordScheme) first(context.Context, *Request) (bool, error) {
	if err := checkText("domain", s.p.Domain); err != nil {
		return false, err
	}
	return false, checkUser(s.p.Username, s.p.Password)
}

func (s *passwordScheme) answer(ctx context.Context, r *Request, a asked) error {
	if s.chosen == nil {
		if err := s.choose(a); err != nil {
			return err
		}
	}
	return s.chosen.answer(ctx, r, a)
}

func (s *passwordScheme) choose(a asked) error {
	_, noDigest := chooseDigest(a)
	_, ntlm := a.find("ntlm")
	_, basic := a.find("basic")
	switch {
	case noDigest == nil:
		s.chosen = newDigestScheme(Digest{Username: s.p.Username, Password: s.p.Password})
	case ntlm:
		s.chosen = &ntlmScheme{n: NTLM{Username: s.p.Username, Password: s.p.Password, Domain: s.p.Domain}}
	case basic:
		s.chosen = &basicScheme{b: Basic{Username: s.p.Username, Password: s.p.Password}}
	default:
		if _, digest := a.find("digest"); digest {
			return noDigest
		}
		return a.notOffered("Digest, NTLM and Basic")
	}
	return nil
}
