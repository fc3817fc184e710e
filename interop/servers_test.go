package interop_test

import (
	"crypto/tls"
	"crypto/x509"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
)

// An endpoint is an echo server that runs.
type endpoint struct {
	ws, wss string // URLs
	roots   *x509.CertPool
	via     route.Dialer      // nil for none
	certs   []tls.Certificate // of the client
}

// servers are the echo servers that nobody here wrote.
var servers = []struct {
	name  string
	start func(*testing.T) endpoint
	// closes plays the end of a session that the server at the URL begins.
	closes func(*testing.T, endpoint, string)
}{
	{"aiohttp", startAiohttp, closesAtQuery(frame.StatusGoingAway)},
	{"Bun", startBun, closesAtQuery(frame.StatusGoingAway)},
	{"Deno", startDeno, closesAtQuery(4001)}, // has only 1000, and 3000 and above
	{"Mojolicious", startMojolicious, closesAtQuery(frame.StatusGoingAway)},
	{"nginx", startNginx, closesAtQuery(frame.StatusGoingAway)},
	{"Tomcat", startTomcat, tomcatCloses},
	{"Tornado", startTornado, closesAtQuery(frame.StatusGoingAway)},
	{"websockets", startWebsockets, closesAtQuery(frame.StatusGoingAway)},
	{"ws", startWS, closesAtQuery(frame.StatusGoingAway)},
}

func startWebsockets(t *testing.T) endpoint {
	s := startPython(t)
	return endpoint{ws: s.ws, wss: s.wss, roots: s.pool}
}

func startAiohttp(t *testing.T) endpoint {
	needModule(t, "aiohttp")
	return startScript(t, python, "testdata/aiohttp_echo.py")
}

func startTornado(t *testing.T) endpoint {
	needModule(t, "tornado")
	return startScript(t, python, "testdata/tornado_echo.py")
}

func startMojolicious(t *testing.T) endpoint {
	perl := needProgram(t, "perl")
	for _, module := range []string{"Mojolicious", "IO::Socket::SSL"} {
		if err := exec.Command(perl, "-M"+module, "-e", "1").Run(); err != nil {
			missing(t, module+" for Perl")
		}
	}
	return startScript(t, perl, "testdata/mojolicious.pl")
}

func startWS(t *testing.T) endpoint {
	node := needProgram(t, "node")
	needFile(t, "testdata/npm/node_modules/ws")
	return startScript(t, node, "testdata/ws.js")
}

func startBun(t *testing.T) endpoint {
	return startScript(t, needFile(t, "testdata/npm/node_modules/@oven/bun-*/bin/bun"), "testdata/bun.js")
}

func startDeno(t *testing.T) endpoint {
	deno := needFile(t, "testdata/npm/node_modules/@deno/*/deno")
	return startScript(t, deno, "run", "--allow-net=127.0.0.1", "--allow-read", "testdata/deno.js")
}

// needModule skips t where Debian's Python does not have a module.
func needModule(t *testing.T, name string) {
	t.Helper()
	if err := exec.Command(python, "-c", "import "+name).Run(); err != nil {
		missing(t, name+" for "+python)
	}
}

// startScript starts one of the servers of testdata, which print what echo.py
// does. The arguments are followed by the files of a certificate and its key.
func startScript(t *testing.T, program string, args ...string) endpoint {
	t.Helper()
	certFile, keyFile, roots := certificate(t)
	e := endpoint{roots: roots}
	program, err := filepath.Abs(program)
	if err != nil {
		t.Fatal(err)
	}
	startChild(t, exec.Command(program, append(args, certFile, keyFile)...), e.read)
	return e
}

// read reads a line of one of the servers of testdata, and tells the last.
func (e *endpoint) read(line string) (ready bool) {
	switch scheme, port, _ := strings.Cut(line, " "); scheme {
	case "ws":
		e.ws = "ws://127.0.0.1:" + port + "/"
	case "wss":
		e.wss = "wss://127.0.0.1:" + port + "/"
	}
	return line == "ready"
}

// certificate makes a certificate for loopback. The files hold it and its key,
// roots the authority that issued it.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	var s pythonServer
	certFile, keyFile = s.makeCertificate(t)
	return certFile, keyFile, s.pool
}
