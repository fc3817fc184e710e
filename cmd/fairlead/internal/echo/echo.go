// Package echo runs the echo server of package wstest as a program does: on a
// given address, with certificates of an authority of its own, until it is told
// to stop. Begin with Start.
package echo

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// Options say what the server is like.
type Options struct {
	// Listen is "host:port", or "unix:PATH" for a Unix socket. Port 0 is a free
	// one. Empty means 127.0.0.1:0.
	Listen string
	// TLS makes it wss, with a certificate for localhost, the host of Listen and
	// Names.
	TLS   bool
	Names []string
	// CAFile is where the authority's certificate is written, in PEM form.
	// Empty means nowhere. It needs TLS.
	CAFile string
	// Rate is how many bytes a second each connection may move in each
	// direction, before TLS. 0 means no limit.
	Rate int64
	// Server is passed on; its TLS and Listener are set here.
	Server wstest.Options
}

// Server is a running echo server.
type Server struct {
	*wstest.Server
	// URL is what clients dial. For a Unix socket it has the host localhost.
	URL string
}

// Start begins to listen.
func Start(opts Options) (*Server, error) {
	network, address := "tcp", opts.Listen
	if path, ok := strings.CutPrefix(opts.Listen, "unix:"); ok {
		network, address = "unix", path
	}
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen: %w", err)
	}
	s, err := serve(l, opts)
	if err != nil {
		l.Close()
		return nil, err
	}
	return s, nil
}

func serve(l net.Listener, opts Options) (*Server, error) {
	host := "localhost"
	if l.Addr().Network() == "tcp" {
		host = l.Addr().String()
	}
	url := "ws://" + host
	if opts.Rate > 0 {
		l = throttled{l, opts.Rate}
	}
	if opts.TLS {
		config, err := certificates(opts, host)
		if err != nil {
			return nil, err
		}
		url = "wss://" + host
		l = tls.NewListener(l, config)
	}
	opts.Server.Listener = l
	s, err := wstest.Start(opts.Server)
	if err != nil {
		return nil, err
	}
	return &Server{Server: s, URL: url}, nil
}

// certificates makes an authority and a certificate of it.
func certificates(opts Options, listening string) (*tls.Config, error) {
	ca, err := wstest.NewCA()
	if err != nil {
		return nil, err
	}
	names := append([]string{"localhost", "127.0.0.1", "::1"}, opts.Names...)
	if host, _, err := net.SplitHostPort(listening); err == nil && !slices.Contains(names, host) {
		names = append(names, host)
	}
	cert, err := ca.Issue(names...)
	if err != nil {
		return nil, err
	}
	if opts.CAFile != "" {
		if err := os.WriteFile(opts.CAFile, ca.PEM(), 0o644); err != nil {
			return nil, fmt.Errorf("cannot write the authority's certificate: %w", err)
		}
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// throttled accepts connections that are slow both ways.
type throttled struct {
	net.Listener
	rate int64
}

func (t throttled) Accept() (net.Conn, error) {
	conn, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return route.ThrottleConn(conn, t.rate, t.rate), nil
}
