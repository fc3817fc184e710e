package handshake

import (
	"cmp"
	"strconv"
)

// DeflateName is the name of the extension that Deflate describes.
const DeflateName = "permessage-deflate"

const (
	serverNoContextTakeover = "server_no_context_takeover"
	clientNoContextTakeover = "client_no_context_takeover"
	serverMaxWindowBits     = "server_max_window_bits"
	clientMaxWindowBits     = "client_max_window_bits"

	minWindowBits = 8
	maxWindowBits = 15
)

// Deflate has the parameters of permessage-deflate (RFC 7692 section 7.1), as
// they are offered or as they were agreed on.
type Deflate struct {
	// ServerNoContextTakeover says that the server compresses each message on
	// its own, ClientNoContextTakeover that the client does.
	ServerNoContextTakeover, ClientNoContextTakeover bool
	// ServerMaxWindowBits and ClientMaxWindowBits are the sizes of the LZ77
	// windows of either side, as powers of two from 8 to 15. In an offer 0 means
	// that nothing is asked of the server, and that the client does not let its
	// own window be limited; 15 for the client lets the server choose any size.
	ServerMaxWindowBits, ClientMaxWindowBits int
}

// Offer returns the extension with which a client offers d. Sizes that are none
// are left out.
func (d Deflate) Offer() Extension {
	x := d.extension()
	if d.ClientMaxWindowBits == maxWindowBits {
		// Without a value it limits nothing and is understood most widely.
		x.Params[len(x.Params)-1] = Param{Name: clientMaxWindowBits}
	}
	return x
}

func (d Deflate) extension() Extension {
	x := Extension{Name: DeflateName}
	add := func(name, value string) {
		x.Params = append(x.Params, Param{Name: name, Value: value, HasValue: value != ""})
	}
	if d.ServerNoContextTakeover {
		add(serverNoContextTakeover, "")
	}
	if d.ClientNoContextTakeover {
		add(clientNoContextTakeover, "")
	}
	if validBits(d.ServerMaxWindowBits) {
		add(serverMaxWindowBits, strconv.Itoa(d.ServerMaxWindowBits))
	}
	if validBits(d.ClientMaxWindowBits) {
		add(clientMaxWindowBits, strconv.Itoa(d.ClientMaxWindowBits))
	}
	return x
}

func validBits(n int) bool { return n >= minWindowBits && n <= maxWindowBits }

// AgreedDeflate returns the parameters that hold after the server has answered o
// with a, both sizes filled in, or nil when a has no permessage-deflate. The
// error is an *Error: a parameter that RFC 7692 does not have, one with a value
// that it must not have or without one that it must, and what no offer allows
// (section 7.1).
//
// What a server leaves out of its answer it has not promised, and the default
// holds. What the client offered for itself holds in any case.
func AgreedDeflate(o Offer, a Agreement) (*Deflate, error) {
	for _, x := range a.Extensions {
		if x.Name != DeflateName {
			continue
		}
		d, problem := parseDeflate(x, false)
		if problem != "" {
			return nil, refuseDeflate(problem)
		}
		problem = "was not offered"
		var promised Deflate
		met := false
		for _, offered := range o.Extensions {
			if offered.Name != DeflateName {
				continue
			}
			// What is in an offer that was sent is not judged twice.
			want, _ := parseDeflate(offered, true)
			if why := want.contradiction(d); why != "" {
				problem = why
				continue
			}
			// It may be any of these offers that the server met.
			met = true
			promised.narrow(want)
		}
		if !met {
			return nil, refuseDeflate(problem)
		}
		d.complete(promised)
		return &d, nil
	}
	return nil, nil //nolint:nilnil // nothing was agreed on, as documented
}

func refuseDeflate(problem string) error {
	return &Error{Field: fieldExtensions, Status: 101, Text: DeflateName + ": " + problem}
}

// contradiction says what in the answer is not allowed by the offer d.
func (d Deflate) contradiction(answer Deflate) (problem string) {
	switch {
	case answer.ClientMaxWindowBits != 0 && d.ClientMaxWindowBits == 0:
		return clientMaxWindowBits + " was not offered" // section 7.1.2.2
	case answer.ClientMaxWindowBits > d.ClientMaxWindowBits:
		return clientMaxWindowBits + " is larger than offered"
	case d.ServerMaxWindowBits != 0 && answer.ServerMaxWindowBits > d.ServerMaxWindowBits:
		return serverMaxWindowBits + " is larger than asked for" // section 7.1.2.1
	}
	return ""
}

// narrow takes on what want promises of the client, if that is more.
func (d *Deflate) narrow(want Deflate) {
	d.ClientNoContextTakeover = d.ClientNoContextTakeover || want.ClientNoContextTakeover
	if bits := want.ClientMaxWindowBits; bits != 0 && (d.ClientMaxWindowBits == 0 || bits < d.ClientMaxWindowBits) {
		d.ClientMaxWindowBits = bits
	}
}

// complete fills in what the answer has left open.
func (d *Deflate) complete(want Deflate) {
	d.ClientNoContextTakeover = d.ClientNoContextTakeover || want.ClientNoContextTakeover
	if d.ClientMaxWindowBits == 0 {
		d.ClientMaxWindowBits = cmp.Or(want.ClientMaxWindowBits, maxWindowBits)
	}
	if d.ServerMaxWindowBits == 0 {
		d.ServerMaxWindowBits = maxWindowBits
	}
}

// AnswerDeflate is the server's side: it returns the extension with which to
// answer the first of the offers that a server with the parameters s can meet,
// and what is agreed on then. Of s, the flags are what the server wants of itself
// and of the client; the sizes, 0 for any, are the largest windows it wants. A
// client that cannot be told to limit its window is met only with 0 or 15.
func AnswerDeflate(offers []Extension, s Deflate) (answer Extension, agreed Deflate, ok bool) {
	for _, x := range offers {
		if x.Name != DeflateName {
			continue
		}
		offered, problem := parseDeflate(x, true)
		limit := validBits(s.ClientMaxWindowBits) && s.ClientMaxWindowBits < maxWindowBits
		if problem != "" || limit && offered.ClientMaxWindowBits == 0 {
			continue
		}
		d := Deflate{
			ServerNoContextTakeover: s.ServerNoContextTakeover || offered.ServerNoContextTakeover,
			ClientNoContextTakeover: s.ClientNoContextTakeover,
			ServerMaxWindowBits:     offered.ServerMaxWindowBits,
		}
		if validBits(s.ServerMaxWindowBits) && (d.ServerMaxWindowBits == 0 || s.ServerMaxWindowBits < d.ServerMaxWindowBits) {
			d.ServerMaxWindowBits = s.ServerMaxWindowBits
		}
		if offered.ClientMaxWindowBits != 0 && validBits(s.ClientMaxWindowBits) {
			d.ClientMaxWindowBits = min(s.ClientMaxWindowBits, offered.ClientMaxWindowBits)
		}
		answer = d.extension()
		d.complete(offered)
		return answer, d, true
	}
	return Extension{}, Deflate{}, false
}

// parseDeflate reads the parameters of an extension. In an offer the size of the
// client's window may have no value (RFC 7692 section 7.1.2.2).
func parseDeflate(x Extension, offer bool) (d Deflate, problem string) {
	for _, p := range x.Params {
		switch p.Name {
		case serverNoContextTakeover:
			d.ServerNoContextTakeover = true
		case clientNoContextTakeover:
			d.ClientNoContextTakeover = true
		case serverMaxWindowBits:
			d.ServerMaxWindowBits = parseBits(p)
		case clientMaxWindowBits:
			if d.ClientMaxWindowBits = parseBits(p); offer && !p.HasValue {
				d.ClientMaxWindowBits = maxWindowBits
			}
		default:
			return Deflate{}, "has a parameter that RFC 7692 does not know"
		}
		switch isSize := p.Name == serverMaxWindowBits || p.Name == clientMaxWindowBits; {
		case !isSize && p.HasValue:
			return Deflate{}, p.Name + " must have no value"
		case p.Name == serverMaxWindowBits && d.ServerMaxWindowBits == 0,
			p.Name == clientMaxWindowBits && d.ClientMaxWindowBits == 0:
			return Deflate{}, p.Name + " must be a number from 8 to 15 without leading zeros"
		}
	}
	return d, ""
}

// parseBits returns the size of a window, 0 if it is none: RFC 7692 section
// 7.1.2.1 wants a decimal number from 8 to 15 without leading zeros.
func parseBits(p Param) int {
	n, err := strconv.Atoi(p.Value)
	if err != nil || !validBits(n) || strconv.Itoa(n) != p.Value {
		return 0
	}
	return n
}
