package lasterr_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// body is the text between the first and the last line of the call.
func body(l *lasterr.Log) string {
	l.Finish(true)
	lines := strings.Split(l.Text(), "\n")
	return strings.ReplaceAll("\n"+strings.Join(lines[2:len(lines)-4], "\n"), "\n    ", "\n")
}

func TestTraceOfADial(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	tr := l.Trace()
	tr.ResolveStart(wstrace.ResolveStart{Host: "h"})
	c.pass(3 * time.Millisecond)
	tr.ResolveDone(wstrace.ResolveDone{Host: "h", Addrs: []string{"::1", "127.0.0.1"}})
	six, four := wstrace.ConnectStart{Network: "tcp", Addr: "[::1]:80"}, wstrace.ConnectStart{Network: "tcp", Addr: "127.0.0.1:80"}
	tr.ConnectStart(six)
	tr.ConnectStart(four) // overlaps
	tr.ConnectDone(wstrace.ConnectDone{Network: "tcp", Addr: four.Addr, LocalAddr: "127.0.0.1:4000"})
	c.pass(7 * time.Millisecond)
	tr.ConnectDone(wstrace.ConnectDone{Network: "tcp", Addr: six.Addr, Err: fmt.Errorf("dial: %w", context.Canceled)})
	tr.TLSStart(wstrace.TLSStart{ServerName: "h"})
	tr.TLSDone(wstrace.TLSDone{ServerName: "h", Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", ALPN: "http/1.1", PeerSubject: "CN=h\n"})
	want := `
resolve(3ms):
  host: h
  addresses: ::1, 127.0.0.1
--resolve
tcpConnect(7ms):
  address: [::1]:80
  Given up: another address was faster, or the call was aborted.
--tcpConnect
tcpConnect:
  address: 127.0.0.1:80
  localAddress: 127.0.0.1:4000
--tcpConnect
tls:
  serverName: h
  version: TLS 1.3
  cipherSuite: TLS_AES_128_GCM_SHA256
  alpn: http/1.1
  peerSubject: CN=h\n
--tls`
	if diff := cmp.Diff(want, body(l)); diff != "" {
		t.Error(diff)
	}
}

func TestTraceOfFailures(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	tr := l.Trace()
	tr.ResolveStart(wstrace.ResolveStart{Host: "h"})
	tr.ResolveDone(wstrace.ResolveDone{Host: "h", Err: errRefused})
	tr.ConnectStart(wstrace.ConnectStart{Network: "unix", Addr: "/s"})
	tr.ConnectDone(wstrace.ConnectDone{Network: "unix", Addr: "/s", Err: errRefused})
	tr.TLSStart(wstrace.TLSStart{ServerName: "h"})
	tr.TLSDone(wstrace.TLSDone{ServerName: "h", Err: errRefused})
	tr.TLSDone(wstrace.TLSDone{ServerName: "h", Err: errRefused}) // that nobody began
	tr.HopStart(wstrace.HopStart{Kind: "http", Addr: "p:3128", Target: "h:443"})
	tr.ConnectStart(wstrace.ConnectStart{Network: "tcp", Addr: "p:3128"})
	tr.ConnectDone(wstrace.ConnectDone{Network: "tcp", Addr: "p:3128", Err: errRefused})
	tr.HopDone(wstrace.HopDone{Kind: "http", Addr: "p:3128", Target: "h:443", Detail: "HTTP/1.1 407 No", Err: errRefused})
	tr.ResponseStart(wstrace.ResponseStart{})
	tr.ResponseDone(wstrace.ResponseDone{Err: errRefused})
	want := `
resolve:
  host: h
  Connection refused.
--resolve
unixConnect:
  address: /s
  Connection refused.
--unixConnect
tls:
  serverName: h
  Connection refused.
--tls
proxyConnect:
  kind: http
  address: p:3128
  target: h:443
  tcpConnect:
    address: p:3128
    Connection refused.
  --tcpConnect
  answer: HTTP/1.1 407 No
  Connection refused.
--proxyConnect
readResponse:
  Connection refused.
--readResponse`
	if diff := cmp.Diff(want, body(l)); diff != "" {
		t.Error(diff)
	}
}

func handshakeEvents(tr *wstrace.Trace) {
	tr.RequestStart(wstrace.RequestStart{Head: wstrace.NewRequestHead("GET", "/feed?token=hunter2", wstrace.Field{Name: "Authorization", Value: "Basic aHVudGVyMg=="})})
	tr.RequestDone(wstrace.RequestDone{Bytes: 120})
	tr.ResponseStart(wstrace.ResponseStart{})
	tr.ResponseDone(wstrace.ResponseDone{Status: 101, Head: wstrace.NewResponseHead("HTTP/1.1 101 Switching Protocols", wstrace.Field{Name: "Upgrade", Value: "websocket"})})
	var e wstrace.Frame
	e.Header.Fin, e.Header.Opcode, e.Header.Length, e.Preview = true, 1, 7, []byte("hunter2")
	tr.FrameSent(e)
	e.Header.RSV = 4
	tr.FrameReceived(e)
}

func TestTraceOfAHandshake(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	handshakeEvents(l.Trace())
	want := `
sendRequest:
  requestLine: GET /feed?token=*** HTTP/1.1
  bytes: 120
--sendRequest
readResponse:
  statusLine: HTTP/1.1 101 Switching Protocols
--readResponse`
	if diff := cmp.Diff(want, body(l)); diff != "" {
		t.Error(diff)
	}
}

func TestTraceOfAHandshakeVerbose(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.verbose())
	handshakeEvents(l.Trace())
	want := `
sendRequest:
  requestLine: GET /feed?token=*** HTTP/1.1
  header:
    Authorization: Basic ***
  --header
  bytes: 120
--sendRequest
readResponse:
  statusLine: HTTP/1.1 101 Switching Protocols
  header:
    Upgrade: websocket
  --header
--readResponse
sendFrame:
  opcode: text
  final: true
  payloadBytes: 7
--sendFrame
readFrame:
  opcode: text
  final: true
  rsv: 4
  payloadBytes: 7
--readFrame`
	if diff := cmp.Diff(want, body(l)); diff != "" {
		t.Error(diff)
	}
}

func TestTraceOfTheEnd(t *testing.T) {
	c := newClock()
	reading, sending := lasterr.Start(c.config()), lasterr.Start(c.config())
	current := reading
	tr := lasterr.Trace(func() *lasterr.Log { return current }, func() *lasterr.Log { return sending })
	tr.CloseStart(wstrace.CloseStart{Code: 1000, Reason: "bye\x1b", Remote: true})
	tr.CloseStart(wstrace.CloseStart{Code: 1001})
	tr.CloseDone(wstrace.CloseDone{Code: 1000, Clean: true})
	current = nil // nobody reads
	tr.CloseDone(wstrace.CloseDone{Err: errRefused})
	wantReading := `
close:
  begunBy: peer
  statusCode: 1000 normal closure
  reason: bye\x1b
--close
connectionClosed:
  clean: true
  statusCode: 1000 normal closure
--connectionClosed`
	wantSending := `
close:
  begunBy: this side
  statusCode: 1001 going away
--close
connectionClosed:
  clean: false
  cause: connection refused
--connectionClosed`
	if diff := cmp.Diff(wantReading, body(reading)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantSending, body(sending)); diff != "" {
		t.Error(diff)
	}
}

func TestTraceWithoutALog(t *testing.T) {
	none := func() *lasterr.Log { return nil }
	tr := lasterr.Trace(none, none)
	handshakeEvents(tr)
	tr.ResolveStart(wstrace.ResolveStart{})
	tr.ResolveDone(wstrace.ResolveDone{Err: errRefused})
	tr.ConnectStart(wstrace.ConnectStart{})
	tr.ConnectDone(wstrace.ConnectDone{Err: errRefused})
	tr.TLSStart(wstrace.TLSStart{})
	tr.TLSDone(wstrace.TLSDone{})
	tr.CloseStart(wstrace.CloseStart{Remote: true})
	tr.CloseDone(wstrace.CloseDone{Err: errRefused})
}
