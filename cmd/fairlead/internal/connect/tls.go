package connect

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/clientcert"
)

// tlsConfig is the configuration for the server.
func (f *Flags) tlsConfig(env Env) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: f.serverName, NextProtos: f.alpn}
	if f.tls13 {
		cfg.MinVersion = tls.VersionTLS13
	}
	switch f.tlsMax {
	case "", "default":
	case "1.2":
		cfg.MaxVersion = tls.VersionTLS12
	case "1.3":
		cfg.MaxVersion = tls.VersionTLS13
	default:
		return nil, exit.Usagef("--tls-max: expected 1.2 or 1.3")
	}
	if cfg.MaxVersion != 0 && cfg.MaxVersion < cfg.MinVersion {
		return nil, exit.Usagef("--tls-max %s and --tlsv1.3 leave no version of TLS", f.tlsMax)
	}
	if f.insecure {
		cfg.InsecureSkipVerify = true
		env.warn("--insecure: nobody checks who the server is; whoever is on the way can read and change everything")
	}
	var err error
	if cfg.CipherSuites, err = cipherSuites(f.ciphers); err != nil {
		return nil, err
	}
	if cfg.RootCAs, err = f.roots(); err != nil {
		return nil, err
	}
	if cfg.Certificates, err = f.certificates(); err != nil {
		return nil, err
	}
	if f.pinned == "" {
		return cfg, nil
	}
	pins, err := pinsOf(f.pinned)
	if err != nil {
		return nil, err
	}
	cfg, err = route.PinKeys(cfg, pins...)
	if err != nil {
		return nil, exit.Usagef("--pinnedpubkey: %w", err)
	}
	return cfg, nil
}

// roots are the authorities that the flags name, nil for those of the system.
func (f *Flags) roots() (*x509.CertPool, error) {
	files := slices.Clone(f.caCert)
	if f.caPath != "" {
		entries, err := os.ReadDir(f.caPath)
		if err != nil {
			return nil, exit.With(exit.CAFile, fmt.Errorf("--capath: %w", err))
		}
		for _, e := range entries {
			if e.Type().IsRegular() || e.Type()&os.ModeSymlink != 0 {
				files = append(files, filepath.Join(f.caPath, e.Name()))
			}
		}
	}
	if f.caPath == "" && len(files) == 0 {
		return nil, nil //nolint:nilnil // documented
	}
	pool := x509.NewCertPool()
	any := false
	for i, path := range files {
		data, err := readFile("cacert", path)
		if err != nil {
			return nil, exit.With(exit.CAFile, err)
		}
		ok := pool.AppendCertsFromPEM(data)
		if !ok && i < len(f.caCert) {
			return nil, exit.With(exit.CAFile, fmt.Errorf("--cacert: %s has no certificate in PEM form", path))
		}
		any = any || ok
	}
	if !any {
		return nil, exit.With(exit.CAFile, fmt.Errorf("--capath: no file in %s has a certificate in PEM form", f.caPath))
	}
	return pool, nil
}

// certificates is ours.
func (f *Flags) certificates() ([]tls.Certificate, error) {
	if f.cert == "" {
		if f.key != "" {
			return nil, exit.Usagef("--key needs --cert")
		}
		return nil, nil
	}
	path, password := f.cert, f.pass
	// FILE:PASSWORD, unless there is a file with a colon in its name.
	if i := strings.LastIndexByte(path, ':'); i > 1 && !exists(path) {
		path, password = path[:i], path[i+1:]
	}
	password, err := secret("pass", password)
	if err != nil {
		return nil, err
	}
	var cert tls.Certificate
	if f.key != "" {
		cert, err = tls.LoadX509KeyPair(path, f.key)
	} else {
		cert, err = clientcert.FromFile(path, password)
	}
	if err != nil {
		return nil, exit.With(exit.ClientCert, fmt.Errorf("--cert: %w", err))
	}
	return []tls.Certificate{cert}, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// pinsOf takes sha256//BASE64 pins, separated by semicolons, or the file of a
// public key or certificate, PEM or DER.
func pinsOf(text string) ([]string, error) {
	if strings.HasPrefix(text, "sha256//") {
		var pins []string
		for pin := range strings.SplitSeq(text, ";") {
			base, ok := strings.CutPrefix(pin, "sha256//")
			if !ok {
				return nil, exit.Usagef("--pinnedpubkey: expected sha256//BASE64, several separated by ;")
			}
			pins = append(pins, base)
		}
		return pins, nil
	}
	der, err := readFile("pinnedpubkey", text)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	}
	if cert, err := x509.ParseCertificate(der); err == nil {
		der = cert.RawSubjectPublicKeyInfo
	}
	if _, err := x509.ParsePKIXPublicKey(der); err != nil {
		return nil, exit.With(exit.Read, errors.New("--pinnedpubkey: the file has no public key in PEM or DER form"))
	}
	sum := sha256.Sum256(der)
	return []string{base64.StdEncoding.EncodeToString(sum[:])}, nil
}

// cipherSuites takes the names of IANA and those of OpenSSL.
func cipherSuites(list string) ([]uint16, error) {
	if list == "" {
		return nil, nil
	}
	known := map[string]uint16{}
	for _, s := range tls.CipherSuites() {
		known[s.Name], known[openSSLName(s.Name)] = s.ID, s.ID
	}
	var ids []uint16
	for name := range strings.FieldsFuncSeq(list, func(r rune) bool { return strings.ContainsRune(":, ", r) }) {
		id, ok := known[strings.ToUpper(name)]
		if !ok {
			return nil, exit.Usagef("--ciphers: %q is no suite that is still safe; there are %s", name, strings.Join(tls12Names(), ":"))
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func tls12Names() []string {
	var names []string
	for _, s := range tls.CipherSuites() {
		if slices.Contains(s.SupportedVersions, tls.VersionTLS12) {
			names = append(names, openSSLName(s.Name))
		}
	}
	return names
}

// openSSLName makes ECDHE-RSA-AES128-GCM-SHA256 of
// TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.
func openSSLName(iana string) string {
	name := strings.TrimPrefix(iana, "TLS_")
	name = strings.NewReplacer("_WITH", "", "AES_128_CBC", "AES128", "AES_256_CBC", "AES256", "AES_128", "AES128",
		"AES_256", "AES256", "CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305").Replace(name)
	return strings.ReplaceAll(name, "_", "-")
}
