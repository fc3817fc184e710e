package hostile_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// trustProbes are D27 and D34, and D35 over a Unix socket.
func trustProbes() []probe {
	session := func(ctx context.Context, d *fairlead.Dialer, url string) error {
		c, err := d.Dial(ctx, url)
		if err != nil {
			return err
		}
		defer c.CloseNow()
		if err := c.WriteText(ctx, "x"); err != nil {
			return err
		}
		if _, _, err := c.Read(ctx); err != nil { // and the ticket of TLS 1.3 before it
			return err
		}
		return c.Close(ctx, frame.StatusNormal, "")
	}
	secure := func(t *testing.T) (*wstest.Server, *tls.Config) {
		server := wstest.NewTLSServer()
		t.Cleanup(server.Close)
		return server, &tls.Config{RootCAs: server.CertPool()}
	}
	var probes []probe
	for _, version := range tlsVersions {
		probes = append(probes, probe{id: "D34/" + tls.VersionName(version), lessons: []string{"L67"}, run: func(t *testing.T) {
			server, cfg := secure(t)
			cfg.MaxVersion, cfg.ClientSessionCache = version, tls.NewLRUClientSessionCache(0)
			if err := session(t.Context(), &fairlead.Dialer{TLS: cfg}, server.URL()); err != nil {
				t.Fatal(err)
			}
			changed := cfg.Clone() // with the cache
			changed.RootCAs = x509.NewCertPool()
			if err := session(t.Context(), &fairlead.Dialer{TLS: changed}, server.URL()); err == nil {
				t.Error("a session of before opened under roots that do not trust the server")
			}
		}})
	}
	return append(probes,
		probe{id: "D27/100-dials-share-a-config", lessons: []string{"L67", "L68"}, run: func(t *testing.T) {
			server, cfg := secure(t)
			cfg.NextProtos = []string{"h2", "http/1.1"}
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() {
					if err := session(t.Context(), &fairlead.Dialer{TLS: cfg}, server.URL()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if cfg.ServerName != "" || cfg.MinVersion != 0 || len(cfg.NextProtos) != 2 || cfg.GetClientCertificate != nil {
				t.Error("a dial changed the caller's configuration")
			}
		}},
		probe{id: "D27/changed-after-the-dial", run: func(t *testing.T) {
			server, cfg := secure(t)
			c, err := (&fairlead.Dialer{TLS: cfg}).Dial(t.Context(), server.URL())
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			cfg.RootCAs, cfg.MinVersion, cfg.CipherSuites = nil, tls.VersionTLS13+1, nil
			if err := c.WriteText(t.Context(), "x"); err != nil {
				t.Fatal(err)
			}
			if _, _, err := c.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
		}},
		probe{id: "D35/Unix-socket", lessons: []string{"L61"}, run: func(t *testing.T) {
			path := t.TempDir() + "/s"
			ln, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			go func() {
				for {
					conn, err := ln.Accept()
					if err != nil {
						return
					}
					go func() {
						defer conn.Close()
						_ = wstest.Play(tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate()}}), wstest.Upgrade(), wstest.ExpectEOF())
					}()
				}
			}()
			for host, opens := range map[string]bool{"peer.test": true, "other.test": false} {
				d := fairlead.Dialer{Route: route.Unix{Path: path}, TLS: &tls.Config{RootCAs: authority().Pool()}}
				c, err := d.Dial(t.Context(), "wss://"+host+"/")
				if (err == nil) != opens {
					t.Errorf("%s: %v", host, err)
				}
				if err == nil {
					_ = c.CloseNow()
				}
			}
		}},
	)
}
