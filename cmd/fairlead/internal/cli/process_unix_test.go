//go:build unix

package cli

import (
	"bytes"
	"debug/elf"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// command is fairlead as a process.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "fairlead", args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "TERM=xterm-256color", "NO_COLOR=1")
	return cmd
}

// status is the exit code, that of a shell for a process that a signal ended.
func status(err error) int {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0
	}
	if w, ok := exit.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return exit.ExitCode()
}

func TestSignals(t *testing.T) {
	for _, tt := range []struct {
		name    string
		signals []syscall.Signal
		code    int
		close   frame.StatusCode // 0 for a peer that answers no Close
	}{
		{"SIGINT", []syscall.Signal{syscall.SIGINT}, 130, frame.StatusNormal},
		{"SIGTERM", []syscall.Signal{syscall.SIGTERM}, 143, frame.StatusGoingAway},
		{"SIGHUP", []syscall.Signal{syscall.SIGHUP}, 129, frame.StatusGoingAway},
		{"SIGINT twice", []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, 130, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			open, closed := make(chan struct{}), make(chan struct{})
			steps := []wstest.Step{wstest.Upgrade(), wstest.ExpectFrame(frame.Text, true, []byte("open")), wstest.Do(func() error { close(open); return nil })}
			if tt.close != 0 {
				steps = append(steps, wstest.ExpectClose(tt.close), closing(tt.close, ""), wstest.Do(func() error { close(closed); return nil }))
			} else {
				steps = append(steps, wstest.ExpectClose(frame.StatusNormal), wstest.Do(func() error { close(closed); return nil }), wstest.ExpectEOF())
			}
			p := wstest.Listen(steps...)
			defer p.Close()
			cmd := command(t, "-d", "open", "--on-eof", "wait", p.URL())
			var errs bytes.Buffer
			cmd.Stderr = &errs
			begun := time.Now()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			wait(t, open)
			_ = cmd.Process.Signal(tt.signals[0])
			wait(t, closed)
			for _, s := range tt.signals[1:] {
				_ = cmd.Process.Signal(s)
			}
			if code := status(cmd.Wait()); code != tt.code {
				t.Errorf("exit code %d, want %d; stderr %q", code, tt.code, errs.String())
			}
			if err := p.Err(); err != nil {
				t.Error(err)
			}
			// A Close without an answer is waited for 5 s; a second signal is not.
			if took := time.Since(begun); len(tt.signals) > 1 && took > 4*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func wait(t *testing.T, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(30 * time.Second):
		t.Fatal("it did not happen within 30 s")
	}
}

func TestBrokenPipe(t *testing.T) {
	go1 := make(chan struct{})
	p := wstest.Listen(wstest.Upgrade(), wstest.Wait(go1), text("one"), wstest.ExpectClose(frame.StatusGoingAway), closing(frame.StatusGoingAway, ""))
	defer p.Close()
	cmd := command(t, "--on-eof", "wait", p.URL())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	close(go1)
	if code := status(cmd.Wait()); code != 23 || errs.Len() != 0 {
		t.Errorf("exit code %d, stderr %q; want 23 and silence", code, errs.String())
	}
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

// missing skips t where the system lacks what it needs; in CI that is a failure.
func missing(t *testing.T, what error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		missing(t, err)
	}
	defer full.Close()
	s := start(t, wstest.Options{})
	cmd := command(t, "-d", "x", "-1", s.URL())
	cmd.Stdout = full
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if code := status(cmd.Run()); code != 23 || !strings.Contains(errs.String(), "no space left") {
		t.Errorf("exit code %d, stderr %q", code, errs.String())
	}
}

// onTerminal runs the command with the named streams on a terminal, and returns
// all bytes that reached it.
func onTerminal(t *testing.T, streams string, args ...string) string {
	t.Helper()
	cmd := command(t, args...)
	master, tty, err := pty.Open()
	if err != nil {
		missing(t, err)
	}
	defer master.Close()
	if err := pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	for _, s := range streams {
		switch s {
		case '0':
			cmd.Stdin = tty
		case '1':
			cmd.Stdout = tty
		case '2':
			cmd.Stderr = tty
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	done := make(chan []byte, 1)
	go func() {
		data, _ := io.ReadAll(master) // EIO is how a terminal ends
		done <- data
	}()
	_ = cmd.Wait()
	select {
	case data := <-done:
		return string(data)
	case <-time.After(20 * time.Second):
		t.Fatal("the terminal does not end")
		return ""
	}
}

// forbidden is what a peer may not send to a terminal: none of it is what a
// program here writes of itself.
var forbidden = []string{"\x1b[31m", "\x1b]52", "\a", "\u009b", "\u202e", "\u2066", "\rover"}

// TestNothingRawReachesATerminal: N01, N02. The bytes are those that the terminal
// gets, before it makes a screen of them.
func TestNothingRawReachesATerminal(t *testing.T) {
	for _, tt := range []struct {
		name, streams string
		args          []string
	}{
		{"output", "1", nil},
		{"errors", "2", nil},
		{"output and errors", "12", []string{"-i"}},
		{"verbose", "12", []string{"-vv"}},
		{"jsonl", "12", []string{"--framing", "jsonl"}},
		{"hex", "12", []string{"--hex"}},
		{"null", "12", []string{"-0"}},
		{"prompt", "012", nil},
		{"prompt, verbose", "012", []string{"-vv"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := wstest.Listen(peers("evil", nil)...)
			defer p.Close()
			args := append([]string{"--on-eof", "wait"}, tt.args...)
			got := onTerminal(t, tt.streams, append(args, p.URL())...)
			if !strings.Contains(got, "red") && !strings.Contains(tt.streams, "2") {
				t.Errorf("the message is not there: %q", got)
			}
			for _, bad := range forbidden {
				if strings.Contains(got, bad) {
					t.Errorf("%q reached the terminal: %q", bad, got)
				}
			}
			if !strings.Contains(tt.streams, "0") && strings.Contains(got, "\x1b") {
				t.Errorf("an escape sequence reached the terminal: %q", got)
			}
			if err := p.Err(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("raw, when asked for", func(t *testing.T) {
		p := wstest.Listen(peers("evil", nil)...)
		defer p.Close()
		if got := onTerminal(t, "1", "--raw", "--on-eof", "wait", p.URL()); !strings.Contains(got, "\x1b[31m") {
			t.Errorf("the escape sequence is not there: %q", got)
		}
	})
	t.Run("raw, in a pipe", func(t *testing.T) {
		p := wstest.Listen(peers("evil", nil)...)
		defer p.Close()
		cmd := command(t, "--on-eof", "wait", p.URL())
		if out, _ := cmd.Output(); !bytes.Contains(out, []byte(evil+"\n")) {
			t.Errorf("the message is not as it came: %q", out)
		}
	})
	t.Run("refusal", func(t *testing.T) {
		p := wstest.Listen(wstest.Answer(func(*wstest.HTTPRequest) []byte {
			return []byte("HTTP/1.1 403 \u009b2J\u202e\r\nX-Evil: \u009b2J\u202e\r\nContent-Length: 0\r\n\r\n")
		}))
		defer p.Close()
		got := onTerminal(t, "12", "-v", p.URL())
		for _, bad := range append(forbidden, "\x1b") {
			if strings.Contains(got, bad) {
				t.Errorf("%q reached the terminal: %q", bad, got)
			}
		}
	})
}

// TestPasswordPrompt: what is typed is not shown.
func TestPasswordPrompt(t *testing.T) {
	s := start(t, wstest.Options{Check: judgeRequest})
	cmd := command(t, "-u", "user", "-d", "x", "-1", s.URL()+"/secret")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		missing(t, err)
	}
	defer terminal.Close()
	var got []byte
	buf := make([]byte, 4096)
	typed := false
	for {
		n, err := terminal.Read(buf)
		got = append(got, buf[:n]...)
		if !typed && bytes.Contains(got, []byte("Password for user: ")) {
			typed = true
			_, _ = terminal.WriteString("opensesame\r")
		}
		if err != nil {
			break
		}
	}
	if code := status(cmd.Wait()); code != 0 || !typed || bytes.Contains(got, []byte("opensesame")) {
		t.Errorf("exit code %d: %q", code, got)
	}
}

// TestStartUp: 30 ms of CPU are allowed. The best of several runs counts: the
// machine has other things to do.
func TestStartUp(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector takes its time")
	}
	best := time.Hour
	for range 10 {
		cmd := command(t, "--version")
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		best = min(best, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	if best > 30*time.Millisecond {
		t.Errorf("%v of CPU, want at most 30 ms", best)
	}
}

// TestStatic builds the command, which takes a while: CI does so, and FAIRLEAD_LONG.
func TestStatic(t *testing.T) {
	if os.Getenv("FAIRLEAD_LONG") == "" && os.Getenv("CI") == "" {
		t.Skip("neither FAIRLEAD_LONG nor CI is set")
	}
	binary := t.TempDir() + "/fairlead"
	build := exec.Command("go", "build", "-o", binary, "../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file, err := elf.Open(binary)
	if err != nil {
		missing(t, err)
	}
	defer file.Close()
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary is not static: it has a segment %v", p.Type)
		}
	}
}
