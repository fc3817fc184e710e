package auth

import (
	"errors"
	"fmt"
	"strings"
)

// maxDigestParam bounds what of a challenge goes back to the peer.
const maxDigestParam = 4 << 10

const (
	algorithmMD5    = "MD5"
	algorithmSHA256 = "SHA-256"
)

// digestChallenge is a challenge that Digest can answer (RFC 7616 section 3.3).
type digestChallenge struct {
	realm     string
	nonce     string
	opaque    *string // nil when there was none
	algorithm string  // algorithmMD5 or algorithmSHA256
	named     string  // the algorithm as it goes back, empty if the peer named none
	session   bool    // a -sess variant
	stale     bool
	userhash  bool
	utf8      bool
}

// chooseDigest returns the strongest challenge that can be answered, of equal
// ones the first.
func chooseDigest(a asked) (best digestChallenge, err error) {
	var why error
	for _, c := range a.challenges {
		if c.scheme != "digest" {
			continue
		}
		d, err := readDigest(c)
		if err != nil {
			why = err
		} else if best.algorithm == "" || best.algorithm == algorithmMD5 && d.algorithm == algorithmSHA256 {
			best = d
		}
	}
	switch {
	case best.algorithm != "":
		return best, nil
	case why != nil:
		return best, fmt.Errorf("%w: %w", ErrNotOffered, why)
	}
	return best, a.notOffered("Digest")
}

func readDigest(c challenge) (digestChallenge, error) {
	d := digestChallenge{
		realm:    c.params["realm"],
		nonce:    c.params["nonce"],
		stale:    strings.EqualFold(c.params["stale"], "true"),
		userhash: strings.EqualFold(c.params["userhash"], "true"),
		utf8:     strings.EqualFold(c.params["charset"], "UTF-8"),
	}
	if opaque, present := c.params["opaque"]; present {
		d.opaque = &opaque
	}
	switch {
	case d.nonce == "":
		return d, errors.New("the Digest challenge has no nonce (RFC 7616, section 3.3)")
	case max(len(d.realm), len(d.nonce), len(c.params["opaque"])) > maxDigestParam:
		return d, fmt.Errorf("the realm, the nonce or the opaque of the Digest challenge has more than %d bytes", maxDigestParam)
	}
	base, session := c.params["algorithm"], false
	if i := len(base) - len("-sess"); i > 0 && strings.EqualFold(base[i:], "-sess") {
		base, session = base[:i], true
	}
	d.session = session
	switch {
	case base == "" || strings.EqualFold(base, algorithmMD5):
		d.algorithm = algorithmMD5
	case strings.EqualFold(base, algorithmSHA256):
		d.algorithm = algorithmSHA256
	default:
		return d, errors.New("the Digest challenge asks for an algorithm other than SHA-256, SHA-256-sess, MD5 and MD5-sess")
	}
	if base != "" {
		d.named = d.algorithm
		if session {
			d.named += "-sess"
		}
	}
	qop, present := c.params["qop"]
	if !present {
		return d, errors.New("the Digest challenge has no qop: the form of RFC 2069 is not answered (RFC 7616, section 3.3)")
	}
	for q := range strings.SplitSeq(qop, ",") {
		if strings.EqualFold(strings.Trim(q, " \t"), "auth") {
			return d, nil
		}
	}
	return d, errors.New("the Digest challenge asks for a qop other than auth, such as auth-int")
}
