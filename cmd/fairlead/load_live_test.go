//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/wstest"
)

// TestLiveView runs bench in a terminal of tmux and looks at the screen: while
// it runs, after Ctrl-C, and with NO_COLOR.
func TestLiveView(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a few seconds")
	}
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("tmux is missing: install it, see .ci/components")
		}
		t.Skip("tmux is missing")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "fairlead")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, tt := range []struct {
		name, env string
		colour    bool
	}{{"colours", "TERM=xterm-256color", true}, {"without", "NO_COLOR=1 TERM=xterm-256color", false}} {
		t.Run(tt.name, func(t *testing.T) {
			s := &screen{t: t, tmux: tmux, socket: filepath.Join(dir, tt.name)}
			defer s.run("kill-server")
			server := wstest.NewServer()
			defer server.Close()
			script := fmt.Sprintf(`trap : INT
env -u NO_COLOR %s %s bench -c 8 -q 400 -z 60s %s
echo "exit code $?"
read wait`, tt.env, program, server.URL())
			s.run("-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "60", "sh", "-c", script)
			s.await(`measuring +█*[▏▎▍▌▋▊▉]? +\d+\.\d%`)
			s.await(`connections  8 of 8 open, 0 failed`)
			s.await(`messages     [1-9]\d* sent, [1-9]\d* answered`)
			s.await(`\d+ █`)
			s.await(`p50 [0-9.]+(µs|ms)   p90 .*   max `)
			if painted := strings.Contains(s.run("capture-pane", "-p", "-e"), "\x1b["); painted != tt.colour {
				t.Errorf("colours on the screen: %t", painted)
			}
			s.run("send-keys", "C-c")
			s.await(`exit code 130`)
			s.await(`interrupted  what follows`)
			s.await(`rate .* of 400\.0/s, open loop`)
		})
	}
}

// screen is a terminal.
type screen struct {
	t            *testing.T
	tmux, socket string
}

func (s *screen) run(args ...string) string {
	out, err := exec.Command(s.tmux, append([]string{"-S", s.socket}, args...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// await waits until the screen shows the pattern.
func (s *screen) await(pattern string) {
	s.t.Helper()
	re := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		text := s.run("capture-pane", "-p")
		if re.MatchString(text) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the screen does not show %s:\n%s", pattern, text)
		}
	}
}
