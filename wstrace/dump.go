package wstrace

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/frame"
)

// Dump returns a trace that writes each event to w as one line:
//
//	→ 12:00:00.031 text fin len=5 mask "Hello"
//	← 12:00:00.043 binary fin len=2 dead
//	* 12:00:05.000 closed: 1000 normal closure "bye" (12ms)
//
// The first column is → for what was sent, ← for what was received and * for
// the rest, the second is the local time. A payload is shown up to
// [PreviewBytes], text as a quoted string, other bytes in hexadecimal. Nothing
// that the peer chose reaches w raw: see [Escape].
//
// Each line is one call of Write; calls do not overlap. Errors of w are
// ignored. A nil w gives an empty trace.
func Dump(w io.Writer) *Trace {
	if w == nil {
		return &Trace{}
	}
	d := &dump{w: w}
	return &Trace{
		ResolveStart: func(e ResolveStart) { d.line(info, "resolve "+Escape(e.Host)) },
		ResolveDone: func(e ResolveDone) {
			d.done("resolved "+Escape(e.Host)+": "+Escape(strings.Join(e.Addrs, " ")), "cannot resolve "+Escape(e.Host), e.Duration, e.Err)
		},
		ConnectStart: func(e ConnectStart) { d.line(info, "connect "+Escape(e.Network+" "+e.Addr)) },
		ConnectDone: func(e ConnectDone) {
			text := "connected " + Escape(e.Addr)
			if e.LocalAddr != "" {
				text += " from " + Escape(e.LocalAddr)
			}
			d.done(text, "cannot connect to "+Escape(e.Addr), e.Duration, e.Err)
		},
		HopStart: func(e HopStart) { d.line(info, Escape(e.Kind+" hop "+e.Addr+" to "+e.Target)) },
		HopDone: func(e HopDone) {
			text := Escape("through " + e.Kind + " hop " + e.Addr + " to " + e.Target)
			if e.Detail != "" {
				text += " " + strconv.Quote(e.Detail)
			}
			d.done(text, "cannot get "+text, e.Duration, e.Err)
		},
		TLSStart: func(e TLSStart) { d.line(info, "tls handshake with "+Escape(e.ServerName)) },
		TLSDone: func(e TLSDone) {
			text := Escape("tls " + e.Version + " " + e.CipherSuite)
			if e.ALPN != "" {
				text += " alpn=" + strconv.Quote(e.ALPN)
			}
			d.done(text+" peer="+strconv.Quote(e.PeerSubject), "tls handshake with "+Escape(e.ServerName)+" failed", e.Duration, e.Err)
		},
		RequestStart: func(e RequestStart) { d.line(sent, "request "+oneLine(e.Head)) },
		RequestDone: func(e RequestDone) {
			d.done("request sent, "+strconv.Itoa(e.Bytes)+" bytes", "cannot send the request", e.Duration, e.Err)
		},
		ResponseStart: func(ResponseStart) { d.line(info, "await response") },
		ResponseDone:  d.response,
		FrameReceived: func(e Frame) { d.line(received, frameText(e)) },
		FrameSent:     func(e Frame) { d.line(sent, frameText(e)) },
		CloseStart: func(e CloseStart) {
			who := "close begun here: "
			if e.Remote {
				who = "close begun by the peer: "
			}
			d.line(info, who+closeText(e.Code, e.Reason))
		},
		CloseDone: func(e CloseDone) {
			text := "closed: "
			if !e.Clean {
				text = "closed uncleanly: "
			}
			text += closeText(e.Code, e.Reason)
			d.done(text, text, e.Duration, e.Err)
		},
	}
}

// First column of a line.
const (
	info     = "*"
	sent     = "→"
	received = "←"
)

type dump struct {
	mu sync.Mutex
	w  io.Writer
}

// line writes text, which must be escaped already.
func (d *dump) line(column, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _ = io.WriteString(d.w, column+" "+time.Now().Format("15:04:05.000")+" "+text+"\n")
}

func (d *dump) done(success, failure string, took time.Duration, err error) {
	d.line(info, outcome(success, failure, took, err))
}

func (d *dump) response(e ResponseDone) {
	if e.Status == 0 {
		d.done("no response", "no response", e.Duration, e.Err)
		return
	}
	text := "response " + oneLine(e.Head)
	d.line(received, outcome(text, text, e.Duration, e.Err))
}

func outcome(success, failure string, took time.Duration, err error) string {
	rounded := " (" + took.Round(time.Microsecond).String() + ")"
	if err != nil {
		return failure + rounded + ": " + Escape(err.Error())
	}
	return success + rounded
}

// oneLine puts a bar between fields. A value may hold a bar too; what it cannot
// do is begin a line of the dump.
func oneLine(h Head) string {
	return strings.ReplaceAll(h.String(), "\n", " | ")
}

func closeText(code frame.StatusCode, reason string) string {
	return code.String() + " " + strconv.Quote(reason)
}

func frameText(e Frame) string {
	var b strings.Builder
	b.WriteString(e.Header.Opcode.String())
	if e.Header.Fin {
		b.WriteString(" fin")
	}
	for i, bit := range []uint8{frame.RSV1, frame.RSV2, frame.RSV3} {
		if e.Header.RSV&bit != 0 {
			fmt.Fprintf(&b, " rsv%d", i+1)
		}
	}
	fmt.Fprintf(&b, " len=%d", e.Header.Length)
	if e.Header.Masked {
		b.WriteString(" mask")
	}
	preview := e.Preview[:min(len(e.Preview), PreviewBytes)]
	if len(preview) > 0 {
		b.WriteString(" " + previewText(e.Header, preview))
		if int64(len(preview)) < e.Header.Length {
			b.WriteString("…")
		}
	}
	return b.String()
}

func previewText(h frame.Header, preview []byte) string {
	if h.Opcode == frame.Close && h.Fin && int64(len(preview)) == h.Length {
		if code, reason, err := frame.ParseClose(preview); err == nil {
			return closeText(code, reason)
		}
	}
	// RSV1 marks a compressed message (RFC 7692 section 6). Continuations and
	// control frames do not say what they hold.
	if h.RSV == 0 && (h.Opcode == frame.Text || h.Opcode != frame.Binary && utf8.Valid(preview)) {
		return strconv.Quote(string(preview))
	}
	return fmt.Sprintf("%x", preview)
}
