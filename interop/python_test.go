package interop_test

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/wstest"
)

// python is Debian's own interpreter, which sees the python3-* packages. One
// that stands earlier in PATH may not.
const python = "/usr/bin/python3"

// A pythonServer is testdata/echo.py, running.
type pythonServer struct {
	ws, wss string // URLs
	roots   string // file with the root certificate of wss
	pool    *x509.CertPool
}

// startPython starts the server and waits until it listens. It ends with t.
func startPython(t *testing.T) *pythonServer {
	t.Helper()
	needPython(t)
	s := &pythonServer{}
	certFile, keyFile := s.makeCertificate(t)
	cmd := exec.Command(python, filepath.Join("testdata", "echo.py"), "--cert", certFile, "--key", keyFile)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe() // ends with this process, whatever happens to it
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The end of its input ends the server. A signal beside it could come when
		// the handler for it is gone already.
		_ = stdin.Close()
		kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the Python server: %v", err)
		}
		if stderr.Len() > 0 {
			t.Errorf("the Python server complains:\n%s", stderr.Bytes())
		}
	})

	starting := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer starting.Stop()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		switch scheme, port, _ := strings.Cut(lines.Text(), " "); scheme {
		case "ws":
			s.ws = "ws://127.0.0.1:" + port + "/"
		case "wss":
			s.wss = "wss://127.0.0.1:" + port + "/"
		case "ready":
			return s
		}
	}
	t.Fatal("the Python server ended before it was ready")
	return nil
}

// needPython skips t where websockets for Python is not installed.
func needPython(t *testing.T) {
	t.Helper()
	if out, err := exec.Command(python, "-c", "import websockets").CombinedOutput(); err != nil {
		missing(t, fmt.Sprintf("%s with websockets (Debian: python3-websockets): %v: %s", python, err, out))
	}
}

// makeCertificate writes a certificate for loopback and its root to files.
func (s *pythonServer) makeCertificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue("127.0.0.1", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	chain, key := certificatePEM(t, cert)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	s.pool = ca.Pool()
	s.roots = write("roots.pem", ca.PEM())
	return write("cert.pem", chain), write("key.pem", key)
}
