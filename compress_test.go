package fairlead_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
)

// peerOf reads what a client sends, as a server that inflates.
type peerOf struct {
	nc       net.Conn
	inflater *deflate.Decompressor
	rsv      bool // of the message under way
}

func newPeer(nc net.Conn, cfg fairlead.ConnConfig) *peerOf {
	d := cfg.Compression
	return &peerOf{nc: nc, inflater: deflate.NewDecompressor(d.ClientMaxWindowBits, !d.ClientNoContextTakeover)}
}

// next returns the next frame and what it adds to its message.
func (s *peerOf) next() (frame.Header, string, error) {
	f, err := nextErr(s.nc)
	if err != nil || f.Opcode.IsControl() {
		return f.Header, f.payload, err
	}
	if f.Opcode == frame.Continuation {
		if f.RSV != 0 {
			return f.Header, "", errors.New("RSV1 on a continuation")
		}
	} else {
		s.rsv = f.RSV == frame.RSV1
	}
	if !s.rsv {
		return f.Header, f.payload, nil
	}
	p, err := s.inflater.Append(nil, []byte(f.payload), f.Fin, 1<<24)
	return f.Header, string(p), err
}

func (s *peerOf) want(t *testing.T, h frame.Header, payload string) frame.Header {
	t.Helper()
	got, p, err := s.next()
	if err != nil {
		t.Fatal(err)
	}
	if got.Opcode != h.Opcode || got.Fin != h.Fin || got.RSV != h.RSV || p != payload {
		t.Fatalf("the client sent %v fin=%v rsv=%v %.40q, want %v fin=%v rsv=%v %.40q", got.Opcode, got.Fin, got.RSV, p, h.Opcode, h.Fin, h.RSV, payload)
	}
	return got
}

// C20: RSV1 stands on the first fragment only, and each fragment can be inflated
// as soon as it has come.
func TestC20Fragments(t *testing.T) {
	for name, cfg := range map[string]fairlead.ConnConfig{"takeover": withTakeover, "no takeover": withoutTakeover} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, server := pair(t, cfg)
				peer := newPeer(server, cfg)
				go func() {
					for range 2 {
						w := c.Writer(t.Context(), fairlead.Text)
						for _, s := range []string{"one ", "", "two ", strings.Repeat("three ", 9000)} {
							_, _ = io.WriteString(w, s)
						}
						w.Close()
					}
					_ = c.Writer(t.Context(), fairlead.Binary).Close()
					// The same by hand.
					_ = c.WriteFrame(t.Context(), frame.Header{Opcode: frame.Text, RSV: frame.RSV1}, []byte("one "))
					_ = c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Ping}, []byte("p"))
					_ = c.WriteFrame(t.Context(), frame.Header{Opcode: frame.Continuation}, []byte("two "))
					_ = c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Continuation}, nil)
					_ = c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Text, RSV: frame.RSV1}, []byte("whole"))
					_ = c.WriteFrame(t.Context(), frame.Header{Opcode: frame.Text}, []byte("plain "))
					_ = c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Continuation}, []byte("too"))
				}()
				for range 2 {
					peer.want(t, frame.Header{Opcode: frame.Text, RSV: frame.RSV1}, "one ")
					peer.want(t, frame.Header{Opcode: frame.Continuation}, "two ")
					h := peer.want(t, frame.Header{Opcode: frame.Continuation}, strings.Repeat("three ", 9000))
					if h.Length > 1000 {
						t.Errorf("%d bytes on the wire", h.Length)
					}
					peer.want(t, frame.Header{Opcode: frame.Continuation, Fin: true}, "")
				}
				peer.want(t, frame.Header{Opcode: frame.Binary, RSV: frame.RSV1, Fin: true}, "")
				peer.want(t, frame.Header{Opcode: frame.Text, RSV: frame.RSV1}, "one ")
				peer.want(t, frame.Header{Opcode: frame.Ping, Fin: true}, "p")
				peer.want(t, frame.Header{Opcode: frame.Continuation}, "two ")
				peer.want(t, frame.Header{Opcode: frame.Continuation, Fin: true}, "")
				peer.want(t, frame.Header{Opcode: frame.Text, RSV: frame.RSV1, Fin: true}, "whole")
				peer.want(t, frame.Header{Opcode: frame.Text}, "plain ")
				peer.want(t, frame.Header{Opcode: frame.Continuation, Fin: true}, "too")
			})
		})
	}
}

// What is short, or random, goes out as it is; so does what must (C21).
func TestWriteChooses(t *testing.T) {
	long := strings.Repeat("compress me, ", 40)
	r := rand.New(rand.NewPCG(8, 8))
	noise := make([]byte, 2000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	short := long[:100]
	for name, tt := range map[string]struct {
		cfg   fairlead.ConnConfig
		short uint8
	}{"takeover": {withTakeover, frame.RSV1}, "no takeover": {withoutTakeover, 0}} {
		t.Run(name, func(t *testing.T) {
			c, server := pair(t, tt.cfg)
			peer := newPeer(server, tt.cfg)
			go func() {
				_ = c.Write(t.Context(), fairlead.Text, []byte(long))
				_ = c.Write(t.Context(), fairlead.Text, []byte(short))
				_ = c.Write(t.Context(), fairlead.Text, []byte("{}"))
				_ = c.Write(t.Context(), fairlead.Binary, noise)
				_ = c.Write(t.Context(), fairlead.Binary, noise[:200]) // no sample tells
				_ = c.WriteUncompressed(t.Context(), fairlead.Text, []byte(long))
				_ = c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Text}, []byte(long))
				_ = c.Batch(t.Context(), func(b *fairlead.Batch) error {
					return errors.Join(b.Write(fairlead.Text, []byte(long)), b.Write(fairlead.Text, nil), b.Write(fairlead.Binary, noise), b.Write(fairlead.Text, []byte(long)))
				})
				_ = fairlead.WriteJSON(t.Context(), c, long)
			}()
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Text, RSV: frame.RSV1}, long)
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Text, RSV: tt.short}, short)
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Text}, "{}")
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Binary}, string(noise))
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Binary, RSV: tt.short}, string(noise[:200]))
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Text}, long)
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Text}, long)
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Text, RSV: frame.RSV1}, long)
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Text}, "")
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Binary}, string(noise))
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Text, RSV: frame.RSV1}, long)
			peer.want(t, frame.Header{Fin: true, Opcode: frame.Text, RSV: frame.RSV1}, `"`+long+`"`)
		})
	}
	c, _ := pair(t, withTakeover)
	wantErr(t, c.WriteUncompressed(t.Context(), fairlead.Text, []byte("\xff")))
}

// A frame that asks for compression is refused where there is none, or where it
// cannot be.
func TestWriteFrameRSV1(t *testing.T) {
	text := frame.Header{Fin: true, Opcode: frame.Text, RSV: frame.RSV1}
	plain, _ := pair(t, fairlead.ConnConfig{})
	wantErr(t, plain.WriteFrame(t.Context(), text, nil))
	for name, cfg := range map[string]fairlead.ConnConfig{"takeover": withTakeover, "no takeover": withoutTakeover} {
		t.Run(name, func(t *testing.T) {
			c, server := pair(t, cfg)
			go func() { _, _ = io.Copy(io.Discard, server) }()
			wantErr(t, c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Ping, RSV: frame.RSV1}, nil))
			wantErr(t, c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Text, RSV: frame.RSV1 | frame.RSV2}, nil))
			wantErr(t, c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Continuation, RSV: frame.RSV1}, nil))
			wantErr(t, c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Continuation}, nil), fairlead.ErrMidMessage)
			if err := c.WriteFrame(t.Context(), frame.Header{Opcode: frame.Text, RSV: frame.RSV1}, []byte("a")); err != nil {
				t.Fatal(err)
			}
			long := []byte(strings.Repeat("a", 1000))
			wantErr(t, c.WriteFrame(t.Context(), text, nil), fairlead.ErrMidMessage)
			wantErr(t, c.Write(t.Context(), fairlead.Text, long), fairlead.ErrMidMessage)
			_, err := c.Writer(t.Context(), fairlead.Text).Write(long)
			wantErr(t, err, fairlead.ErrMidMessage)
			wantErr(t, c.Batch(t.Context(), func(b *fairlead.Batch) error { return b.Write(fairlead.Text, long) }), fairlead.ErrMidMessage)
			wantErr(t, c.WriteFrame(t.Context(), frame.Header{Opcode: frame.Continuation, RSV: frame.RSV1}, nil))
			if err := c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Continuation}, nil); err != nil {
				t.Fatal(err)
			}
			if err := c.Write(t.Context(), fairlead.Text, long); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Whatever becomes of single messages, their contexts, their writers: what does
// arrive can be inflated and is whole.
func TestCompressedWriters(t *testing.T) {
	for name, cfg := range map[string]fairlead.ConnConfig{
		"takeover":         withTakeover,
		"no takeover":      withoutTakeover,
		"takeover, 8 bits": {Compression: &handshake.Deflate{ClientMaxWindowBits: 8, ServerMaxWindowBits: 8}},
	} {
		t.Run(name, func(t *testing.T) {
			c, server := pair(t, cfg)
			peer := newPeer(server, cfg)
			var writers sync.WaitGroup
			for i := range 8 {
				writers.Go(func() {
					r := rand.New(rand.NewPCG(uint64(i), 1))
					for j := range 60 {
						ctx, cancel := t.Context(), context.CancelFunc(func() {})
						if r.IntN(3) == 0 {
							ctx, cancel = context.WithTimeout(ctx, time.Duration(r.IntN(300))*time.Microsecond)
						}
						p := []byte(strings.Repeat(fmt.Sprintf("writer %d says %d. ", i, j), 1+r.IntN(60)))
						switch r.IntN(5) {
						case 0:
							w := c.Writer(t.Context(), fairlead.Text)
							_, _ = w.Write(p[:len(p)/2])
							_, _ = w.Write(p[len(p)/2:])
							w.Close()
						case 1:
							_ = c.Batch(ctx, func(b *fairlead.Batch) error {
								if r.IntN(4) == 0 {
									return errors.New("thought better of it")
								}
								return errors.Join(b.Write(fairlead.Text, p), b.Write(fairlead.Text, p))
							})
						case 2:
							_ = c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Text, RSV: frame.RSV1}, p)
						default:
							_ = c.Write(ctx, fairlead.Text, p)
						}
						cancel()
					}
				})
			}
			go func() {
				writers.Wait()
				_ = c.WriteFrame(context.Background(), frame.Header{Fin: true, Opcode: frame.Ping}, nil)
			}()
			messages := 0
			for message := ""; ; {
				h, p, err := peer.next()
				if err != nil {
					// A context may have ended in the middle of a frame.
					if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
						t.Fatalf("after %d messages: %v", messages, err)
					}
					break
				}
				if h.Opcode == frame.Ping {
					break
				}
				message += p
				if !h.Fin {
					continue
				}
				said := message[:strings.Index(message, ". ")+2]
				if message != strings.Repeat(said, len(message)/len(said)) {
					t.Fatalf("message %d is %.60q", messages, message)
				}
				messages++
				message = ""
			}
			if messages == 0 {
				t.Error("nothing came")
			}
			c.CloseNow()
			writers.Wait()
		})
	}
}

// Who waits for the compressor leaves when the context ends, or the connection.
func TestCompressorTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, withTakeover)
		peer := newPeer(server, withTakeover)
		w := c.Writer(t.Context(), fairlead.Text)
		go func() { _, _ = w.Write([]byte("begun")) }()
		peer.want(t, frame.Header{Opcode: frame.Text, RSV: frame.RSV1}, "begun")
		long := []byte(strings.Repeat("waiting ", 50))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		err := c.Write(ctx, fairlead.Text, long)
		wantErr(t, err, context.DeadlineExceeded)
		if errors.Is(err, net.ErrClosed) || time.Since(begin) != time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		done := make(chan error)
		go func() { done <- c.Write(t.Context(), fairlead.Text, long) }()
		synctest.Wait()
		c.CloseNow()
		wantErr(t, <-done, net.ErrClosed)
		wantErr(t, w.Close(), net.ErrClosed)
	})
}

// TestWriteAfterTheEnd: a connection that has ended says so, also while a message
// of WriteFrame's is unfinished.
func TestWriteAfterTheEnd(t *testing.T) {
	c, _ := pair(t, fairlead.ConnConfig{Compression: &handshake.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}})
	if err := c.WriteFrame(t.Context(), frame.Header{Opcode: frame.Text, RSV: frame.RSV1}, []byte("begun")); err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("worth compressing ", 20)
	wantErr(t, c.WriteText(t.Context(), text), fairlead.ErrMidMessage)
	if err := c.CloseNow(); err != nil {
		t.Fatal(err)
	}
	wantErr(t, c.WriteText(t.Context(), text), net.ErrClosed)
}
