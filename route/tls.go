package route

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// TLS performs the client's side of a TLS handshake on conn and returns the
// encrypted connection. ServerName is the host of the URL, a name or an IP
// address: it is sent as SNI and must be in the server's certificate, whatever
// hops conn leads through.
//
// Cfg may be nil and is never changed; it may be shared with other connections
// and with an HTTP client. Of a copy of it TLS sets:
//
//   - ServerName to serverName, if it is empty;
//   - MinVersion to TLS 1.2, if it is lower (RFC 8996);
//   - NextProtos without "h2": a WebSocket opens with HTTP/1.1. Nothing is
//     offered that cfg does not name;
//   - Renegotiation to never.
//
// What else a caller may want is a field of cfg too: NextProtos offers protocols
// (ALPN), CipherSuites is the list for TLS 1.2 (that of TLS 1.3 is fixed),
// Certificates are ours, for a server that asks; package
// [github.com/fairlead-ws/fairlead/route/clientcert] reads them from files.
// [PinKeys] and [LogKeys] set fields that need more than a value.
//
// Certificates are verified unless cfg has InsecureSkipVerify; an RSA key of
// less than 2048 bits in the server's chain is refused, revocation is not
// checked. Sessions are resumed only if cfg has a ClientSessionCache. No early
// data is sent.
//
// When ctx ends during the handshake, TLS returns at once with an error that
// matches ctx.Err(); afterwards ctx has no effect. On every error conn is
// closed, and the error is an *[Error] with the phase "tls". A server that
// refuses the client's certificate says so only after the handshake of TLS 1.3:
// the error comes from the first read.
func TLS(ctx context.Context, conn net.Conn, cfg *tls.Config, serverName string) (*tls.Conn, error) {
	cfg = clientConfig(cfg, serverName)
	trace := wstrace.FromContext(ctx)
	wstrace.Call(trace.TLSStart, wstrace.TLSStart{ServerName: cfg.ServerName})
	start := time.Now()
	tlsConn, err := shakeHands(ctx, conn, cfg)
	done := wstrace.TLSDone{ServerName: cfg.ServerName, Duration: time.Since(start)}
	if err != nil {
		done.Err = &Error{Phase: PhaseTLS, Addr: cfg.ServerName, Err: err}
		wstrace.Call(trace.TLSDone, done)
		return nil, done.Err
	}
	state := tlsConn.ConnectionState()
	done.Version = tls.VersionName(state.Version)
	done.CipherSuite = tls.CipherSuiteName(state.CipherSuite)
	done.ALPN = state.NegotiatedProtocol
	if len(state.PeerCertificates) > 0 {
		done.PeerSubject = state.PeerCertificates[0].Subject.String()
	}
	wstrace.Call(trace.TLSDone, done)
	return tlsConn, nil
}

func shakeHands(ctx context.Context, conn net.Conn, cfg *tls.Config) (*tls.Conn, error) {
	if conn == nil {
		return nil, errors.New("the connection is nil")
	}
	if ctx == nil {
		_ = conn.Close()
		return nil, errNilContext
	}
	if err := ctx.Err(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	asked := false
	if cfg.GetClientCertificate == nil {
		cfg.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			for i := range cfg.Certificates { // as crypto/tls does without this function
				if info.SupportsCertificate(&cfg.Certificates[i]) == nil {
					return &cfg.Certificates[i], nil
				}
			}
			asked = true
			return &tls.Certificate{}, nil
		}
	}
	tlsConn := tls.Client(&pollConn{Conn: conn}, cfg)
	if err := tlsConn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, withContext(ctx, explain(err, asked))
	}
	return tlsConn, nil
}

// explain says what probably happened where crypto/tls says what it saw. asked is
// true when the server got no certificate though it asked for one.
func explain(err error, asked bool) error {
	if header, ok := errors.AsType[tls.RecordHeaderError](err); ok && strings.HasPrefix(string(header.RecordHeader[:]), "HTTP/") {
		return fmt.Errorf("the server answered in plain HTTP on this port, which is none for TLS (wss://, https://): %w", err)
	}
	if aboutCertificate(err) || asked && remoteAlert(err) != "" {
		return fmt.Errorf("the server wants a certificate of the client, or another one: set Certificates of the tls.Config: %w", err)
	}
	if errors.Is(err, io.EOF) {
		// Not EOF: to a caller that would be the proper end of a stream.
		return fmt.Errorf("the server closed the connection during the handshake: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// aboutCertificate reports whether err is one of the alerts by which a server
// refuses the client's certificate or the lack of one (RFC 8446 section 6.2).
func aboutCertificate(err error) bool { return strings.Contains(remoteAlert(err), "certificate") }

// remoteAlert is the text of the peer's alert that err tells of, "" if there is
// none. crypto/tls has no type for alerts.
func remoteAlert(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return op.Err.Error()
	}
	return ""
}
