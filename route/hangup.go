package route

import (
	"crypto/tls"
	"net"
)

// HangUp closes conn without waiting. Close of a [crypto/tls.Conn], or of what has one
// in it, says goodbye first, and waits up to 5 s for room to: here the connection at
// the bottom is closed before anything is said.
func HangUp(conn net.Conn) error {
	if tc, ok := conn.(*tls.Conn); ok {
		conn = tc.NetConn()
	}
	if below := underneath(conn); below != nil {
		_ = below.Close()
	}
	return conn.Close()
}

// maxLayers is how many connections are looked for below one another.
const maxLayers = 32

// underneath returns the connection at the bottom of nc, nil if that is nc.
func underneath(nc net.Conn) (below net.Conn) {
	for range maxLayers {
		wrapper, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		if nc = wrapper.NetConn(); nc == nil {
			break
		}
		below = nc
	}
	return below
}
