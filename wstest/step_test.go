package wstest_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// play runs the script against a client that writes wire, keeps reading, and
// closes when the script is over, or before if hangup. It returns the verdict
// and what the client read.
func play(t *testing.T, wire []byte, hangup bool, steps ...wstest.Step) (verdict error, got []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, 1<<20)
		if _, err := client.Write(wire); err != nil {
			t.Fatal(err)
		}
		if hangup {
			client.CloseWrite()
		}
		read := make(chan []byte)
		go func() {
			all, _ := io.ReadAll(client)
			read <- all
		}()
		verdict = wstest.Play(server, steps...)
		server.Close()
		got = <-read
	})
	return verdict, got
}

// Scripts that a client keeps.
func TestPlay(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789"), 7000)
	tests := []struct {
		name  string
		wire  []byte // the client's
		steps []wstest.Step
		got   []byte // by the client
	}{
		{"nothing", nil, nil, nil},
		{"bytes", []byte("abcdef"), []wstest.Step{
			wstest.Expect([]byte("ab")), wstest.Send([]byte("12")), wstest.Expect([]byte("cdef")), wstest.Chunks(2, []byte("34567")),
		}, []byte("1234567")},
		{"long", long, []wstest.Step{wstest.Expect(long), wstest.Chunks(0, []byte("12"))}, []byte("12")},
		{"frames", unhex(t, "81 82 01020304 6061"+"01 80 00000000"+"80 81 00000000 78"+"88 80 00000000"+"88 85 00000000 03e8627965"), []wstest.Step{
			wstest.ExpectFrame(frame.Text, true, []byte("ac")),
			wstest.ExpectFrame(frame.Text, false, nil),
			wstest.ExpectFrame(frame.Continuation, true, []byte("x")),
			wstest.ExpectClose(frame.StatusNoStatus),
			wstest.ExpectClose(frame.StatusNormal),
			wstest.ExpectEOF(),
		}, nil},
		{"long frame", frameBytes(frame.Binary, true, long), []wstest.Step{wstest.ExpectFrame(frame.Binary, true, long)}, nil},
		{"frames to the client", nil, []wstest.Step{
			wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Text}, []byte("a")),
			wstest.SendFrame(frame.Header{RSV: 7, Opcode: 0xF, Masked: true, Mask: [4]byte{1, 2, 3, 4}}, []byte{0, 0, 0, 0, 0}),
			wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Binary, Length: 1 << 40}, []byte("b")),
		}, unhex(t, "81 01 61"+"7f 85 01020304 0102030401"+"82 7f 0000010000000000 62")},
		{"repeat", []byte("aaa"), []wstest.Step{wstest.Repeat(3, wstest.Expect([]byte("a")), wstest.Send([]byte("b"))), wstest.Repeat(0, nil)}, []byte("bbb")},
		{"shut", []byte("a"), []wstest.Step{wstest.Send([]byte("1")), wstest.Shut(), wstest.Expect([]byte("a"))}, []byte("1")},
		{"reset", []byte("a"), []wstest.Step{wstest.Expect([]byte("a")), wstest.Reset()}, nil},
		{"upgrade", []byte(goodRequest + "\x81\x80\x00\x00\x00\x00"), []wstest.Step{
			wstest.Upgrade(handshake.Field{Name: "X", Value: "y"}), wstest.ExpectFrame(frame.Text, true, nil),
		}, []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Accept: " + handshake.AcceptKey(goodKey) + "\r\nX: y\r\n\r\n")},
		{"request, answer", []byte(strings.Repeat("GET /p HTTP/1.1\r\nHost: h\r\n\r\n", 2) + "rest"), []wstest.Step{
			wstest.Request(func(r *wstest.HTTPRequest) error {
				if host, _ := r.Get("host"); r.Target != "/p" || host != "h" {
					return errors.New("not what was sent")
				}
				return nil
			}),
			wstest.Answer(func(r *wstest.HTTPRequest) []byte { return []byte(r.Target) }),
			wstest.Expect([]byte("rest")),
		}, []byte("/p")},
		{"pause, do", nil, []wstest.Step{wstest.Pause(time.Hour), wstest.Do(func() error { return nil }), wstest.Send([]byte("1"))}, []byte("1")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			verdict, got := play(t, test.wire, true, test.steps...)
			if verdict != nil {
				t.Error(verdict)
			}
			if !bytes.Equal(got, test.got) {
				t.Errorf("the client read %q, want %q", got, test.got)
			}
		})
	}
}

// Clients that break their script, and what the verdict must tell of them.
func TestPlayFails(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 100)
	wrong := bytes.Clone(long)
	wrong[80] = 8
	abc := wstest.ExpectFrame(frame.Text, true, []byte("abc"))
	bye := wstest.ExpectClose(frame.StatusNormal)
	tests := []struct {
		name   string
		wire   []byte
		hangup bool
		step   wstest.Step
		want   string // in the verdict
		is     error  // in its chain
	}{
		{"bytes differ", []byte("abcdef"), false, wstest.Expect([]byte("abcxef")), "at byte 3: expected 3 bytes 786566, got 3 bytes 646566", nil},
		{"bytes are missing", []byte("abc"), true, wstest.Expect([]byte("abcdef")), "3 bytes came and were right, then: the client closed", io.EOF},
		{"bytes do not come", []byte("abc"), false, wstest.Expect([]byte("abcdef")), "nothing more came within 10s", os.ErrDeadlineExceeded},
		{"no mask", []byte("\x81\x03abc"), false, abc, "without a mask: text fin=true, 3 bytes", nil},
		{"reserved bit", frameWith(frame.Header{Fin: true, RSV: 4, Opcode: frame.Text}, "abc"), false, abc, "reserved bits 100", nil},
		{"length not minimal", unhex(t, "81 fe 0003 00000000 616263"), false, abc, "shortest", frame.ErrLengthNotMinimal},
		{"other opcode", frameBytes(frame.Binary, true, []byte("abc")), false, abc, "ExpectFrame text fin=true, 3 bytes 616263: got binary fin=true, 3 bytes 616263", nil},
		{"not final", frameBytes(frame.Text, false, []byte("abc")), false, abc, "got text fin=false", nil},
		{"other payload", frameBytes(frame.Text, true, []byte("abd")), false, abc, "got text fin=true, 3 bytes 616264", nil},
		{"shorter", frameBytes(frame.Text, true, []byte("ab")), false, abc, "got text fin=true, 2 bytes 6162", nil},
		{"longer", frameBytes(frame.Text, true, long), false, abc, "got text fin=true, 32 bytes " + strings.Repeat("07", 32) + " of 100 bytes", nil},
		{"enormous", unhex(t, "82 ff 7fffffffffffffff 00000000 01"), true, abc, "1 of them before the end", io.ErrUnexpectedEOF},
		{"far into the payload", frameBytes(frame.Text, true, wrong), false, wstest.ExpectFrame(frame.Text, true, long), "differs at byte 80", nil},
		{"frame cut in its header", unhex(t, "81 83 00"), true, abc, "unexpected EOF", io.ErrUnexpectedEOF},
		{"no frame", nil, true, abc, "ExpectFrame text fin=true, 3 bytes 616263: the client closed", io.EOF},
		{"no close", frameBytes(frame.Ping, true, nil), false, bye, "ExpectClose 1000 normal closure: got ping", nil},
		{"no close at all", nil, false, bye, "ExpectClose 1000 normal closure: nothing more came", os.ErrDeadlineExceeded},
		{"close not final", frameBytes(frame.Close, false, nil), false, bye, "fin=false", nil},
		{"close too long", frameBytes(frame.Close, true, make([]byte, 126)), false, bye, "126 bytes", nil},
		{"other close code", frameBytes(frame.Close, true, []byte("\x03\xea\x1b")), false, bye, `got a Close with 1002 protocol error, reason "\x1b"`, nil},
		{"empty close", frameBytes(frame.Close, true, nil), false, bye, "got a Close with 1005", nil},
		{"bad close", frameBytes(frame.Close, true, []byte("\x03\xed")), false, bye, "not valid, 2 bytes 03ed", frame.ErrCloseCode},
		{"no end", []byte("abc"), false, wstest.ExpectEOF(), "ExpectEOF: got 3 bytes 616263", nil},
		{"no end in time", nil, false, wstest.ExpectEOF(), "nothing more came", os.ErrDeadlineExceeded},
		{"no request", []byte("\x00\r\n\r\n"), false, wstest.Upgrade(), "expected the head of a request", nil},
		{"no request at all", nil, false, wstest.Answer(func(*wstest.HTTPRequest) []byte { return nil }), "nothing more came", os.ErrDeadlineExceeded},
		{"no opening request", []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), false, wstest.Upgrade(), "Sec-WebSocket-Key", nil},
		{"check", []byte(goodRequest), false, wstest.Request(func(*wstest.HTTPRequest) error { return io.ErrNoProgress }), "Request", io.ErrNoProgress},
		{"request cut off", []byte("GET / HTTP/1.1\r\n"), true, wstest.Request(func(*wstest.HTTPRequest) error { return nil }), "expected the head of a request", io.ErrUnexpectedEOF},
		{"do", nil, false, wstest.Do(func() error { return io.ErrNoProgress }), "Do", io.ErrNoProgress},
		{"wait", nil, false, wstest.Wait(nil), "within 10s", nil},
		{"repeat", []byte("aab"), false, wstest.Repeat(3, wstest.Expect([]byte("a"))), "round 3: step 1, Expect 1 bytes 61: at byte 0", nil},
		{"nil step", nil, false, nil, "step 2 is nil", nil},
		{"nil check", nil, false, wstest.Request(nil), "nil function", nil},
		{"nil answer", nil, false, wstest.Answer(nil), "nil function", nil},
		{"nil do", nil, false, wstest.Do(nil), "nil function", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			verdict, _ := play(t, test.wire, test.hangup, wstest.Send(nil), test.step)
			if verdict == nil {
				t.Fatal("the script came true")
			}
			if !strings.HasPrefix(verdict.Error(), "wstest: step 2") || !strings.Contains(verdict.Error(), test.want) {
				t.Errorf("verdict %q, want %q in it", verdict, test.want)
			}
			if test.is != nil && !errors.Is(verdict, test.is) {
				t.Errorf("verdict %q does not match %q", verdict, test.is)
			}
		})
	}
}

func frameWith(h frame.Header, payload string) []byte {
	h.Masked = true
	h.Length = int64(len(payload))
	return append(frame.AppendHeader(nil, h), payload...)
}

func TestPlayNeedsAConnection(t *testing.T) {
	if err := wstest.Play(nil); err == nil {
		t.Error("no error")
	}
}

// A client that does not read ends a step that sends, too.
func TestPlayBoundsSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, server := pipe(t, 3)
		started := time.Now()
		err := wstest.Play(server, wstest.Chunks(2, []byte("abcdef")))
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(started) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(started), err)
		}
		if _, err := server.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the connection of a failed script gives %v", err)
		}
	})
}

func TestPlayLeavesTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, 0)
		if err := wstest.Play(server, wstest.Send([]byte("a"))); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Hour)
			client.Write([]byte("b"))
		}()
		if n, err := server.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("after the script: %d, %v", n, err)
		}
	})
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, 0)
		go1, reached := make(chan struct{}), make(chan struct{})
		verdict := make(chan error)
		go func() {
			verdict <- wstest.Play(server,
				wstest.Do(func() error { close(reached); return nil }),
				wstest.Wait(go1),
				wstest.Send([]byte("a")))
		}()
		<-reached
		client.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("before the signal: %v", err)
		}
		close(go1)
		if err := <-verdict; err != nil {
			t.Error(err)
		}
	})
}

// A connection that cannot close one direction is shut as a whole.
func TestShutWithoutHalfClose(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	if err := wstest.Play(server, wstest.Shut()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the client reads %v", err)
	}
	client2, server2 := net.Pipe()
	defer client2.Close()
	if err := wstest.Play(server2, wstest.Reset()); err != nil {
		t.Fatal(err)
	}
}
