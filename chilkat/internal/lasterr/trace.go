package lasterr

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// Trace returns hooks that add a block to a log for each event: resolve,
// tcpConnect, proxyConnect, sshTunnel, tls, sendRequest, readResponse, close, connectionClosed, and when
// the log is verbose readFrame and sendFrame. A connection outlives the calls
// that use it, so the hooks ask which log is the current one: reading for what
// comes from the peer, sending for all else. Either may give nil, and then the
// event leaves no trace.
func Trace(reading, sending func() *Log) *wstrace.Trace {
	open := &openBlocks{}
	return &wstrace.Trace{
		ResolveStart: func(e wstrace.ResolveStart) {
			open.begin(sending(), "resolve", e.Host).Value("host", e.Host)
		},
		ResolveDone: func(e wstrace.ResolveDone) {
			b := open.end("resolve", e.Host)
			if len(e.Addrs) > 0 {
				b.Value("addresses", strings.Join(e.Addrs, ", "))
			}
			b.Fail(e.Err)
		},
		ConnectStart: func(e wstrace.ConnectStart) {
			open.begin(sending(), connectBlock(e.Network), e.Addr).Value("address", e.Addr)
		},
		ConnectDone: func(e wstrace.ConnectDone) { connected(open.end(connectBlock(e.Network), e.Addr), e) },
		HopStart: func(e wstrace.HopStart) {
			b := open.begin(sending(), hopBlock(e.Kind), e.Addr+" "+e.Target)
			b.Value("kind", e.Kind)
			b.Value("address", e.Addr)
			if e.Target != "" {
				b.Value("target", e.Target)
			}
		},
		HopDone: func(e wstrace.HopDone) {
			b := open.end(hopBlock(e.Kind), e.Addr+" "+e.Target)
			if e.Detail != "" {
				b.Value("answer", e.Detail)
			}
			b.Fail(e.Err)
		},
		TLSStart: func(e wstrace.TLSStart) {
			open.begin(sending(), "tls", e.ServerName).Value("serverName", e.ServerName)
		},
		TLSDone:      func(e wstrace.TLSDone) { secured(open.end("tls", e.ServerName), e) },
		RequestStart: func(e wstrace.RequestStart) { head(open.begin(sending(), "sendRequest", ""), "requestLine", e.Head) },
		RequestDone: func(e wstrace.RequestDone) {
			b := open.end("sendRequest", "")
			b.Value("bytes", e.Bytes)
			b.Fail(e.Err)
		},
		ResponseStart: func(wstrace.ResponseStart) { open.begin(reading(), "readResponse", "") },
		ResponseDone: func(e wstrace.ResponseDone) {
			b := open.end("readResponse", "")
			if e.Status != 0 {
				head(b, "statusLine", e.Head)
			}
			b.Fail(e.Err)
		},
		FrameReceived: func(e wstrace.Frame) { frameBlock(reading(), "readFrame", e) },
		FrameSent:     func(e wstrace.Frame) { frameBlock(sending(), "sendFrame", e) },
		CloseStart: func(e wstrace.CloseStart) {
			if e.Remote {
				closeBlock(reading(), "peer", e)
				return
			}
			closeBlock(sending(), "this side", e)
		},
		CloseDone: func(e wstrace.CloseDone) {
			l := reading()
			if l == nil {
				l = sending()
			}
			ended(l.Open("connectionClosed"), e)
		},
	}
}

// Trace returns hooks that add all events to l.
func (l *Log) Trace() *wstrace.Trace {
	self := func() *Log { return l }
	return Trace(self, self)
}

// openBlocks finds the block that a Done event ends. Attempts to connect
// overlap, so blocks are told apart by name and subject.
type openBlocks struct {
	mu    sync.Mutex
	stack []openBlock
}

type openBlock struct {
	name, subject string
	log           *Log
}

func (o *openBlocks) begin(parent *Log, name, subject string) *Log {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.stack {
		// The steps that lead to a hop lie inside it.
		if b.name == proxyBlock || b.name == sshBlock {
			parent = b.log
		}
	}
	b := openBlock{name, subject, parent.Open(name)}
	o.stack = append(o.stack, b)
	return b.log
}

func (o *openBlocks) end(name, subject string) *Log {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, b := range o.stack {
		if b.name == name && b.subject == subject {
			o.stack = append(o.stack[:i], o.stack[i+1:]...)
			return b.log
		}
	}
	return nil
}

func connectBlock(network string) string {
	if strings.HasPrefix(network, "unix") {
		return "unixConnect"
	}
	return "tcpConnect"
}

const (
	sshBlock   = "sshTunnel"
	proxyBlock = "proxyConnect"
)

func hopBlock(kind string) string {
	if kind == "ssh" {
		return sshBlock
	}
	return proxyBlock
}

func connected(b *Log, e wstrace.ConnectDone) {
	if errors.Is(e.Err, context.Canceled) {
		b.Say("Given up: another address was faster, or the call was aborted.")
		b.Close()
		return
	}
	if e.LocalAddr != "" {
		b.Value("localAddress", e.LocalAddr)
	}
	b.Fail(e.Err)
}

func secured(b *Log, e wstrace.TLSDone) {
	if e.Err == nil {
		b.Value("version", e.Version)
		b.Value("cipherSuite", e.CipherSuite)
		if e.ALPN != "" {
			b.Value("alpn", e.ALPN)
		}
		if e.PeerSubject != "" {
			b.Value("peerSubject", e.PeerSubject)
		}
	}
	b.Fail(e.Err)
}

// head adds the first line, and when verbose the fields. Its secrets are
// masked already.
func head(b *Log, key string, h wstrace.Head) {
	b.Value(key, h.Line())
	if !b.Verbose() {
		return
	}
	fields := b.Open("header")
	for name, value := range h.Fields() {
		fields.Value(name, value)
	}
	fields.Close()
}

func frameBlock(l *Log, name string, e wstrace.Frame) {
	if !l.Verbose() {
		return
	}
	b := l.Open(name)
	b.Value("opcode", e.Header.Opcode.String())
	b.Value("final", e.Header.Fin)
	if e.Header.RSV != 0 {
		b.Value("rsv", e.Header.RSV)
	}
	b.Value("payloadBytes", e.Header.Length)
	b.Close()
}

func closeBlock(l *Log, by string, e wstrace.CloseStart) {
	b := l.Open("close")
	b.Value("begunBy", by)
	b.Value("statusCode", e.Code.String())
	if e.Reason != "" {
		b.Value("reason", e.Reason)
	}
	b.Close()
}

func ended(b *Log, e wstrace.CloseDone) {
	b.Value("clean", e.Clean)
	if e.Code != 0 {
		b.Value("statusCode", e.Code.String())
	}
	if e.Err != nil {
		b.Value("cause", e.Err.Error())
	}
	b.Close()
}
