package interop_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
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

// freePort returns a port of loopback, in both versions of IP, for a program that
// has to be told one. It lies below those that systems give out by themselves, so
// that no connection takes it meanwhile.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 20_000 + rand.IntN(10_000)
		if isFree("127.0.0.1", port) && isFree("::1", port) {
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// isFree also says yes where there is no such address.
func isFree(host string, port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err == nil {
		_ = l.Close()
	}
	return !errors.Is(err, syscall.EADDRINUSE)
}
