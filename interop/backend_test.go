package interop_test

import (
	"net"
	"net/url"
	"os/exec"
	"testing"
)

// backend is the echo server behind the routes: ws for Node, at both addresses of
// loopback.
var backend = lasting[behind]{make: func(t *testing.T) behind {
	node := needProgram(t, "node")
	needFile(t, "testdata/npm/node_modules/ws")
	w := atWork.get(t)
	b := behind{endpoint{roots: w.ca.Pool()}}
	startLasting(t, exec.Command(node, "testdata/ws.js", w.cert, w.key), b.read)
	return b
}}

type behind struct{ endpoint }

func (b behind) port(scheme string) string {
	where := b.ws
	if scheme == "wss" {
		where = b.wss
	}
	u, err := url.Parse(where)
	if err != nil {
		return ""
	}
	return u.Port()
}

func (b behind) at(scheme string) string { return net.JoinHostPort("127.0.0.1", b.port(scheme)) }

// url names the server by another of its names.
func (b behind) url(scheme, host string) string {
	return scheme + "://" + net.JoinHostPort(host, b.port(scheme)) + "/"
}
