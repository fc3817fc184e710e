package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/route"
	_ "github.com/fairlead-ws/fairlead/route/sshroute" // ssh:// among the proxies
)

// options are what a connection is opened with, as JSON. Absent fields mean the
// defaults of a fairlead.Dialer.
type options struct {
	URL             string      `json:"url"`
	Headers         [][2]string `json:"headers"`
	Subprotocols    []string    `json:"subprotocols"`
	Proxies         []string    `json:"proxies"` // null: those of the environment; empty: none
	CAFile          string      `json:"cafile"`
	InsecureTLS     bool        `json:"insecure_skip_verify"`
	Compression     string      `json:"compression"`
	MaxMessageBytes int64       `json:"max_message_bytes"`
	TimeoutMs       int64       `json:"timeout_ms"`
}

func (o options) dialer() (*fairlead.Dialer, error) {
	d := &fairlead.Dialer{
		Header:       http.Header{},
		Subprotocols: o.Subprotocols,
		Limits:       fairlead.Limits{MessageBytes: o.MaxMessageBytes},
		Timeout:      time.Duration(o.TimeoutMs) * time.Millisecond,
		TLS:          &tls.Config{InsecureSkipVerify: o.InsecureTLS},
	}
	for _, h := range o.Headers {
		d.Header.Add(h[0], h[1])
	}
	switch o.Compression {
	case "":
	case "deflate":
		d.Compression = fairlead.CompressionNoTakeover
	case "deflate-takeover":
		d.Compression = fairlead.CompressionTakeover
	default:
		return nil, fmt.Errorf("compression is %q: use \"deflate\" or \"deflate-takeover\"", o.Compression)
	}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("cafile: %w", err)
		}
		d.TLS.RootCAs = x509.NewCertPool()
		if !d.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("cafile has no certificate in PEM form")
		}
	}
	if o.Proxies != nil {
		way, err := route.FromURLs(o.Proxies...)
		if err != nil {
			return nil, err
		}
		d.Route = way
	}
	return d, nil
}

// openLink dials. The outcome has a handle, or 0 and a failure as JSON.
func openLink(ctx context.Context, optionsJSON []byte) (out outcome) {
	defer func() {
		if r := recover(); r != nil {
			out = outcome{0, describe(fmt.Errorf("the dial panicked: %v: this is a mistake in Fairlead", r))}
		}
	}()
	var o options
	if err := json.Unmarshal(optionsJSON, &o); err != nil {
		return outcome{0, describe(argumentError{err})}
	}
	d, err := o.dialer()
	if err != nil {
		return outcome{0, describe(argumentError{err})}
	}
	conn, err := d.Dial(ctx, o.URL)
	if err != nil {
		return outcome{0, describe(err)}
	}
	return outcome{int64(enter(newLink(conn))), nil}
}

type argumentError struct{ error }

// A failure is an error for who cannot see Go's.
type failure struct {
	Kind   string `json:"kind"` // argument, handshake, closed, protocol, concurrent, canceled, timeout or other
	Text   string `json:"text"`
	Code   int    `json:"code,omitempty"`   // of closed and protocol
	Reason string `json:"reason,omitempty"` // of closed
	Remote bool   `json:"remote,omitempty"` // of closed
	Phase  string `json:"phase,omitempty"`  // of handshake
	Status int    `json:"status,omitempty"` // of handshake
	Body   string `json:"body,omitempty"`   // of handshake
}

func describe(err error) []byte {
	if err == nil {
		err = errors.New("nothing has failed")
	}
	f := failure{Kind: "other", Text: err.Error()}
	if _, ok := errors.AsType[argumentError](err); ok {
		f.Kind = "argument"
	} else if e, ok := errors.AsType[*fairlead.HandshakeError](err); ok {
		f.Kind, f.Phase, f.Status, f.Body = "handshake", e.Phase, e.Status, string(e.Body)
		if e.Phase == fairlead.PhaseURL {
			f.Kind = "argument"
		} else if errors.Is(err, context.Canceled) {
			f.Kind = "canceled"
		} else if e.Timeout() {
			f.Kind = "timeout"
		}
	} else if e, ok := errors.AsType[*fairlead.ProtocolError](err); ok {
		f.Kind, f.Code = "protocol", int(e.Code)
	} else if e, ok := errors.AsType[*fairlead.CloseError](err); ok {
		f.Kind, f.Code, f.Reason, f.Remote = "closed", int(e.Code), e.Reason, e.Remote
	} else if errors.Is(err, fairlead.ErrConcurrentRead) {
		f.Kind = "concurrent"
	} else if errors.Is(err, net.ErrClosed) {
		f.Kind, f.Code = "closed", 1006
	} else if errors.Is(err, context.Canceled) {
		f.Kind = "canceled"
	} else if errors.Is(err, context.DeadlineExceeded) {
		f.Kind = "timeout"
	}
	data, err := json.Marshal(f)
	if err != nil {
		return []byte(`{"kind":"other","text":"the error cannot be shown"}`)
	}
	return data
}

// about tells what was agreed on, as JSON.
func (l *link) about() outcome {
	_, compressed := l.conn.Compression()
	data, err := json.Marshal(map[string]any{
		"subprotocol": l.conn.Subprotocol(), "compressed": compressed,
		"headers": l.conn.Response().Header,
		"local":   l.conn.NetConn().LocalAddr().String(), "remote": l.conn.NetConn().RemoteAddr().String(),
	})
	if err != nil {
		return failed
	}
	return outcome{1, data}
}
