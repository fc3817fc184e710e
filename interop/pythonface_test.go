package interop_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pythonTree is a copy of ../python with the library built into it, and the echo
// server for its tests.
type pythonTree struct{ dir, echo string }

var pythonFace = lasting[pythonTree]{make: func(t *testing.T) pythonTree {
	needProgram(t, "gcc")
	needProgram(t, python)
	tree := pythonTree{dir: filepath.Join(atWork.get(t).dir, "python")}
	tree.echo = filepath.Join(tree.dir, "bench", "echo")
	if err := os.CopyFS(tree.dir, os.DirFS(filepath.Join("..", "python"))); err != nil {
		t.Fatal(err)
	}
	library := filepath.Join(tree.dir, "fairlead_ws", "libfairlead.so")
	for _, build := range []struct{ dir, out, mode string }{
		{filepath.Join("..", "cabi"), library, "c-shared"},
		{filepath.Join("..", "python", "bench", "echoserver"), tree.echo, "default"},
	} {
		cmd := exec.Command("go", "build", "-buildmode="+build.mode, "-o", build.out, ".")
		cmd.Dir, cmd.Env = build.dir, append(os.Environ(), "CGO_ENABLED=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build in %s: %v\n%s", build.dir, err, out)
		}
	}
	return tree
}}

// needPythonFace leaves the tests of Python out where they would show nothing: the
// race detector does not look into another process.
func needPythonFace(t *testing.T) pythonTree {
	t.Helper()
	if raceDetector {
		t.Skip("what runs is another process")
	}
	return pythonFace.get(t)
}

// run runs a program in a folder with more of an environment.
func run(t *testing.T, dir string, env []string, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out.Bytes())
	}
	wantNoSecret(t, out.String())
}

// TestPythonPrograms runs the nine programs against Python's websockets and
// Node's ws.
func TestPythonPrograms(t *testing.T) {
	tree, py, node := needPythonFace(t), startPython(t), backend.get(t)
	programs, err := filepath.Glob(filepath.Join(tree.dir, "examples", "program*.py"))
	if err != nil || len(programs) != 9 {
		t.Fatalf("%v, %v; want nine programs", programs, err)
	}
	for _, server := range []struct{ name, ws, wss, roots string }{
		{"websockets", py.ws, py.wss, py.roots},
		{"ws", node.ws, node.wss, atWork.get(t).roots},
	} {
		for _, program := range programs {
			for _, url := range []string{server.ws, server.wss} {
				name := strings.TrimSuffix(filepath.Base(program), ".py")
				t.Run(strings.Join([]string{server.name, name, scheme(url)}, " "), func(t *testing.T) {
					t.Parallel()
					run(t, tree.dir, []string{"PYTHONPATH=" + tree.dir, "SSL_CERT_FILE=" + server.roots},
						python, "-X", "dev", "-W", "error", program, strings.Replace(url, "127.0.0.1", "localhost", 1))
				})
			}
		}
	}
}

// TestPythonWays runs program 6 through what may lie between.
func TestPythonWays(t *testing.T) {
	tree, node, w := needPythonFace(t), backend.get(t), atWork.get(t)
	sq, d, sh, u := squid.get(t), dantedPassword.get(t), sshBastion.get(t), account.get(t)
	ssh := []string{"SSH_PORT=" + sh.ports["port"], "SSH_KNOWN_HOSTS=" + sh.knownHosts}
	for _, way := range []struct {
		name string
		env  []string
	}{
		{"squid, Basic", []string{"HTTP_PROXY_PORT=" + sq["basic"], "LOGIN=" + w.username, "PASSWORD=" + w.password}},
		{"danted and a password", []string{"SOCKS_PROXY_PORT=" + d.ports["port"], "LOGIN=" + d.name, "PASSWORD=" + d.password}},
		{"OpenSSH and a key", append(ssh, "LOGIN="+sh.user, "SSH_KEY="+sh.key)},
		{"OpenSSH and a password", append(ssh, "LOGIN="+u.name, "PASSWORD="+u.password)},
		{"throttled", []string{fmt.Sprint("THROTTLE=", 4<<20)}},
	} {
		for _, url := range []string{node.ws, node.wss} {
			t.Run(way.name+" "+scheme(url), func(t *testing.T) {
				run(t, tree.dir, append(way.env, "PYTHONPATH="+tree.dir, "SSL_CERT_FILE="+w.roots),
					python, "-X", "dev", "-W", "error", filepath.Join(tree.dir, "examples", "program6_proxies.py"), url)
			})
		}
	}
}

// TestPythonUnittest runs the tests of Python from the source tree, and again with
// a wheel in a fresh venv, which takes nothing from the network.
func TestPythonUnittest(t *testing.T) {
	tree, py, w := needPythonFace(t), startPython(t), atWork.get(t)
	sq, d, sh := squid.get(t), dantedPassword.get(t), sshBastion.get(t)
	node := backend.get(t)
	env := []string{
		"FAIRLEAD_ECHO=" + tree.echo, "FAIRLEAD_WS=" + node.ws, "FAIRLEAD_WSS=" + py.wss, "FAIRLEAD_ROOTS=" + py.roots,
		"FAIRLEAD_PROXIES=" + strings.Join([]string{
			fmt.Sprintf("http://%s:%s@127.0.0.1:%s", w.username, w.password, sq["basic"]),
			fmt.Sprintf("socks5h://%s:%s@127.0.0.1:%s", d.name, d.password, d.ports["port"]),
			fmt.Sprintf("ssh://%s@127.0.0.1:%s?identity=%s&known_hosts=%s", sh.user, sh.ports["port"], sh.key, sh.knownHosts),
		}, " "),
	}
	t.Run("source tree", func(t *testing.T) {
		run(t, tree.dir, env, python, "-X", "dev", "-W", "error", "-m", "unittest")
	})
	t.Run("wheel", func(t *testing.T) {
		dir := t.TempDir()
		run(t, tree.dir, nil, python, "-m", "build", "--wheel", "--outdir", dir)
		wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
		if err != nil || len(wheels) != 1 {
			t.Fatalf("%v, %v; want one wheel", wheels, err)
		}
		venv := filepath.Join(dir, "venv")
		run(t, dir, nil, python, "-m", "venv", venv)
		fresh := filepath.Join(venv, "bin", "python3")
		run(t, dir, nil, fresh, "-m", "pip", "install", "--no-index", "--disable-pip-version-check", wheels[0])
		if err := os.CopyFS(filepath.Join(dir, "tests"), os.DirFS(filepath.Join(tree.dir, "tests"))); err != nil {
			t.Fatal(err)
		}
		run(t, dir, env, fresh, "-c", "import fairlead_ws; assert "+fmt.Sprintf("%q", venv)+" in fairlead_ws.__file__")
		run(t, dir, env, fresh, "-X", "dev", "-W", "error", "-m", "unittest")
	})
}
