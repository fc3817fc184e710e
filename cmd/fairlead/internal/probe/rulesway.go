package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// What is slow.
const (
	slowDNS      = 200 * time.Millisecond
	slowResponse = time.Second
	slowPing     = 500 * time.Millisecond
)

func (f *facts) dns() {
	for _, s := range f.steps("dns") {
		if s.Error == "" && s.Took >= slowDNS {
			f.add("dns-slow", Warning, "The name server is slow.", fmt.Sprintf("Looking up %s took %v.", s.Detail, round(s.Took)),
				"Check the name servers of this machine, or name the address with --resolve HOST:PORT:ADDRESS.")
		}
	}
	var name *net.DNSError
	if errors.As(f.err, &name) {
		title := "The host name could not be looked up."
		if name.IsNotFound {
			title = "There is no host with this name."
		}
		f.add("dns-failed", Bad, title, wstrace.Escape(name.Error()), "Check the spelling and the name servers of this machine, or name the address with --resolve HOST:PORT:ADDRESS.")
	}
}

func (f *facts) tcp() {
	failed, worked := "", ""
	for _, s := range f.steps("tcp") {
		switch {
		case s.Error == "":
			worked = s.Detail
		case !strings.Contains(s.Error, context.Canceled.Error()):
			failed = s.Detail
		}
	}
	if failed != "" && worked != "" {
		f.add("address-dead", Warning, "One of the addresses does not answer.", fmt.Sprintf("%s failed, %s worked.", failed, worked),
			"Take the dead address out of the DNS, or use -4 or -6.")
	}
	var hop *route.Error
	if !errors.As(f.err, &hop) || hop.Phase != route.PhaseConnect {
		return
	}
	switch {
	case errors.Is(f.err, syscall.ECONNREFUSED):
		f.add("refused", Bad, "Nobody listens at this port.", wstrace.Escape(hop.Addr)+" refuses connections.", "Start the server, and check the port: the defaults are 80 for ws and 443 for wss.")
	case hop.Timeout():
		f.add("connect-timeout", Bad, "The host does not answer.", wstrace.Escape(hop.Addr)+" let the time run out.", "A firewall may drop the packets, or the host is down: check the address and the way to it.")
	default:
		f.add("unreachable", Bad, "The host cannot be reached.", f.report.Error, "Check the network of this machine and the way to the host.")
	}
}

func (f *facts) proxies() {
	for _, s := range f.steps("hop") {
		if s.Error == "" {
			f.add("proxy", Info, "The way leads through a hop.", s.Detail+", "+round(s.Took).String()+" with what lies inside.", "")
		}
	}
	var proxy *route.ProxyError
	if !errors.As(f.err, &proxy) {
		return
	}
	detail := wstrace.Escape(proxy.Error())
	switch {
	case proxy.Status == 407 || errors.Is(f.err, auth.ErrRefused) || errors.Is(f.err, auth.ErrNotOffered):
		f.add("proxy-login", Bad, "The proxy wants to know who asks.", detail, "Give it credentials with --proxy-user USER:PASSWORD or in the URL of the proxy.")
	default:
		f.add("proxy-failed", Bad, "The proxy gave no connection.", detail, "Check the address of the proxy and what it allows; --noproxy '*' goes without.")
	}
}

// otherProtocol looks at the first bytes that came.
func (f *facts) otherProtocol() {
	if f.err == nil {
		return
	}
	switch b := f.first; {
	case f.secure && bytes.HasPrefix(b, []byte("HTTP/")):
		f.add("plain-on-tls", Bad, "This port speaks HTTP without TLS.", "The answer to the first bytes of TLS was plain HTTP.", "Use ws:// instead of wss://, or the port where the server speaks TLS.")
	case !f.secure && len(b) > 1 && (b[0] == 0x15 || b[0] == 0x16) && b[1] == 3,
		!f.secure && f.report.Status == 400 && strings.Contains(f.report.Body, "HTTPS"):
		f.add("tls-on-plain", Bad, "This port speaks TLS.", "The answer to plain HTTP came from a TLS server.", "Use wss:// instead of ws://.")
	case bytes.HasPrefix(b, []byte("SSH-")):
		f.add("ssh", Bad, "This port speaks SSH.", "The first bytes are "+wstrace.Escape(string(b)), "Check the port; to go through this server use --via ssh://USER@HOST.")
	case bytes.HasPrefix(b, []byte("220")), bytes.HasPrefix(b, []byte("+OK")), bytes.HasPrefix(b, []byte("* OK")):
		f.add("mail", Bad, "This port speaks a protocol of mail or of files.", "The first bytes are "+wstrace.Escape(string(b)), "Check the port.")
	case len(b) == 0 && f.report.Status == 0 && f.phase() == fairlead.PhaseResponse:
		f.add("silence", Bad, "The server said nothing.", f.report.Error, "It took the connection and did not answer the request: look at its log, and whether it wants TLS (wss://).")
	}
}

func (f *facts) phase() string {
	if e, ok := errors.AsType[*fairlead.HandshakeError](f.err); ok {
		return e.Phase
	}
	return ""
}

func (f *facts) inTheClear() {
	if !f.secure && !isLoopback(f.report.RemoteAddr) && f.report.RemoteAddr != "" {
		f.add("clear", Warning, "Everybody on the way can read and change this session.", "ws:// is without TLS.", "Use wss:// where the server can.")
	}
}
