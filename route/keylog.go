package route

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
)

// LogKeys returns a copy of cfg, which may be nil, whose connections append
// their secrets to the file at path, in the NSS key log format that Wireshark
// and others read. Who has the file can decrypt every session in it: this is for
// debugging, and nothing in Fairlead does it unasked. Programs name the file in
// the environment variable SSLKEYLOGFILE by custom:
//
//	if path := os.Getenv("SSLKEYLOGFILE"); path != "" {
//		cfg, file, err = route.LogKeys(cfg, path)
//	}
//
// The file is created if need be, and only its owner may read it from then on
// (mode 0600), even if others could before. Close it when the last connection is
// gone: a connection whose handshake cannot write its secrets fails.
func LogKeys(cfg *tls.Config, path string) (*tls.Config, io.Closer, error) {
	if path == "" {
		return nil, nil, errors.New("route: the key log has no path")
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("route: key log: %w", err)
	}
	if err := restrict(file); err != nil {
		_ = file.Close()
		return nil, nil, fmt.Errorf("route: key log: %w", err)
	}
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg = cfg.Clone()
	cfg.KeyLogWriter = file
	return cfg, file, nil
}

// restrict makes a file that was there before its owner's alone. A pipe or a
// terminal is left as it is.
func restrict(file *os.File) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return file.Chmod(0o600)
}
