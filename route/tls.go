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
	tlsConn := tls.Client(&pollConn{Conn: conn}, cfg)
	if err := tlsConn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, withContext(ctx, explain(err))
	}
	return tlsConn, nil
}

// explain says what probably happened where crypto/tls says what it saw.
func explain(err error) error {
	if header, ok := errors.AsType[tls.RecordHeaderError](err); ok && strings.HasPrefix(string(header.RecordHeader[:]), "HTTP/") {
		return fmt.Errorf("the server answered in plain HTTP on this port, which is none for TLS (wss://, https://): %w", err)
	}
	if errors.Is(err, io.EOF) {
		// Not EOF: to a caller that would be the proper end of a stream.
		return fmt.Errorf("the server closed the connection during the handshake: %w", io.ErrUnexpectedEOF)
	}
	return err
}
