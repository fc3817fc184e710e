package interop_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"testing"
	"time"
)

// danted speaks SOCKS 4 and 5 without credentials, at both addresses of loopback.
// It forbids 127.0.0.3.
var danted = lasting[ports]{make: func(t *testing.T) ports {
	return startDanted(t, "danted.conf", "none")
}}

// dantedUser is danted that asks for the password of a system user.
type dantedUser struct {
	ports
	systemUser
}

var dantedPassword = lasting[dantedUser]{make: func(t *testing.T) dantedUser {
	u := account.get(t)
	return dantedUser{startDanted(t, "danted-user.conf", "username"), u}
}}

func startDanted(t *testing.T, conf, method string) ports {
	program := needProgram(t, "/usr/sbin/danted")
	needRoot(t) // it switches users for each connection
	p := freePorts(t, "port")
	conf = atWork.get(t).configure(t, "danted.conf", conf, append(p.pairs(), "method", method)...)
	startServer(t, exec.Command(program, "-N", "1", "-f", conf), p.at("port"), p.at6("port"))
	return p
}

// microsocks speaks SOCKS 5: at its port open without credentials, at open6 too
// but at the IPv6 address, at password with those of the workplace.
var microsocks = lasting[ports]{make: func(t *testing.T) ports {
	program := needProgram(t, "microsocks")
	w := atWork.get(t)
	p := freePorts(t, "open", "open6", "password")
	startServer(t, exec.Command(program, "-i", "127.0.0.1", "-p", p["open"]), p.at("open"))
	startServer(t, exec.Command(program, "-i", "::1", "-p", p["open6"]), p.at6("open6"))
	startServer(t, exec.Command(program, "-i", "127.0.0.1", "-p", p["password"], "-u", w.username, "-P", w.password), p.at("password"))
	return p
}}

// A systemUser may prove itself with a password and do nothing else.
type systemUser struct{ name, password string }

// account is a user of this machine for as long as the tests run.
var account = lasting[systemUser]{make: func(t *testing.T) systemUser {
	useradd, openssl := needProgram(t, "/usr/sbin/useradd"), needProgram(t, "openssl")
	needRoot(t)
	u := systemUser{fmt.Sprintf("fairlead-%d", os.Getpid()), atWork.get(t).password}
	cmd := exec.Command(openssl, "passwd", "-6", "-stdin")
	cmd.Stdin = strings.NewReader(u.password)
	hash, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	err = accounts(useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin",
		"--password", strings.TrimSpace(string(hash)), u.name)
	if err != nil {
		t.Fatal(err)
	}
	doAtEnd(func() error { return accounts("/usr/sbin/userdel", u.name) })
	return u
}}

// accounts runs a program that changes the users of this machine, again while
// another one does.
func accounts(program string, args ...string) error {
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		out, err := exec.Command(program, args...).CombinedOutput()
		const cannotLock = 10
		var exit *exec.ExitError
		if err == nil || !errors.As(err, &exit) || exit.ExitCode() != cannotLock && exit.ExitCode() != 1 || time.Now().After(limit) {
			if err != nil {
				err = fmt.Errorf("%s: %w\n%s", program, err, out)
			}
			return err
		}
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if u, err := user.Current(); err != nil || u.Uid != "0" {
		missing(t, "root")
	}
}
