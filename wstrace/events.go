package wstrace

import (
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// ResolveStart says that a host name is about to be looked up.
type ResolveStart struct {
	Host string
}

// ResolveDone says how the lookup of a host name ended.
type ResolveDone struct {
	Host     string
	Addrs    []string // IP addresses, with a zone where one is needed
	Duration time.Duration
	Err      error
}

// ConnectStart says that a connection to one address is about to be opened.
type ConnectStart struct {
	Network string // "tcp", "tcp4", "tcp6" or "unix"
	Addr    string // "IP:port", or the path of a Unix socket
}

// ConnectDone says how an attempt to connect ended. An attempt that another
// address overtook ends with an error that matches [context.Canceled].
type ConnectDone struct {
	Network   string
	Addr      string
	LocalAddr string // our end of the connection; empty unless it is the one in use
	Duration  time.Duration
	Err       error
}

// HopStart says that a hop is about to be asked for a connection to Target.
type HopStart struct {
	Kind   string // "http", "https", "socks4", "socks4a", "socks5", "socks5h" or "ssh"; others for hops of one's own
	Addr   string // "host:port" of the hop
	Target string // "host:port" that it is to connect to; empty for the login to an SSH server alone
}

// HopDone says how asking a hop ended.
type HopDone struct {
	Kind     string
	Addr     string
	Target   string
	Detail   string // what the hop said of itself, empty if nothing: a status line, the version of an SSH server
	Duration time.Duration
	Err      error
}

// TLSStart says that a TLS handshake is about to begin.
type TLSStart struct {
	ServerName string // the name that the certificate must have
}

// TLSDone says how a TLS handshake ended. All but ServerName, Duration and Err
// are empty when it failed.
type TLSDone struct {
	ServerName  string
	Version     string // "TLS 1.3"
	CipherSuite string // "TLS_AES_128_GCM_SHA256"
	ALPN        string // the negotiated protocol, empty if none
	PeerSubject string // distinguished name of the server's certificate, as the peer wrote it
	Duration    time.Duration
	Err         error
}

// RequestStart says that the opening request (RFC 6455 section 4.1) is about to
// be written.
type RequestStart struct {
	Head Head
}

// RequestDone says how the writing of the opening request ended.
type RequestDone struct {
	Bytes    int // written
	Duration time.Duration
	Err      error
}

// ResponseStart says that the response to the opening request is awaited.
type ResponseStart struct{}

// ResponseDone says what the server answered to the opening request. Status is
// 0 and Head empty when no whole head came.
type ResponseDone struct {
	Status   int
	Head     Head
	Duration time.Duration
	Err      error
}

// PreviewBytes is the longest preview of a payload that a [Frame] carries.
const PreviewBytes = 128

// Frame says that a frame was received or sent.
type Frame struct {
	Header frame.Header
	// Preview holds the first bytes of the payload without the mask, at most
	// [PreviewBytes] of them. They are what is on the wire: compressed, when
	// RSV1 says so. The slice is valid until the hook returns.
	Preview []byte
}

// CloseStart says that the closing handshake begins.
type CloseStart struct {
	Code   frame.StatusCode
	Reason string
	Remote bool // the peer began it
}

// CloseDone says how the connection ended. Clean means that both sides sent and
// received a Close frame (RFC 6455 section 7.1.4).
type CloseDone struct {
	Code     frame.StatusCode
	Reason   string
	Clean    bool
	Duration time.Duration
	Err      error
}
