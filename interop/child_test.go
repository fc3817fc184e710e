package interop_test

import (
	"bufio"
	"bytes"
	"fmt"
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

// A child is a program that runs.
type child struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	output bytes.Buffer  // may be read when ended is closed
	ready  chan struct{} // closed when the program is ready
	ended  chan struct{} // closed when all processes that share its output have ended
}

// startChild starts cmd and hands the lines that it prints to line, until that
// says that the program is ready. The program ends with t.
func startChild(t *testing.T, cmd *exec.Cmd, line func(string) (ready bool)) {
	t.Helper()
	c := spawn(t, cmd, line)
	t.Cleanup(func() {
		if err := c.end(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("%s printed:\n%s", c.name, c.output.Bytes())
		}
	})
	c.await(t)
}

func spawn(t *testing.T, cmd *exec.Cmd, line func(string) (ready bool)) *child {
	t.Helper()
	c := &child{name: filepath.Base(cmd.Path), cmd: cmd, ready: make(chan struct{}), ended: make(chan struct{})}
	cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", guard, "sh", cmd.Path}, cmd.Args[1:]...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdin = stdin
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		waiting := true
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			c.output.Write(append(lines.Bytes(), '\n'))
			if waiting && line(lines.Text()) {
				waiting = false
				close(c.ready)
			}
		}
	}()
	return c
}

// await waits until the program is ready.
func (c *child) await(t *testing.T) {
	t.Helper()
	select {
	case <-c.ready:
	case <-c.ended:
		t.Fatalf("%s ended before it was ready", c.name)
	case <-time.After(startWithin):
		t.Fatalf("%s was not ready within %v", c.name, startWithin)
	}
}

// end stops the program and waits until it is gone.
func (c *child) end() (err error) {
	_, _ = io.WriteString(c.stdin, "\n")
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(stopWithin):
		err = fmt.Errorf("%s had to be killed", c.name)
		_ = c.cmd.Process.Kill()
	}
	_ = c.cmd.Wait()
	<-c.ended
	return err
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
