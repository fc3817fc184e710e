package auth

import (
	"fmt"
	"strings"
)

// Limits of what a peer may ask with. The fields that the common servers and
// proxies send have less than 1 KiB and at most five challenges.
const (
	maxChallenges     = 64
	maxChallengeBytes = 64 << 10
)

// challenge is one scheme that a peer offers (RFC 9110 section 11.3).
type challenge struct {
	scheme  string            // in lower case
	token68 string            // the form of NTLM
	params  map[string]string // names in lower case, values without quotes
}

// asked is all that one answer offers.
type asked struct {
	challenges []challenge
	// err says why there may be less than the peer meant to offer.
	err error
}

// parseChallenges reads the values of all WWW-Authenticate or
// Proxy-Authenticate fields of one answer. What stands before a fault in a field
// counts, the challenge with the fault and what follows in that field do not.
// It takes time linear in the input.
func parseChallenges(fields []string) asked {
	var a asked
	total := 0
	for _, field := range fields {
		if total += len(field); total > maxChallengeBytes {
			a.err = fmt.Errorf("the challenges have more than %d bytes", maxChallengeBytes)
			break
		}
		p := challengeParser{in: field}
		for p.next(&a) {
		}
		if p.fault != "" {
			a.err = fmt.Errorf("a challenge is malformed at byte %d of the field: %s (RFC 9110, section 11.6.1)", p.pos, p.fault)
		}
	}
	if len(a.challenges) > maxChallenges {
		return asked{err: fmt.Errorf("there are more than %d challenges", maxChallenges)}
	}
	return a
}

type challengeParser struct {
	in    string
	pos   int
	fault string
}

// next appends the next challenge of the field to a. It returns false at the
// end, at a fault, and when there are too many.
func (p *challengeParser) next(a *asked) bool {
	p.skip(" \t,")
	if p.pos == len(p.in) || len(a.challenges) > maxChallenges {
		return false
	}
	c := challenge{scheme: strings.ToLower(p.run(isToken))}
	switch {
	case c.scheme == "":
		p.fault = "expected the name of a scheme"
	case p.pos < len(p.in) && !strings.ContainsRune(" \t,", rune(p.in[p.pos])):
		p.fault = "expected a space after the name of a scheme"
	default:
		p.skip(" \t")
		if c.token68 = p.token68(); c.token68 == "" {
			p.params(&c)
		}
	}
	if p.fault != "" {
		return false
	}
	a.challenges = append(a.challenges, c)
	return true
}

// token68 reads what stands alone after a scheme. It reads nothing when a
// parameter stands there.
func (p *challengeParser) token68() string {
	start := p.pos
	if p.run(isToken68) == "" {
		return ""
	}
	p.skip("=")
	value := p.in[start:p.pos]
	p.skip(" \t")
	if p.pos < len(p.in) && p.in[p.pos] != ',' {
		p.pos = start
		return ""
	}
	return value
}

// params reads the parameters of c up to the next scheme, which is a token
// without an equals sign.
func (p *challengeParser) params(c *challenge) {
	for {
		comma := strings.Contains(p.skip(" \t,"), ",")
		start := p.pos
		name := strings.ToLower(p.run(isToken))
		p.skip(" \t")
		if name == "" && p.pos == len(p.in) {
			return
		}
		if p.pos == len(p.in) || p.in[p.pos] != '=' {
			if name == "" || !comma {
				p.fault = "expected a parameter"
			}
			p.pos = start
			return
		}
		if name == "" {
			p.fault = "expected the name of a parameter"
			return
		}
		p.pos++
		p.skip(" \t")
		value := p.value()
		if p.fault != "" {
			return
		}
		if _, twice := c.params[name]; twice {
			p.fault = "a parameter occurs twice"
			return
		}
		if c.params == nil {
			c.params = make(map[string]string)
		}
		c.params[name] = value
		p.skip(" \t")
		if p.pos < len(p.in) && p.in[p.pos] != ',' {
			p.fault = "expected a comma after a parameter"
			return
		}
	}
}

// value reads a token or a quoted-string.
func (p *challengeParser) value() string {
	if p.pos == len(p.in) || p.in[p.pos] != '"' {
		value := p.run(isToken)
		if value == "" {
			p.fault = "expected the value of a parameter"
		}
		return value
	}
	p.pos++
	var b strings.Builder
	for p.pos < len(p.in) {
		c := p.in[p.pos]
		if c == '\\' && p.pos+1 < len(p.in) {
			p.pos++
			c = p.in[p.pos]
		} else if c == '"' {
			p.pos++
			return b.String()
		}
		if c < ' ' && c != '\t' || c == 0x7f {
			p.fault = "control character in a quoted string"
			return ""
		}
		b.WriteByte(c)
		p.pos++
	}
	p.fault = "a quoted string has no end"
	return ""
}

// skip goes over the characters of set and returns them.
func (p *challengeParser) skip(set string) string {
	return p.run(func(c byte) bool { return strings.IndexByte(set, c) >= 0 })
}

// run returns what comes of one kind of character.
func (p *challengeParser) run(member func(byte) bool) string {
	start := p.pos
	for p.pos < len(p.in) && member(p.in[p.pos]) {
		p.pos++
	}
	return p.in[start:p.pos]
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func isToken(c byte) bool { return isAlnum(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0 }

func isToken68(c byte) bool { return isAlnum(c) || strings.IndexByte("-._~+/", c) >= 0 }

// find returns the first challenge of a scheme, whose name is in lower case.
func (a asked) find(scheme string) (challenge, bool) {
	for _, c := range a.challenges {
		if c.scheme == scheme {
			return c, true
		}
	}
	return challenge{}, false
}

// refusal is the error of a scheme that sent all it has unasked. what names that.
func (a asked) refusal(scheme, what string) error {
	if _, offered := a.find(strings.ToLower(scheme)); offered || len(a.challenges) == 0 {
		return refused("the peer asks again after it got %s: check %s", scheme, what)
	}
	return a.notOffered(scheme)
}

// notOffered is the error when nothing that the peer asks for can be answered.
// can names what the credentials speak.
func (a asked) notOffered(can string) error {
	switch {
	case len(a.challenges) > 0 && a.err != nil:
		return fmt.Errorf("%w: it asks for %s, these credentials speak %s; and %w", ErrNotOffered, a.names(), can, a.err)
	case len(a.challenges) > 0:
		return fmt.Errorf("%w: it asks for %s, these credentials speak %s", ErrNotOffered, a.names(), can)
	case a.err != nil:
		return fmt.Errorf("%w: %w", ErrNotOffered, a.err)
	}
	return fmt.Errorf("%w: its answer names no scheme at all (RFC 9110, section 11.6.1)", ErrNotOffered)
}

// names lists the schemes that the peer offers, for an error. The grammar of a
// token leaves nothing to escape; only the length is the peer's.
func (a asked) names() string {
	const most, longest = 6, 32
	var names []string
	for i, c := range a.challenges {
		if i == most {
			names = append(names, "...")
			break
		}
		names = append(names, c.scheme[:min(len(c.scheme), longest)])
	}
	return strings.Join(names, ", ")
}
