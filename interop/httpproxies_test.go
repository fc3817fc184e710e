package interop_test

import (
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// ports are free ones by the names that the configuration of a program has for
// them.
type ports map[string]string

func freePorts(t *testing.T, names ...string) ports {
	t.Helper()
	p := make(ports)
	taken := make(map[int]bool)
	for _, name := range names {
		port := freePort(t)
		for taken[port] {
			port = freePort(t)
		}
		taken[port] = true
		p[name] = strconv.Itoa(port)
	}
	return p
}

func (p ports) pairs() (namesAndValues []string) {
	for name, port := range p {
		namesAndValues = append(namesAndValues, name, port)
	}
	return namesAndValues
}

func (p ports) at(name string) string  { return net.JoinHostPort("127.0.0.1", p[name]) }
func (p ports) at6(name string) string { return net.JoinHostPort("::1", p[name]) }

// domain is that of NTLM.
const domain = "FAIRLEAD"

// squid has a port for each kind of credentials: open, basic, digest, ntlm, both
// (the last two); with TLS tls (open), tlsdigest and tlsclient, which wants a
// certificate; at the IPv6 address open6 and tls6. It forbids 127.0.0.3.
var squid = lasting[ports]{make: func(t *testing.T) ports {
	program, ntlmAuth := needProgram(t, "/usr/sbin/squid"), needProgram(t, "ntlm_auth")
	w := atWork.get(t)
	p := freePorts(t, "open", "basic", "digest", "ntlm", "both", "tls", "tlsdigest", "tlsclient", "open6", "tls6")
	conf := w.configure(t, "squid.conf", "squid.conf", append(p.pairs(), "dir", w.folder(t, "squid", "proxy"), "ntlmauth", ntlmAuth, "domain", domain)...)
	startServer(t, exec.Command(program, "-N", "-f", conf), p.at("open"), p.at("tlsclient"))
	return p
}}

// tinyproxy asks for Basic credentials. It forbids ports that it was not told.
var tinyproxy = lasting[ports]{make: func(t *testing.T) ports {
	program := needProgram(t, "tinyproxy")
	w, b := atWork.get(t), backend.get(t)
	p := freePorts(t, "port")
	conf := w.configure(t, "tinyproxy.conf", "tinyproxy.conf",
		append(p.pairs(), "ws", b.port("ws"), "wss", b.port("wss"), "dead", deadPort.get(t))...)
	startServer(t, exec.Command(program, "-d", "-c", conf), p.at("port"), p.at6("port"))
	return p
}}

// apache asks for Basic credentials, in its port tls too, and at digest for
// Digest. It forbids ports that it was not told.
var apache = lasting[ports]{make: func(t *testing.T) ports {
	program := needProgram(t, "/usr/sbin/apache2")
	w, b := atWork.get(t), backend.get(t)
	p := freePorts(t, "basic", "digest", "tls")
	conf := w.configure(t, "apache.conf", "apache.conf", append(p.pairs(),
		"dir", w.folder(t, "apache", "www-data"), "ws", b.port("ws"), "wss", b.port("wss"), "dead", deadPort.get(t))...)
	startServer(t, exec.Command(program, "-DFOREGROUND", "-f", conf), p.at("basic"), p.at("tls"))
	return p
}}

// haproxyServer has TLS in front of squid's port basic, and Unix sockets in front
// of that and of the echo server.
type haproxyServer struct {
	ports
	squid, ws, wss string // paths
}

var haproxy = lasting[haproxyServer]{make: func(t *testing.T) haproxyServer {
	program := needProgram(t, "/usr/sbin/haproxy")
	w, b := atWork.get(t), backend.get(t)
	h := haproxyServer{
		ports: freePorts(t, "tls"),
		squid: filepath.Join(w.dir, "squid.sock"), ws: filepath.Join(w.dir, "ws.sock"), wss: filepath.Join(w.dir, "wss.sock"),
	}
	conf := w.configure(t, "haproxy.cfg", "haproxy.cfg", append(h.pairs(),
		"socket", h.squid, "wssocket", h.ws, "wsssocket", h.wss,
		"squid", squid.get(t)["basic"], "ws", b.at("ws"), "wss", b.at("wss"))...)
	startServer(t, exec.Command(program, "-db", "-f", conf), h.at("tls"), h.squid, h.ws, h.wss)
	return h
}}

// deadPort is one at which nothing listens.
var deadPort = lasting[string]{make: func(t *testing.T) string { return strconv.Itoa(freePort(t)) }}
