// Package server is the peer of every contender: a WebSocket server that does as
// little as possible, so that it is never what the client waits for longer than
// for the kernel.
//
// What a connection does is the path of its URL: /echo, /stream, /sink and /idle.
package server

import (
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"sync"
)

// Serve answers on ln until ln is closed, and returns when all connections have
// ended. Closing ln does not end those; their clients do.
func Serve(ln net.Listener) error {
	var conns sync.WaitGroup
	defer conns.Wait()
	for {
		nc, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		conns.Go(func() { serve(nc) })
	}
}

// serve is one connection. Its errors are the client's to notice: what breaks
// the protocol is dropped.
func serve(nc net.Conn) {
	defer drop(nc)
	u, deflate, rest, err := accept(nc)
	if err != nil {
		return
	}
	switch u.Path {
	case "/echo":
		_ = echo(nc, rest, deflate)
	case "/stream":
		_ = stream(nc, rest, u.Query())
	case "/sink":
		_ = sink(nc)
	case "/idle":
		_, _ = nc.Read(make([]byte, 1))
	}
}

// drop closes nc with a reset, which leaves no address in TIME_WAIT on the
// client's side: the rows that dial would run out of ports.
func drop(nc net.Conn) {
	tcp, ok := nc.(*net.TCPConn)
	if t, isTLS := nc.(*tls.Conn); isTLS {
		tcp, ok = t.NetConn().(*net.TCPConn)
	}
	if ok {
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
		return
	}
	_ = nc.Close()
}

// sink reads and forgets.
func sink(nc net.Conn) error {
	buf := make([]byte, 256<<10)
	for {
		if _, err := nc.Read(buf); err != nil {
			return err
		}
	}
}

// stream waits for the first bytes of the client, and then sends the same
// message for ever.
func stream(nc net.Conn, rest []byte, query url.Values) error {
	message, err := streamMessage(query)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		if _, err := nc.Read(make([]byte, 256)); err != nil {
			return err
		}
	}
	const chunk = 256 << 10
	frames := message
	for len(frames)+len(message) <= chunk {
		frames = append(frames, message...)
	}
	for {
		if _, err := nc.Write(frames); err != nil {
			return err
		}
	}
}
