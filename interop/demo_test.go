package interop_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDemo runs the sample programs, both faces, against Python.
func TestDemo(t *testing.T) {
	server := startPython(t)
	fairlead := command.get(t)
	for _, url := range []string{server.ws, server.wss} {
		scheme, _, _ := strings.Cut(url, ":")
		t.Run(scheme, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, fairlead, "demo", url)
			cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+server.roots)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, part := range []string{"\nleft out:", "FAILED"} {
				if strings.Contains(string(out), part) {
					t.Errorf("the output says %q:\n%s", part, out)
				}
			}
			for _, part := range []string{"\nchilkat: 1. ", "\nfairlead: 9. ", "← ", "→ "} {
				if !strings.Contains(string(out), part) {
					t.Errorf("the output does not say %q:\n%s", part, out)
				}
			}
		})
	}
}

// TestDemoUntrusted shows that wss is not open to everybody: without the root
// certificate the same command fails with curl's exit code.
func TestDemoUntrusted(t *testing.T) {
	server := startPython(t)
	fairlead := command.get(t) // before the time runs: it may have to be built
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, fairlead, "demo", server.wss).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 60 {
		t.Errorf("%v, want exit status 60\n%s", err, out)
	}
}

// command is cmd/fairlead, which is a module of its own: the package cannot be
// imported here.
var command = lasting[string]{make: func(t *testing.T) string {
	t.Helper()
	file := filepath.Join(atWork.get(t).dir, "fairlead")
	cmd := exec.Command("go", "build", "-o", file, ".")
	cmd.Dir = filepath.Join("..", "cmd", "fairlead")
	if _, err := os.Stat(filepath.Join(cmd.Dir, "go.mod")); err != nil {
		missing(t, "cmd/fairlead, the module of the command,")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return file
}}
