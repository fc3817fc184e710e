package route_test

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

func TestLogKeys(t *testing.T) {
	ca := newAuthority(t, authority{})
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte("# before\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	base := &tls.Config{RootCAs: ca.pool()}
	cfg, file, err := route.LogKeys(base, path)
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := dialTLS(t, cfg, host, &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(got); !strings.HasPrefix(text, "# before\n") || !strings.Contains(text, "CLIENT_TRAFFIC_SECRET_0 ") {
		t.Errorf("the file has %d bytes, without what was there or without a secret", len(got))
	}
	assertMode(t, path)
	if base.KeyLogWriter != nil {
		t.Error("the caller's configuration was changed")
	}
	if _, _, err := dialTLS(t, cfg, host, &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}}); err == nil {
		t.Error("a handshake succeeded without its secrets in the file")
	}
}

func assertMode(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode %v, want -rw-------", mode)
	}
}

func TestLogKeysNewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	cfg, file, err := route.LogKeys(nil, path)
	if err != nil || cfg == nil {
		t.Fatal(cfg, err)
	}
	_ = file.Close()
	assertMode(t, path)
}

func TestLogKeysFails(t *testing.T) {
	for _, path := range []string{"", t.TempDir(), filepath.Join(t.TempDir(), "absent", "keys")} {
		if cfg, file, err := route.LogKeys(nil, path); err == nil || cfg != nil || file != nil {
			t.Errorf("LogKeys(%q) = %v, %v, %v", path, cfg, file, err)
		}
	}
}
