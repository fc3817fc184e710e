package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// Options say what to probe.
type Options struct {
	// Dialer opens the connection. Compression is offered where it says no.
	Dialer *fairlead.Dialer
	URL    string
	// Data is a message to send when the session is open. nil means none.
	Data []byte
	// Listen is how long to watch the session after the ping.
	Listen time.Duration
	// Patience is how long to wait for a Pong. 0 means 3 s.
	Patience time.Duration
}

// Run probes. The report is always there; the error is that of a connection that
// did not come to be.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Patience == 0 {
		o.Patience = 3 * time.Second
	}
	w := &watcher{begin: time.Now(), report: &Report{
		Version: 1, URL: wstrace.RedactTarget(o.URL), When: time.Now().UTC(), Frames: []Frame{}, Log: []Entry{}, Steps: []Step{}, Findings: []Finding{},
	}}
	d := fairlead.Dialer{}
	if o.Dialer != nil {
		d = *o.Dialer
	}
	if d.Compression == fairlead.CompressionOff {
		d.Compression = fairlead.CompressionTakeover
	}
	d.Trace = wstrace.Join(d.Trace, w.trace())
	first := &firstBytes{}
	if d.Route != nil {
		d.Route = first.of(d.Route)
	}
	facts := facts{report: w.report, dialer: &d, secure: isSecure(o.URL), now: time.Now()}
	conn, err := d.Dial(ctx, o.URL)
	if err == nil {
		facts.session(ctx, w, conn, o)
	}
	facts.first, facts.err = first.bytes(), err
	w.mu.Lock()
	defer w.mu.Unlock()
	facts.refused()
	w.report.Total = w.now()
	if err != nil {
		w.report.Error = wstrace.Escape(err.Error())
	}
	facts.find()
	return w.report, err
}

func isSecure(url string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(url), ":")
	return scheme == "wss" || scheme == "https"
}

// session looks at an open session and closes it.
func (f *facts) session(ctx context.Context, w *watcher, conn *fairlead.Conn, o Options) {
	defer func() { _ = conn.CloseNow() }()
	w.mu.Lock()
	f.report.Subprotocol = conn.Subprotocol()
	if agreed, ok := conn.Compression(); ok {
		f.report.Compression = compressionText(agreed)
	}
	if c, ok := conn.NetConn().(interface{ ConnectionState() tls.ConnectionState }); ok {
		state := c.ConnectionState()
		f.report.TLS, f.report.Certificates = tlsOf(&state), certificatesOf(state.PeerCertificates)
		f.chain = state.PeerCertificates
	}
	w.mu.Unlock()
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		// Ping and Close see what they need; messages are only watched.
		for _, err := range conn.Messages(context.Background()) {
			if err != nil {
				return
			}
		}
	}()
	if o.Data != nil {
		_ = w.measure("send", "", func() error { return conn.Write(ctx, fairlead.Text, o.Data) })
	}
	f.pingErr = w.measure("ping", "", func() error {
		waiting, cancel := context.WithTimeout(ctx, o.Patience)
		defer cancel()
		var err error
		f.rtt, err = conn.Ping(waiting)
		return err
	})
	if o.Listen > 0 {
		timer := time.NewTimer(o.Listen)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-reading:
		case <-ctx.Done():
		}
	}
	f.endedEarly = conn.Err()
	if f.endedEarly == nil {
		f.closeErr = w.measure("close", "", func() error { return conn.Close(ctx, frame.StatusNormal, "") })
	}
	f.code, f.reason, f.closed = conn.CloseStatus()
	_ = conn.CloseNow()
	<-reading
}

// refused takes what the error of a dial knows: the answer's body and the
// certificates that were not accepted.
func (f *facts) refused() {
	if e, ok := errors.AsType[*fairlead.HandshakeError](f.err); ok {
		f.report.Status = e.Status
		const most = 1 << 10
		f.report.Body = wstrace.Escape(string(e.Body[:min(len(e.Body), most)]))
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](f.err); ok && len(f.report.Certificates) == 0 {
		f.chain = bad.UnverifiedCertificates
		f.report.Certificates = certificatesOf(f.chain)
	}
}

// firstBytes keeps the first bytes that the last connection received: they tell
// what speaks there.
type firstBytes struct {
	mu   sync.Mutex
	kept []byte
}

func (b *firstBytes) of(next route.Dialer) route.Dialer {
	return route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.kept = nil
		return &tapped{conn, b}, nil
	})
}

func (b *firstBytes) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept
}

type tapped struct {
	net.Conn
	into *firstBytes
}

func (c *tapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.into.mu.Lock()
	defer c.into.mu.Unlock()
	if room := 16 - len(c.into.kept); room > 0 {
		c.into.kept = append(c.into.kept, p[:min(n, room)]...)
	}
	return n, err
}
