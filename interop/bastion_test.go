package interop_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

// bastion is OpenSSH's server with three host keys, of which knownHosts has one. It
// lets the user of the tests in with a key, and account with its password, and
// takes new session keys after each MiB.
type bastion struct {
	ports
	user       string
	key        string // file
	knownHosts string // file
}

var (
	sshBastion = lasting[bastion]{make: func(t *testing.T) bastion { return startBastion(t, "bastion", "any") }}
	// sshInner is a second one, which forbids 127.0.0.3 and sockets that are no
	// ports.
	sshInner = lasting[bastion]{make: func(t *testing.T) bastion {
		return startBastion(t, "inner", "127.0.0.1:* localhost:* [::1]:*")
	}}
)

func startBastion(t *testing.T, name, permit string) bastion {
	t.Helper()
	program, keygen := needProgram(t, "/usr/sbin/sshd"), needProgram(t, "ssh-keygen")
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if u.Uid == "0" { // the program insists on it then
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w := atWork.get(t)
	b := bastion{ports: freePorts(t, "port"), user: u.Username, key: filepath.Join(w.dir, name+"_client_key")}
	hostKey := filepath.Join(w.dir, name+"_host_key")
	for file, kind := range map[string]string{
		b.key: "ed25519", hostKey + "_ed25519": "ed25519", hostKey + "_ecdsa": "ecdsa", hostKey + "_rsa": "rsa",
	} {
		if out, err := exec.Command(keygen, "-q", "-t", kind, "-N", "", "-f", file).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	public, err := os.ReadFile(hostKey + "_ed25519.pub")
	if err != nil {
		t.Fatal(err)
	}
	var known strings.Builder
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		fmt.Fprintf(&known, "[%s]:%s %s", host, b.ports["port"], public)
	}
	b.knownHosts = w.write(t, name+"_known_hosts", []byte(known.String()))
	conf := w.configure(t, "sshd-bastion.conf", name+"_sshd.conf", append(b.pairs(), "hostkey", hostKey, "authorized", b.key+".pub", "permit", permit)...)
	startServer(t, exec.Command(program, "-D", "-e", "-f", conf), b.at("port"), b.at6("port"))
	return b
}

// sshDynamic is OpenSSH's client as a SOCKS server: it speaks 4, 4a and 5, at
// both addresses of loopback, and never asks for credentials.
var sshDynamic = lasting[ports]{make: func(t *testing.T) ports {
	program := needProgram(t, "ssh")
	b := sshBastion.get(t)
	p := freePorts(t, "port")
	startServer(t, exec.Command(program, "-F", "/dev/null", "-N", "-D", p.at("port"), "-D", p.at6("port"),
		"-o", "ExitOnForwardFailure=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes",
		"-o", "UserKnownHostsFile="+b.knownHosts, "-o", "GlobalKnownHostsFile=/dev/null",
		"-i", b.key, "-p", b.ports["port"], b.user+"@127.0.0.1"), p.at("port"), p.at6("port"))
	return p
}}
