package interop_test

import (
	"os/exec"
	"testing"
)

// nginxClientCert is nginx in front of the echo server, with TLS, for clients
// that have a certificate of the workplace's authority.
var nginxClientCert = lasting[ports]{make: func(t *testing.T) ports {
	program := needProgram(t, "/usr/sbin/nginx")
	w, b := atWork.get(t), backend.get(t)
	p := freePorts(t, "port")
	dir := w.folder(t, "nginx", "www-data")
	conf := w.configure(t, "nginx-clientcert.conf", "nginx.conf", append(p.pairs(), "dir", dir, "backend", b.at("ws"))...)
	startServer(t, exec.Command(program, "-p", dir, "-c", conf, "-e", "stderr"), p.at("port"))
	return p
}}
