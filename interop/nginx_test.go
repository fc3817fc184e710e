package interop_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// startNginx starts nginx in front of ws. It also speaks HTTP/2, where it has no
// WebSocket: a client that let TLS choose h2 would fail.
func startNginx(t *testing.T) endpoint {
	program := needProgram(t, "/usr/sbin/nginx")
	behind, err := url.Parse(startWS(t).ws)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile, roots := certificate(t)
	dir := t.TempDir()
	plain, secure := freePort(t), freePort(t)
	replace := strings.NewReplacer(
		"@dir@", dir, "@backend@", behind.Host, "@cert@", certFile, "@key@", keyFile,
		"@plain@", fmt.Sprint(plain), "@secure@", fmt.Sprint(secure))
	conf, err := os.ReadFile("testdata/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(replace.Replace(string(conf))), 0o600); err != nil {
		t.Fatal(err)
	}
	startChild(t, exec.Command(program, "-p", dir, "-c", file, "-e", "stderr"), func(line string) bool {
		return strings.Contains(line, "[notice]") // begins to write when it listens
	})
	return endpoint{
		ws:    fmt.Sprintf("ws://127.0.0.1:%d/", plain),
		wss:   fmt.Sprintf("wss://127.0.0.1:%d/", secure),
		roots: roots,
	}
}

// freePort returns a port of loopback for a program that has to be told one. It
// lies below those that systems give out by themselves, so that no connection
// takes it meanwhile.
func freePort(t *testing.T) int {
	t.Helper()
	var err error
	for range 100 {
		port := 20_000 + rand.IntN(10_000)
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal(err)
	return 0
}
