//go:build unix

package main

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run this binary as fairlead.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"fairlead": main})
}

// TestLoadScripts runs testdata/load: echo, bench, record, replay, export,
// probe, one file for each subject.
func TestLoadScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/load",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Deadline:            time.Now().Add(2 * time.Minute),
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"serve": serve,
			"code":  code,
		},
	})
}

// serve NAME args... runs "fairlead echo args..." until the script ends, with its
// URL in the variable NAME.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: serve NAME args...")
	}
	program, err := exec.LookPath("fairlead")
	ts.Check(err)
	cmd := exec.Command(program, append([]string{"echo"}, args[1:]...)...)
	cmd.Dir = ts.Getenv("WORK")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	ts.Setenv(args[0], strings.TrimSpace(line))
}

// code N command... runs the command, which must end with exit code N. Its
// output is for stdout and stderr, as with exec.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command...")
	}
	_ = ts.Exec("sh", append([]string{"-c", `"$@"; echo $? >` + filepath.Join(ts.Getenv("WORK"), ".code"), "sh"}, args[1:]...)...)
	if got := strings.TrimSpace(ts.ReadFile(".code")); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}
