package interop_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Ample, because the machine may have much else to do.
const (
	startWithin = 2 * time.Minute
	stopWithin  = 30 * time.Second
)

// guard becomes the program, and leaves somebody behind who ends it when our end
// of its input goes away without a line: where this process is killed, nothing
// of what it started stays.
const guard = `exec 3<&0
pid=$$
{ read -r _ <&3 || kill "$pid"; } >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-`

// startChild starts cmd and hands the lines that it prints to line, until that
// says that the program is ready. The program ends with t.
func startChild(t *testing.T, cmd *exec.Cmd, line func(string) (ready bool)) {
	t.Helper()
	name := filepath.Base(cmd.Path)
	cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", guard, "sh", cmd.Path}, cmd.Args[1:]...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	var output bytes.Buffer
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		waiting := true
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			output.Write(append(lines.Bytes(), '\n'))
			if waiting && line(lines.Text()) {
				waiting = false
				close(ready)
			}
		}
	}()
	t.Cleanup(func() {
		_, _ = io.WriteString(stdin, "\n")
		_ = cmd.Process.Signal(syscall.SIGTERM)
		// The output ends when all processes that share it have ended.
		select {
		case <-ended:
		case <-time.After(stopWithin):
			t.Errorf("%s had to be killed", name)
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait()
		<-ended
		if t.Failed() {
			t.Logf("%s printed:\n%s", name, output.Bytes())
		}
	})

	select {
	case <-ready:
	case <-ended:
		t.Fatalf("%s ended before it was ready", name)
	case <-time.After(startWithin):
		t.Fatalf("%s was not ready within %v", name, startWithin)
	}
}

// missing skips t because something is not installed, or fails it in CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: run .ci/components", what)
	}
	t.Skipf("%s is missing", what)
}

// needProgram returns the path of the program name, which may be a path.
func needProgram(t *testing.T, name string) string {
	t.Helper()
	file, err := exec.LookPath(name)
	if err != nil {
		missing(t, name)
	}
	return file
}

// needFile returns the first file that pattern matches.
func needFile(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		missing(t, pattern)
	}
	return files[0]
}
