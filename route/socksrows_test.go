package route_test

import (
	"fmt"
	"io"
	"strings"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
)

// turn is what a SOCKS client must send, and the answer.
type turn struct{ want, send string }

// socksRow is a dialogue with a SOCKS proxy and how the dial must end.
type socksRow struct {
	id, name string
	kind     string // "" is socks5h
	user     string // of SOCKS4, or of SOCKS5 with the password "canary-password"
	target   string // "" is server.example:443
	turns    []turn
	hold     bool

	opens  bool
	tunnel string
	code   int
	text   string
	is     error
}

func (r *socksRow) layer(addr string) route.Layer {
	opts := &route.SocksOptions{Username: r.user}
	if r.user != "" {
		opts.Password = "canary-password"
	}
	switch r.kind {
	case "socks4":
		return route.Socks4(addr, r.user)
	case "socks4a":
		return route.Socks4a(addr, r.user)
	case "socks5":
		return route.Socks5(addr, opts)
	}
	return route.Socks5h(addr, opts)
}

const (
	hello    = "\x05\x01\x00"
	helloPw  = "\x05\x02\x00\x02"
	ask      = "\x05\x01\x00\x03\x0eserver.example\x01\xbb"
	granted  = "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"
	password = "\x01\x04user\x0fcanary-password"
	ask4a    = "\x04\x01\x01\xbb\x00\x00\x00\x01user\x00server.example\x00"
	granted4 = "\x00\x5a\x00\x00\x00\x00\x00\x00"
)

func socksRows() []socksRow {
	rows := []socksRow{
		{id: "G01", name: "version 0", turns: []turn{{hello, "\x00\x00"}}, text: "the answer is not SOCKS5"},
		{id: "G01", name: "version 4", turns: []turn{{hello, "\x04\x00"}}, text: "a SOCKS4 proxy answers"},
		{id: "G01", name: "version H", turns: []turn{{hello, "HTTP/1.1 400 Bad Request\r\n\r\n"}}, text: "an HTTP server or proxy answers"},
		{id: "G01", name: "version 4 of the reply", turns: []turn{{hello, "\x05\x00"}, {ask, "\x04\x00"}}, text: "the answer is not SOCKS5"},
		{id: "G02", name: "none is acceptable", user: "user", turns: []turn{{helloPw, "\x05\xff"}}, text: "neither", is: auth.ErrNotOffered},
		{id: "G02", name: "GSSAPI, not offered", user: "user", turns: []turn{{helloPw, "\x05\x01"}}, text: "method 1, which was not offered", is: auth.ErrNotOffered},
		{id: "G02", name: "private method", turns: []turn{{hello, "\x05\x80"}}, text: "method 128", is: auth.ErrNotOffered},
		{id: "G05", name: "reserved byte", turns: []turn{{hello, "\x05\x00"}, {ask, "\x05\x00\x01\x01\x7f\x00\x00\x01\x00\x50"}}, text: "reserved byte"},
		{id: "G07", name: "bytes with the reply", turns: []turn{{hello, "\x05\x00"}, {ask, granted + "hello"}}, opens: true, tunnel: "hello"},
		{id: "G07", name: "bytes with the reply of SOCKS4a", kind: "socks4a", user: "user", turns: []turn{{ask4a, granted4 + "hello"}}, opens: true, tunnel: "hello"},
		{id: "G08", name: "accepted", user: "user", turns: []turn{{helloPw, "\x05\x02"}, {password, "\x01\x00"}, {ask, granted}}, opens: true},
		{id: "G08", name: "not needed", user: "user", turns: []turn{{helloPw, "\x05\x00"}, {ask, granted}}, opens: true},
		{id: "G12", name: "none acceptable though none given", turns: []turn{{hello, "\x05\xff"}}, text: "asks for credentials", is: auth.ErrNotOffered},
		{id: "G12", name: "password though none given", turns: []turn{{hello, "\x05\x02"}}, text: "asks for credentials", is: auth.ErrNotOffered},
		{id: "G13", name: "granted", kind: "socks4a", user: "user", turns: []turn{{ask4a, granted4}}, opens: true},
		{id: "G13", name: "IPv4 address", kind: "socks4", target: "127.0.0.2:443", turns: []turn{{"\x04\x01\x01\xbb\x7f\x00\x00\x02\x00", granted4}}, opens: true},
		{id: "G13", name: "IPv4 address, SOCKS4a", kind: "socks4a", target: "127.0.0.2:443", turns: []turn{{"\x04\x01\x01\xbb\x7f\x00\x00\x02\x00", granted4}}, opens: true},
		{id: "G13", name: "address of the reply does not count", kind: "socks4a", user: "user", turns: []turn{{ask4a, "\x00\x5a\xff\xff\xff\xff\xff\xff"}}, opens: true},
		{id: "G15", name: "HTTP", hold: true, turns: []turn{{hello, "HTTP/1.0 501 x\r\n"}}, text: "an HTTP server or proxy answers"},
		{id: "G15", name: "TLS", hold: true, turns: []turn{{hello, "\x15\x03\x01\x00\x02\x02\x46"}}, text: "the port speaks TLS"},
		{id: "G15", name: "SSH", hold: true, turns: []turn{{hello, "SSH-2.0-OpenSSH_9.2p1\r\n"}}, text: "an SSH server answers"},
		{id: "G15", name: "HTTP, SOCKS4a", hold: true, kind: "socks4a", user: "user", turns: []turn{{ask4a, "HTTP/1.0 501 x\r\n"}}, text: "an HTTP server or proxy answers"},
		{id: "G15", name: "SOCKS5, SOCKS4a", kind: "socks4a", user: "user", turns: []turn{{ask4a, "\x05\xff"}}, text: "a SOCKS5 proxy answers"},
		{id: "G15", name: "terminal codes", turns: []turn{{hello, "\x1b]0;owned\x07" + strings.Repeat("x", 100)}}, text: `begins with "\x1b`},
		{id: "G16", name: "password in no error", user: "user", turns: []turn{{helloPw, "\x05\x02"}, {password, "\x01\x01"}}, text: "does not accept", is: auth.ErrRefused},
	}
	for code := 1; code < 256; code++ {
		row := socksRow{id: "G04", name: fmt.Sprint(code), turns: []turn{{hello, "\x05\x00"}, {ask, "\x05" + string([]byte{byte(code)})}}, code: code, text: fmt.Sprintf("answered %d", code)}
		rows = append(rows, row)
		row.id, row.name, row.code = "G08", fmt.Sprintf("status %d", code), 0
		row.user, row.turns, row.text, row.is = "user", []turn{{helloPw, "\x05\x02"}, {password, "\x01" + string([]byte{byte(code)})}}, "does not accept", auth.ErrRefused
		rows = append(rows, row)
		if code != 1 {
			row.name, row.text, row.is = fmt.Sprintf("version %d", code), "instead of 1", nil
			row.turns = []turn{{helloPw, "\x05\x02"}, {password, string([]byte{byte(code), 0})}}
			rows = append(rows, row)
		}
		if code != 90 {
			rows = append(rows, socksRow{id: "G13", name: fmt.Sprint(code), kind: "socks4a", user: "user", turns: []turn{{ask4a, "\x00" + string([]byte{byte(code)}) + "\x00\x00\x00\x00\x00\x00"}}, code: code, text: fmt.Sprintf("answered %d", code)})
		}
		rows = append(rows, socksRow{id: "G13", name: fmt.Sprintf("version %d", code), kind: "socks4a", user: "user", turns: []turn{{ask4a, string([]byte{byte(code), 90})}}, text: "the answer is not SOCKS4"})
		if code != 1 && code != 3 && code != 4 {
			rows = append(rows, socksRow{id: "G05", name: fmt.Sprintf("address type %d", code), turns: []turn{{hello, "\x05\x00"}, {ask, "\x05\x00\x00" + string([]byte{byte(code)}) + "\x00\x00\x00\x00\x00\x00"}}, text: "none of RFC 1928"})
		}
	}
	for _, n := range []int{0, 1, 255} {
		reply := "\x05\x00\x00\x03" + string([]byte{byte(n)}) + strings.Repeat("n", n) + "\x00\x50"
		rows = append(rows, socksRow{id: "G06", name: fmt.Sprintf("name of %d bytes", n), turns: []turn{{hello, "\x05\x00"}, {ask, reply + "hello"}}, opens: true, tunnel: "hello"})
	}
	rows = append(rows, socksRow{id: "G06", name: "IPv6", turns: []turn{{hello, "\x05\x00"}, {ask, "\x05\x00\x00\x04" + strings.Repeat("\x00", 18) + "hello"}}, opens: true, tunnel: "hello"})
	for _, n := range []int{1, 254, 255} {
		name := strings.Repeat("n", n)
		rows = append(
			rows,
			socksRow{id: "G10", name: fmt.Sprintf("name of %d bytes", n), target: name + ":443", turns: []turn{{hello, "\x05\x00"}, {"\x05\x01\x00\x03" + string([]byte{byte(n)}) + name + "\x01\xbb", granted}}, opens: true},
			socksRow{id: "G10", name: fmt.Sprintf("name of %d bytes, SOCKS4a", n), kind: "socks4a", target: name + ":443", turns: []turn{{"\x04\x01\x01\xbb\x00\x00\x00\x01\x00" + name + "\x00", granted4}}, opens: true},
		)
	}
	rows = append(rows, cutRows([]turn{{helloPw, "\x05\x02"}, {password, "\x01\x00"}, {ask, granted}}, socksRow{id: "G03", user: "user"})...)
	rows = append(rows, cutRows([]turn{{ask4a, granted4}}, socksRow{id: "G03", kind: "socks4a", user: "user"})...)
	return rows
}

// cutRows ends the proxy's side after each of its bytes.
func cutRows(turns []turn, row socksRow) (rows []socksRow) {
	for i, last := range turns {
		for cut := range last.send {
			row.turns = append(append([]turn{}, turns[:i]...), turn{last.want, last.send[:cut]})
			row.name = fmt.Sprintf("%s answer %d cut after %d bytes", row.kind, i+1, cut)
			row.text, row.is = "closed the connection", io.ErrUnexpectedEOF
			rows = append(rows, row)
		}
	}
	return rows
}
