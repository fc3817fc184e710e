//go:build unix

package cli

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

// tmux drives a real terminal.
type tmux struct {
	t      *testing.T
	socket string
}

func startTmux(t *testing.T, dir, command string) tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		missing(t, err)
	}
	m := tmux{t, filepath.Join(dir, "tmux")}
	m.run("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "40", command)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", m.socket, "kill-server").Run() })
	return m
}

func (m tmux) run(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", m.socket}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// keys presses keys; text types.
func (m tmux) keys(keys ...string) { m.t.Helper(); m.run(append([]string{"send-keys"}, keys...)...) }
func (m tmux) text(text string)    { m.t.Helper(); m.run("send-keys", "-l", text) }

// until waits for the screen to have what re matches, and returns the screen.
func (m tmux) until(re string) string {
	m.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		screen := m.run("capture-pane", "-p")
		if regexp.MustCompile(re).MatchString(screen) {
			return screen
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("the screen does not get to %q:\n%s", re, screen)
		}
		time.Sleep(20 * time.Millisecond) // tmux has no event for this
	}
}

// TestPrompt types at a real terminal and looks at the screen.
func TestPrompt(t *testing.T) {
	s := start(t, wstest.Options{})
	dir := t.TempDir()
	env := "env XDG_STATE_HOME=" + dir + " XDG_CONFIG_HOME=" + dir + " "
	m := startTmux(t, dir, "NO_COLOR=1 "+env+"fairlead "+s.URL()+"; echo exit code $?; "+env+"fairlead --color always "+s.URL()+"/?ping=x; echo exit code $?; sleep 60")
	m.until(`(?m)^> *$`)
	m.text("hello")
	m.keys("Enter")
	m.until("< hello")
	m.text(`{"a":1}`)
	m.keys("Enter")
	m.until(`< \{`)
	m.text("/pi")
	m.keys("Tab", "Enter")
	m.until("pong after")
	m.text("/binary 00ff")
	m.keys("Enter")
	m.until("< 00000000  00 ff")
	m.run("set-buffer", "line one\nline two")
	m.run("paste-buffer", "-p")
	m.until("line two")
	m.keys("Enter")
	m.until("< line one\n  line two")
	m.text("/nosuch")
	m.keys("Enter")
	m.until("! unknown command")
	m.text("/p")
	m.keys("Tab")
	m.until("/ping  /pong")
	m.keys("C-u")
	m.text(`{"password":"opensesame"}`)
	m.keys("Enter")
	m.until("< {.*opensesame")
	m.keys("Up", "Up", "Up", "Up")
	m.until("(?m)^> line one\n *line two *\n*$")
	m.keys("C-u", "Down", "Down", "Down", "Down", "C-r")
	m.text("hel")
	m.until(`\(search "hel"\) hello`)
	m.keys("Enter")
	m.until("< hello(?s:.*)< hello")
	m.text("/headers")
	m.keys("Enter")
	m.until("Upgrade: websocket")
	m.keys("C-d")
	screen := m.until("exit code 0")
	screen, _, _ = strings.Cut(screen, "exit code 0")
	screen = regexp.MustCompile(`after \S+`).ReplaceAllString(screen, "after X")
	screen = regexp.MustCompile(`Accept: \S+`).ReplaceAllString(screen, "Accept: X")
	if screen != wantScreen {
		t.Errorf("the screen is\n%s\nwant\n%s", screen, wantScreen)
	}
	history, err := os.ReadFile(filepath.Join(dir, "fairlead", "history"))
	if err != nil || strings.Contains(string(history), "opensesame") || !strings.Contains(string(history), `"line one\nline two"`) {
		t.Errorf("history: %v\n%s", err, history)
	}

	// The second session has the history of the first, and colours, and ends by
	// Ctrl-C with the code of the signal.
	m.until(`(?m)^> *$`)
	m.keys("Up", "Up")
	m.until("(?m)^> hello$")
	m.keys("C-u")
	m.text(`{"color":true}`)
	m.keys("Enter")
	m.until(`< \{ *"color"`)
	if screen := m.run("capture-pane", "-p", "-e"); !strings.Contains(screen, "\x1b[") {
		t.Errorf("no colour: %q", screen)
	}
	m.keys("C-c")
	m.until("exit code 130")
}

// TestPromptLosesNoLine: what is printed at once at the beginning, and a message
// that is higher than the screen, are all there, in their order.
func TestPromptLosesNoLine(t *testing.T) {
	s := start(t, wstest.Options{})
	dir := t.TempDir()
	file := filepath.Join(dir, "tall")
	var want strings.Builder
	for i := range 200 {
		fmt.Fprintf(&want, "  line %d\n", i)
	}
	if err := os.WriteFile(file, []byte("first\n"+strings.ReplaceAll(want.String(), "  line", "line")+"last"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := startTmux(t, dir, "NO_COLOR=1 XDG_STATE_HOME="+dir+" XDG_CONFIG_HOME="+dir+" fairlead -v "+s.URL()+"; sleep 60")
	m.until("Sec-WebSocket-Accept")
	m.text("/file " + file)
	m.keys("Enter")
	m.until("(?m)^  last$")
	all := m.run("capture-pane", "-p", "-S", "-1000")
	for _, part := range []string{
		"> GET / HTTP/1.1\n> Host: ", "> Upgrade: websocket\n> Connection: Upgrade\n> Sec-WebSocket-Key: ***\n> Sec-WebSocket-Version: 13\n>\n",
		"< first\n" + want.String() + "  last\n",
	} {
		if !strings.Contains(all, part) {
			t.Errorf("this is not on the screen:\n%s\nbut:\n%s", part, all)
		}
	}
}

const wantScreen = `> hello
< hello
> {"a":1}
< { "a": 1 }
> /ping
* pong after X
> /binary 00ff
< 00000000  00 ff                                             |..|
> line one
  line two
< line one
  line two
! unknown command "/nosuch": /help shows all; a message that begins with a slas
  h is written with two
> {"password":"opensesame"}
< { "password": "opensesame" }
> hello
< hello
* Connection: Upgrade
  Sec-Websocket-Accept: X
  Upgrade: websocket
* closed by this side: 1000 normal closure
`
