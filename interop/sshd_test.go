package interop_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// sshd is OpenSSH's server for one test, which may break it.
type sshd struct {
	addr string
	dir  string // for the files of the test
	pid  int
}

// newSSHD prepares a server with an Ed25519 host key.
func newSSHD(t *testing.T) *sshd {
	t.Helper()
	s := &sshd{dir: t.TempDir(), addr: freePorts(t, "port").at("port")}
	s.keygen(t, "host", "-t", "ed25519")
	return s
}

// start starts it with the settings, in which @ is the folder of the test. It lets
// the user of the tests in with the keys in @/authorized.
func (s *sshd) start(t *testing.T, settings ...string) *sshd {
	t.Helper()
	program := needProgram(t, "/usr/sbin/sshd")
	if os.Getuid() == 0 { // the program insists on it then
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	_, port, _ := strings.Cut(s.addr, ":")
	settings = append([]string{
		"Port " + port, "ListenAddress 127.0.0.1", "PidFile none", "StrictModes no", "LogLevel INFO", "PrintMotd no",
		"AuthorizedKeysFile @/authorized", "HostKey @/host", "MaxStartups 100",
	}, settings...)
	conf := s.write(t, "sshd_config", strings.Join(settings, "\n")+"\n")
	c := spawn(t, exec.Command(program, "-D", "-e", "-f", conf), func(line string) bool { return strings.HasPrefix(line, "Server listening on") })
	s.pid = c.cmd.Process.Pid
	t.Cleanup(func() {
		s.signal(t, syscall.SIGKILL) // what serves connections outlives the server
		if err := c.end(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("sshd printed:\n%s", c.output.Bytes())
		}
	})
	c.await(t)
	return s
}

func (s *sshd) path(name string) string { return filepath.Join(s.dir, name) }

// write writes a file, in which @/ is the folder of the test.
func (s *sshd) write(t *testing.T, name, text string) (path string) {
	t.Helper()
	if err := os.WriteFile(s.path(name), []byte(strings.ReplaceAll(text, "@/", s.dir+"/")), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.path(name)
}

func (s *sshd) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(s.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keygen makes a key; passphrase-less unless -N is among the arguments.
func (s *sshd) keygen(t *testing.T, name string, args ...string) {
	t.Helper()
	if !slices.Contains(args, "-N") {
		args = append(args, "-N", "")
	}
	s.run(t, "ssh-keygen", append(args, "-q", "-f", s.path(name))...)
}

func (s *sshd) run(t *testing.T, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(needProgram(t, program), args...)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// known returns a known_hosts file that says key, a line without a host, of the
// server, behind marker.
func (s *sshd) known(t *testing.T, name, marker, key string) (path string) {
	t.Helper()
	host, port, _ := strings.Cut(s.addr, ":")
	return s.write(t, name, strings.TrimSpace(fmt.Sprintf("%s [%s]:%s %s", marker, host, port, key))+"\n")
}

// config knows the server, and no way to log in.
func (s *sshd) config(t *testing.T) *sshroute.Config {
	t.Helper()
	return &sshroute.Config{KnownHosts: []string{s.known(t, "known", "", s.read(t, "host.pub"))}}
}

// byKey makes a key, lets it in, and logs in with it.
func (s *sshd) byKey(t *testing.T) *sshroute.Config {
	t.Helper()
	s.keygen(t, "client", "-t", "ed25519")
	s.write(t, "authorized", s.read(t, "client.pub"))
	key, err := sshroute.KeyFile(s.path("client"), "")
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.config(t)
	cfg.Keys = []*sshroute.Key{key}
	return cfg
}

// echoes plays through the server.
func (s *sshd) echoes(t *testing.T, cfg *sshroute.Config) {
	t.Helper()
	b := backend.get(t)
	b.via = route.Through(sshroute.Hop(s.addr, cfg))
	playScenarios(t, b.endpoint, b.url("ws", "127.0.0.1"), text)
}

// signal sends sig to the processes that serve connections.
func (s *sshd) signal(t *testing.T, sig os.Signal) (count int) {
	t.Helper()
	parents := map[int]int{}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		missing(t, "/proc")
	}
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// proc(5): pid, the name in parentheses, state, parent.
		before, after, _ := bytes.Cut(stat, []byte(" (sshd"))
		_, after, _ = bytes.Cut(after, []byte(") "))
		fields := strings.Fields(string(after))
		if len(fields) < 2 {
			continue
		}
		pid, _ := strconv.Atoi(string(before))
		parents[pid], _ = strconv.Atoi(fields[1])
	}
	for pid := range parents {
		for up := parents[pid]; up != 0; up = parents[up] {
			if up != s.pid {
				continue
			}
			if p, err := os.FindProcess(pid); err == nil && p.Signal(sig) == nil {
				count++
			}
		}
	}
	return count
}

// startAgent starts an agent that has the key in the file.
func startAgent(t *testing.T, s *sshd, key string) (socket string) {
	t.Helper()
	program := needProgram(t, "ssh-agent")
	socket = s.path("agent")
	startChild(t, exec.Command(program, "-D", "-a", socket), func(line string) bool { return strings.HasPrefix(line, "SSH_AUTH_SOCK=") })
	add := exec.Command(needProgram(t, "ssh-add"), "-q", key)
	add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return socket
}

// fingerprint is what ssh-keygen says about a file.
func (s *sshd) fingerprint(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command(needProgram(t, "ssh-keygen"), "-l", "-f", s.path(name)).Output()
	if err != nil {
		t.Fatal(err)
	}
	words := bufio.NewScanner(bytes.NewReader(out))
	words.Split(bufio.ScanWords)
	words.Scan()
	words.Scan()
	return words.Text()
}
