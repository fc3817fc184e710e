package chilkat

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead-ws/fairlead/route"
)

// errRequirement is matched when the server lacks what a property demands.
var errRequirement = errors.New("a requirement is not met")

// config is what the settings come to.
func (c tlsSettings) config() (*tls.Config, error) {
	cfg := c.base.Clone()
	if cfg == nil {
		cfg = &tls.Config{}
	}
	least, most, err := protocolVersions(c.protocol.or(defaultProtocol))
	if err != nil {
		return nil, err
	}
	if least != 0 {
		cfg.MinVersion, cfg.MaxVersion = least, most
	}
	checks := []func(tls.ConnectionState) error{cfg.VerifyConnection}
	if c.pins != "" {
		check, err := pinCheck(c.pins)
		if err != nil {
			return nil, err
		}
		checks = append(checks, check)
	}
	if c.ciphers != "" {
		suites, _ := cipherSuites(c.ciphers)
		if err := restrict(cfg, suites); err != nil {
			return nil, err
		}
		checks = append(checks, func(state tls.ConnectionState) error {
			if !slices.Contains(suites, state.CipherSuite) {
				return fmt.Errorf("%w: SslAllowedCiphers does not have %s", errRequirement, tls.CipherSuiteName(state.CipherSuite))
			}
			return nil
		})
	}
	cfg.VerifyConnection = func(state tls.ConnectionState) error {
		for _, check := range checks {
			if check == nil {
				continue
			}
			if err := check(state); err != nil {
				return err
			}
		}
		return nil
	}
	if !c.verify.or(true) {
		cfg.InsecureSkipVerify = true
	}
	if c.sni != "" {
		cfg.ServerName = c.sni
	}
	if c.alpn != "" {
		cfg.NextProtos = []string{c.alpn}
	}
	if c.certificate != nil {
		cfg.Certificates, cfg.GetClientCertificate = []tls.Certificate{*c.certificate}, nil
	}
	return cfg, nil
}

// protocolVersions gives the versions of an SslProtocol; 0 means no bound but that
// of route.TLS.
func protocolVersions(protocol string) (least, most uint16, err error) {
	name, higher := strings.CutSuffix(strings.ToLower(strings.TrimSpace(protocol)), " or higher")
	switch {
	case name == defaultProtocol && !higher:
		return 0, 0, nil
	case higher && (name == "tls 1.0" || name == "tls 1.1" || name == "tls 1.2"):
		return tls.VersionTLS12, 0, nil
	case name == "tls 1.2":
		return tls.VersionTLS12, tls.VersionTLS12, nil
	case name == "tls 1.3":
		return tls.VersionTLS13, 0, nil
	}
	return 0, 0, fail("SslProtocol is not known", `Set it to "default", "TLS 1.2", "TLS 1.3" or "TLS 1.2 or higher"; older versions are not spoken.`)
}

// cipherSuites gives the suites of a list, and one that is not known, if any.
func cipherSuites(list string) (suites []uint16, unknown string) {
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(tls.CipherSuites(), func(s *tls.CipherSuite) bool { return strings.EqualFold(s.Name, name) })
		switch {
		case i >= 0:
			suites = append(suites, tls.CipherSuites()[i].ID)
		case name != "":
			unknown = name
		}
	}
	return suites, unknown
}

// restrict makes cfg offer the suites only. Those of TLS 1.3 cannot be offered one
// by one; their numbers are those of RFC 8446 appendix B.4.
func restrict(cfg *tls.Config, suites []uint16) error {
	is13 := func(id uint16) bool { return id>>8 == 0x13 }
	cfg.CipherSuites = slices.DeleteFunc(slices.Clone(suites), is13)
	has12, has13 := len(cfg.CipherSuites) > 0, slices.ContainsFunc(suites, is13)
	if !has12 {
		cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS13)
	}
	if !has13 && (cfg.MaxVersion == 0 || cfg.MaxVersion > tls.VersionTLS12) {
		cfg.MaxVersion = tls.VersionTLS12
	}
	if len(suites) == 0 || cfg.MaxVersion != 0 && cfg.MinVersion > cfg.MaxVersion {
		return fail("SslAllowedCiphers has no cipher suite for the versions that SslProtocol allows", "Add one, as TLS_AES_256_GCM_SHA384 for TLS 1.3, or set it to \"\".")
	}
	return nil
}

// pinCheck is the check that a TlsPinSet asks for; nil for none.
func pinCheck(set string) (func(tls.ConnectionState) error, error) {
	if set == "" {
		return nil, nil
	}
	words := strings.Split(set, ",")
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
	}
	if len(words) < 3 || !strings.EqualFold(words[0], "sha256") || !strings.EqualFold(words[1], "base64") {
		return nil, fail("TlsPinSet does not begin with sha256, base64", `Set it to "sha256, base64, " and one hash or more.`)
	}
	cfg, err := route.PinKeys(nil, words[2:]...)
	if err != nil {
		return nil, failFor(err, "TlsPinSet has what is no hash", "Set it to \"sha256, base64, \" and hashes of 32 bytes in base64.")
	}
	return func(state tls.ConnectionState) error {
		if err := cfg.VerifyConnection(state); err != nil {
			return fmt.Errorf("%w: %w", errRequirement, err)
		}
		return nil
	}, nil
}
