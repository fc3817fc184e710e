package wstrace

import (
	"context"
	"log/slog"
	"time"
)

// Log returns a trace that writes each event that ends something to logger: the
// steps of a dial and the end of the connection with level Info, or Error if they
// failed, each frame with level Debug. The message names the step, the attributes
// hold the rest; durations are attributes of kind Duration. Of a frame its header
// is logged, never its payload. A nil logger gives an empty trace.
//
// What the peer chose is in attribute values only, and it is the business of the
// logger's handler to quote it, as those of log/slog do.
func Log(logger *slog.Logger) *Trace {
	if logger == nil {
		return &Trace{}
	}
	done := func(step string, d time.Duration, err error, attrs ...slog.Attr) {
		level := slog.LevelInfo
		attrs = append(attrs, slog.Duration("duration", d))
		if err != nil {
			level = slog.LevelError
			attrs = append(attrs, slog.Any("error", err))
		}
		logger.LogAttrs(context.Background(), level, step, attrs...)
	}
	t := &Trace{
		ResolveDone: func(e ResolveDone) {
			done("resolve", e.Duration, e.Err, slog.String("host", e.Host), slog.Any("addrs", e.Addrs))
		},
		ConnectDone: func(e ConnectDone) {
			done("connect", e.Duration, e.Err, slog.String("network", e.Network), slog.String("addr", e.Addr), slog.String("local", e.LocalAddr))
		},
		HopDone: func(e HopDone) {
			done("hop", e.Duration, e.Err, slog.String("kind", e.Kind), slog.String("addr", e.Addr),
				slog.String("target", e.Target), slog.String("detail", e.Detail))
		},
		TLSDone: func(e TLSDone) {
			done("tls", e.Duration, e.Err, slog.String("server", e.ServerName), slog.String("version", e.Version),
				slog.String("cipher", e.CipherSuite), slog.String("alpn", e.ALPN), slog.String("peer", e.PeerSubject))
		},
		RequestDone: func(e RequestDone) { done("request", e.Duration, e.Err, slog.Int("bytes", e.Bytes)) },
		ResponseDone: func(e ResponseDone) {
			done("response", e.Duration, e.Err, slog.Int("status", e.Status), headAttr(e.Head))
		},
		CloseDone: func(e CloseDone) {
			done("close", e.Duration, e.Err, slog.Int("code", int(e.Code)), slog.String("reason", e.Reason), slog.Bool("clean", e.Clean))
		},
	}
	if logger.Enabled(context.Background(), slog.LevelDebug) {
		frames := func(message string) func(Frame) {
			return func(f Frame) {
				logger.LogAttrs(context.Background(), slog.LevelDebug, message, slog.String("opcode", f.Header.Opcode.String()),
					slog.Bool("fin", f.Header.Fin), slog.Int("rsv", int(f.Header.RSV)), slog.Int64("length", f.Header.Length))
			}
		}
		t.FrameReceived, t.FrameSent = frames("frame received"), frames("frame sent")
	}
	return t
}

// headAttr is the masked head as a group, its fields in their order.
func headAttr(h Head) slog.Attr {
	var fields []any
	for name, value := range h.Fields() {
		fields = append(fields, slog.String(name, value))
	}
	return slog.Group("header", fields...)
}
