package server

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/fairlead-ws/fairlead/wstest"
)

// Address is where a server is, and whom to trust.
type Address struct {
	Plain string `json:"plain"` // host:port
	TLS   string `json:"tls"`
	CA    string `json:"ca"` // PEM
}

// Start listens on two ports of 127.0.0.1, the second with TLS and a certificate
// of a throw-away authority. stop waits for the connections to end.
func Start() (a Address, stop func(), err error) {
	ca, err := wstest.NewCA()
	if err != nil {
		return a, nil, err
	}
	cert, err := ca.Issue("127.0.0.1")
	if err != nil {
		return a, nil, err
	}
	var listen net.ListenConfig
	plain, err := listen.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return a, nil, err
	}
	secure, err := listen.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		_ = plain.Close()
		return a, nil, err
	}
	done := make(chan error, 2)
	go func() { done <- Serve(plain) }()
	go func() {
		done <- Serve(tls.NewListener(secure, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}))
	}()
	stop = func() {
		_ = plain.Close()
		_ = secure.Close()
		<-done
		<-done
	}
	return Address{Plain: plain.Addr().String(), TLS: secure.Addr().String(), CA: string(ca.PEM())}, stop, nil
}
