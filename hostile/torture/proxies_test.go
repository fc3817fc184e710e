package torture_test

import (
	"bufio"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

const (
	user   = "fay"
	secret = "canary-3f1c"
)

// reacher is how a proxy reaches what it is asked for.
type reacher func(addr string) (net.Conn, error)

// carry copies both ways until one side ends. It hides what the ends are: from
// socket to socket package net splices, by pipes that it keeps open.
func carry(a io.ReadWriteCloser, fromA io.Reader, b net.Conn) {
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(struct{ io.Writer }{a}, struct{ io.Reader }{b})
		a.Close()
		b.Close()
	})
	_, _ = io.Copy(struct{ io.Writer }{b}, struct{ io.Reader }{fromA})
	a.Close()
	b.Close()
	back.Wait()
}

// connectProxy is an HTTP proxy. With a challenge it wants credentials, whatever
// they are.
func connectProxy(reach reacher, challenge string) func(net.Conn) {
	return func(nc net.Conn) {
		in := bufio.NewReader(nc)
		for {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if challenge != "" && req.Header.Get("Proxy-Authorization") == "" {
				if _, err := io.WriteString(nc, "HTTP/1.1 407 Who?\r\nProxy-Authenticate: "+challenge+"\r\nContent-Length: 2\r\n\r\nno"); err != nil {
					return
				}
				continue
			}
			up, err := reach(req.Host)
			if err != nil {
				_, _ = io.WriteString(nc, "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")
				return
			}
			defer up.Close()
			if _, err := io.WriteString(nc, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
				return
			}
			carry(nc, in, up)
			return
		}
	}
}

// socksProxy is one of version 4, with 4a, or 5, with a password if it gets one.
func socksProxy(reach reacher, version byte, password bool) func(net.Conn) {
	return func(nc net.Conn) {
		in := bufio.NewReader(nc)
		target, granted := "", []byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0}
		var err error
		if version == 4 {
			granted = []byte{0, 90, 0, 0, 0, 0, 0, 0}
			target, err = socks4Target(in)
		} else {
			target, err = socks5Target(in, nc, password)
		}
		if err != nil {
			return
		}
		up, err := reach(target)
		if err != nil {
			return
		}
		defer up.Close()
		if _, err := nc.Write(granted); err != nil {
			return
		}
		carry(nc, in, up)
	}
}

func socks4Target(in *bufio.Reader) (string, error) {
	head := make([]byte, 8)
	if _, err := io.ReadFull(in, head); err != nil {
		return "", err
	}
	if _, err := in.ReadString(0); err != nil {
		return "", err
	}
	host := net.IP(head[4:8]).String()
	if head[4]|head[5]|head[6] == 0 { // SOCKS4a
		name, err := in.ReadString(0)
		if err != nil {
			return "", err
		}
		host = name[:len(name)-1]
	}
	return hostPort(host, head[2:4]), nil
}

func hostPort(host string, port []byte) string {
	return net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port))))
}

// blocks of a SOCKS5 dialogue; the first error counts.
type socksReader struct {
	in  io.Reader
	err error
}

func (r *socksReader) block(n int) []byte {
	b := make([]byte, n)
	if r.err == nil {
		_, r.err = io.ReadFull(r.in, b)
	}
	return b
}

func (r *socksReader) text() string { return string(r.block(int(r.block(1)[0]))) }

func socks5Target(in io.Reader, nc net.Conn, password bool) (string, error) {
	r := &socksReader{in: in}
	r.block(int(r.block(2)[1]))
	method := byte(0)
	if password {
		method = 2
	}
	if _, err := nc.Write([]byte{5, method}); err != nil || r.err != nil {
		return "", io.ErrUnexpectedEOF
	}
	if password {
		r.block(1)
		r.text()
		r.text()
		if _, err := nc.Write([]byte{1, 0}); err != nil || r.err != nil {
			return "", io.ErrUnexpectedEOF
		}
	}
	host := ""
	switch r.block(4)[3] {
	case 1:
		host = net.IP(r.block(4)).String()
	case 3:
		host = r.text()
	case 4:
		host = net.IP(r.block(16)).String()
	}
	return hostPort(host, r.block(2)), r.err
}

// The keys of the SSH servers.
var sshKey = sync.OnceValue(func() ssh.Signer {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		panic(err)
	}
	return signer
})

// sshServer forwards what a user with the password asks for.
func sshServer(reach reacher) func(net.Conn) {
	return func(nc net.Conn) {
		cfg := &ssh.ServerConfig{PasswordCallback: func(c ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
			if c.User() != user || string(p) != secret {
				return nil, fmt.Errorf("no")
			}
			return nil, nil
		}}
		cfg.AddHostKey(sshKey())
		server, channels, requests, err := ssh.NewServerConn(nc, cfg)
		if err != nil {
			return
		}
		var all sync.WaitGroup
		all.Go(func() { ssh.DiscardRequests(requests) })
		for c := range channels {
			all.Go(func() { forward(reach, c) })
		}
		server.Close()
		all.Wait()
	}
}

// forward serves a channel of the type direct-tcpip (RFC 4254 section 7.2).
func forward(reach reacher, asked ssh.NewChannel) {
	var to struct {
		Host string
		Port uint32
		Rest []byte `ssh:"rest"`
	}
	if err := ssh.Unmarshal(asked.ExtraData(), &to); err != nil || asked.ChannelType() != "direct-tcpip" {
		_ = asked.Reject(ssh.UnknownChannelType, "")
		return
	}
	up, err := reach(net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))))
	if err != nil {
		_ = asked.Reject(ssh.ConnectionFailed, strings.ToLower(err.Error()))
		return
	}
	defer up.Close()
	channel, requests, err := asked.Accept()
	if err != nil {
		return
	}
	var all sync.WaitGroup
	all.Go(func() { ssh.DiscardRequests(requests) })
	carry(channel, channel, up)
	all.Wait()
}
