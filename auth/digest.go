package auth

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strings"

	"github.com/icholy/digest"
)

// Digest proves that it knows the password without sending it (RFC 7616). It
// waits for the challenge, so it costs a request more.
//
// It speaks SHA-256, SHA-256-sess, MD5 and MD5-sess, all with qop=auth, and
// answers SHA-256 when several are offered. It refuses challenges without a
// nonce or a qop (the form of RFC 2069, which anybody between could ask for to
// weaken the proof), with auth-int only, and with a nonce, a realm or an opaque
// of more than 4 KiB. When the peer calls the nonce stale, it answers the new
// one, once.
//
// User name and password are used in UTF-8 without normalization. The name goes
// hashed when the peer asks for that (userhash), and as username* when it is not
// ASCII and the peer announces charset=UTF-8.
type Digest struct {
	Username string
	Password string
}

// Begin starts the exchange of one dial with one peer. Nonces and their counts
// belong to it and never reach another.
func (d Digest) Begin() Exchange { return &exchange{scheme: newDigestScheme(d)} }

type digestScheme struct {
	d      Digest
	cnonce func() string
	nonce  string // the last one that was answered
	count  int    // how often
	sent   bool
	stale  bool // the peer has called a nonce stale before
}

func newDigestScheme(d Digest) *digestScheme { return &digestScheme{d: d, cnonce: rand.Text} }

func (s *digestScheme) first(context.Context, *Request) (bool, error) {
	return false, checkUser(s.d.Username, s.d.Password)
}

func (s *digestScheme) answer(_ context.Context, r *Request, a asked) error {
	c, err := chooseDigest(a)
	if s.sent {
		switch {
		case err != nil || !c.stale:
			return refused("the peer asks again after it got Digest: check user name and password")
		case s.stale:
			return refused("the peer calls a nonce stale that it has just sent")
		}
		s.stale = true
	}
	if err != nil {
		return err
	}
	s.sent = true
	if c.nonce != s.nonce {
		s.nonce, s.count = c.nonce, 0
	}
	s.count++
	value, err := c.credentials(s.d, r, s.cnonce(), s.count)
	if err != nil {
		return err
	}
	r.set(value)
	return nil
}

// credentials is the value of the Authorization field (RFC 7616 section 3.4).
// Of the library it takes the computation of the response; the session
// variants, username* and quoting are not in it.
func (c digestChallenge) credentials(d Digest, r *Request, cnonce string, count int) (string, error) {
	uri := r.URL.RequestURI()
	if r.Method == http.MethodConnect {
		uri = r.URL.Host
	}
	o := digest.Options{
		Method: r.Method, URI: uri, Count: count, Cnonce: cnonce,
		Username: d.Username, Password: d.Password,
	}
	if c.session {
		o.A1 = c.hash(c.hash(d.Username, c.realm, d.Password), c.nonce, cnonce)
	}
	cred, err := digest.Digest(&digest.Challenge{
		Realm: c.realm, Nonce: c.nonce, Algorithm: c.algorithm, QOP: []string{"auth"}, Userhash: c.userhash,
	}, o)
	if err != nil {
		return "", fmt.Errorf("auth: Digest: %w", err)
	}
	var b strings.Builder
	if c.utf8 && !c.userhash && !isASCII(d.Username) {
		b.WriteString("Digest username*=UTF-8''" + percentEncode(d.Username))
	} else {
		b.WriteString("Digest username=" + quote(cred.Username))
	}
	b.WriteString(", realm=" + quote(c.realm) + ", uri=" + quote(uri))
	if c.named != "" {
		b.WriteString(", algorithm=" + c.named)
	}
	fmt.Fprintf(&b, ", nonce=%s, nc=%08x, cnonce=%s, qop=auth, response=%s", quote(c.nonce), count, quote(cnonce), quote(cred.Response))
	if c.opaque != nil {
		b.WriteString(", opaque=" + quote(*c.opaque))
	}
	if c.userhash {
		b.WriteString(", userhash=true")
	}
	return b.String(), nil
}

// hash is H of RFC 7616 section 3.3 over parts that colons join.
func (c digestChallenge) hash(parts ...string) string {
	var h hash.Hash
	if c.algorithm == algorithmSHA256 {
		h = sha256.New()
	} else {
		h = md5.New()
	}
	h.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h.Sum(nil))
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
