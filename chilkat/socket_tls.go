package chilkat

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"strings"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/route/clientcert"
)

// tlsSettings are what TLS connections are made with.
type tlsSettings struct {
	base        *tls.Config
	verify      setting[bool]
	protocol    setting[string]
	ciphers     string
	pins        string
	sni, alpn   string
	certificate *tls.Certificate
}

const defaultProtocol = "default"

// RequireSslCertVerify reports whether the server's certificate must be one that
// this machine trusts, made for the host name. The default is true, where the
// reference has false: this is deliberate.
func (s *Socket) RequireSslCertVerify() bool {
	return get(s.base(), "RequireSslCertVerify", func() bool { return s.settings.tls.verify.or(true) })
}

// SetRequireSslCertVerify turns the check of the server's certificate on or off.
// Off, anybody on the way can pose as the server and read all, unless TlsPinSet
// says which key the server has.
func (s *Socket) SetRequireSslCertVerify(on bool) {
	set(s.base(), "RequireSslCertVerify", on, func() error { s.settings.tls.verify.put(on); return nil })
}

// SslProtocol is which versions of TLS are spoken; the default is "default", TLS
// 1.2 and above.
func (s *Socket) SslProtocol() string {
	return get(s.base(), "SslProtocol", func() string { return s.settings.tls.protocol.or(defaultProtocol) })
}

// SetSslProtocol sets which versions of TLS are spoken: "default", "TLS 1.2",
// "TLS 1.3", or one of these with " or higher". "TLS 1.0 or higher" and "TLS 1.1
// or higher" mean TLS 1.2 or higher, as older versions are not spoken. With
// anything else LastErrorText says so, and no TLS connection is opened.
func (s *Socket) SetSslProtocol(text string) {
	set(s.base(), "SslProtocol", text, func() error {
		s.settings.tls.protocol.put(text)
		_, _, err := protocolVersions(text)
		return err
	})
}

// SslAllowedCiphers is the list of cipher suites that are allowed; "", the
// default, allows all that crypto/tls takes for safe.
func (s *Socket) SslAllowedCiphers() string {
	return get(s.base(), "SslAllowedCiphers", func() string { return s.settings.tls.ciphers })
}

// SetSslAllowedCiphers sets which cipher suites are allowed, by their names in
// the registry of IANA, with commas between: "TLS_AES_256_GCM_SHA384,
// TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384". Names that are not known here, those
// of unsafe suites among them, have no effect, and LastErrorText names one. When
// none is known, no TLS connection is opened.
//
// A version of TLS without a suite in the list is not spoken. The suites of TLS
// 1.3 are offered all together; when the server chooses one that is not in the
// list, the connection fails with ConnectFailReason 108.
func (s *Socket) SetSslAllowedCiphers(text string) {
	set(s.base(), "SslAllowedCiphers", text, func() error {
		s.settings.tls.ciphers = text
		_, unknown := cipherSuites(text)
		if unknown != "" {
			return fail("the cipher suite "+quote(unknown)+" of SslAllowedCiphers is not known, it has no effect", "Take it out, or write its name as IANA does.")
		}
		return nil
	})
}

// TlsPinSet is which keys the server may have; "", the default, means any that
// its certificate proves.
func (s *Socket) TlsPinSet() string {
	return get(s.base(), "TlsPinSet", func() string { return s.settings.tls.pins })
}

// SetTlsPinSet sets which keys the server may have: "sha256, base64, " and then
// hashes of a certificate's SubjectPublicKeyInfo (RFC 7469 section 2.4), with
// commas between. A connection to a server with another key fails with
// ConnectFailReason 108. When the list is broken, LastErrorText says so, and no
// TLS connection is opened.
func (s *Socket) SetTlsPinSet(text string) {
	set(s.base(), "TlsPinSet", text, func() error {
		s.settings.tls.pins = text
		_, err := pinCheck(text)
		return err
	})
}

// SniHostname is the server's name for TLS; "", the default, means the hostname
// of Connect.
func (s *Socket) SniHostname() string {
	return get(s.base(), "SniHostname", func() string { return s.settings.tls.sni })
}

// SetSniHostname sets the server's name for TLS, as when Connect gets an address:
// it is sent to the server, and the server's certificate must be made for it.
func (s *Socket) SetSniHostname(text string) {
	set(s.base(), "SniHostname", text, func() error {
		host, wrong := canonicalHost(text)
		if text != "" && wrong != "" {
			return fail("SniHostname "+wrong, hostnameAdvice)
		}
		s.settings.tls.sni = host
		return nil
	})
}

// AlpnProtocol is the protocol that is offered to the server in the TLS handshake
// (RFC 7301); "", the default, means that none is.
func (s *Socket) AlpnProtocol() string {
	return get(s.base(), "AlpnProtocol", func() string { return s.settings.tls.alpn })
}

// SetAlpnProtocol sets the protocol that is offered, such as "http/1.1". HTTP/2 is
// not spoken here: "h2" is refused.
func (s *Socket) SetAlpnProtocol(text string) {
	set(s.base(), "AlpnProtocol", text, func() error {
		switch {
		case text == "h2":
			return fail("AlpnProtocol is h2, which is not spoken here", `Set it to "http/1.1".`)
		case len(text) > 255:
			return fail("AlpnProtocol is longer than 255 bytes", "Set the name of one protocol.")
		}
		s.settings.tls.alpn = text
		return nil
	})
}

// SetTLSConfig sets how TLS connections are made from the next one on: own
// authorities (RootCAs) above all. What the properties say counts more. Nil, the
// default, means the authorities of the system. cfg is copied. It is not part of
// the reference.
func (s *Socket) SetTLSConfig(cfg *tls.Config) {
	set(s.base(), "TLSConfig", cfg != nil, func() error { s.settings.tls.base = cfg.Clone(); return nil })
}

// SetSslClientCertPem sets the certificate by which this client proves who it is,
// from PEM with the certificate and its private key: the text itself, or the path
// of a file. The key must not be encrypted; password is not used, a PFX file is
// the form that has one.
func (s *Socket) SetSslClientCertPem(pemOrPath, password string) bool {
	return s.base().call("SetSslClientCertPem", func(*lasterr.Log) error {
		if pemOrPath == "" {
			return fail("the argument pemOrPath is empty", "Pass the text of a PEM file, or its path.")
		}
		if strings.Contains(pemOrPath, "-----BEGIN ") {
			cert, err := clientcert.FromPEM([]byte(pemOrPath))
			return s.present(cert, err)
		}
		// It is not repeated: it may be a broken text with a private key.
		cert, err := clientcert.FromFile(pemOrPath, password)
		if wrong, ok := errors.AsType[*fs.PathError](err); ok {
			err = wrong.Err
		}
		return s.present(cert, err)
	}).status()
}

// SetSslClientCertPfx sets the certificate by which this client proves who it is,
// from a PFX file (PKCS #12) with the certificate and its private key.
func (s *Socket) SetSslClientCertPfx(path, password string) bool {
	return s.base().call("SetSslClientCertPfx", func(l *lasterr.Log) error {
		if path == "" {
			return fail("the argument path is empty", "Pass the path of a PFX file.")
		}
		l.Value("path", path)
		cert, err := clientcert.FromFile(path, password)
		return s.present(cert, err)
	}).status()
}

// present makes cert the one that servers get, if there is no err.
func (s *Socket) present(cert tls.Certificate, err error) error {
	if err != nil {
		return failFor(err, "the client certificate cannot be used", "Pass a file with one private key and its certificate, and the right password. What was set before stays.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings.tls.certificate = &cert
	return nil
}
