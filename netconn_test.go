package fairlead_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestAsNetConnIsAStream(t *testing.T) {
	server := wstest.NewServer()
	defer server.Close()
	c, err := fairlead.Dial(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	stream := c.AsNetConn(fairlead.Binary)
	if stream.RemoteAddr().String() != server.Addr() || stream.LocalAddr() == nil {
		t.Errorf("addresses %v, %v", stream.LocalAddr(), stream.RemoteAddr())
	}
	want := bytes.Repeat([]byte("a stream of messages "), 5000)
	go func() {
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 777)
			if _, err := stream.Write(rest[:n]); err != nil {
				t.Error(err)
				return
			}
			rest = rest[n:]
		}
	}()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(stream, got); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if err := stream.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Read(got); err != io.EOF {
		t.Errorf("Read after Close: %v", err)
	}
	if _, err := stream.Write(got); !errors.Is(err, net.ErrClosed) && err != io.EOF {
		t.Errorf("Write after Close: %v", err)
	}
}

func TestAsNetConnDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		stream := c.AsNetConn(fairlead.Text)
		script := frames(frameOf(frame.Text, false, "half"), frameOf(frame.Continuation, true, " whole"), frameOf(frame.Binary, true, ", next"))
		p := make([]byte, 3)
		var got []byte
		for _, b := range script { // a timeout before every byte of the wire
			stream.SetReadDeadline(time.Now().Add(time.Second))
			n, err := stream.Read(p)
			for ; err == nil; n, err = stream.Read(p) {
				got = append(got, p[:n]...)
			}
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal(err)
			}
			put(t, server, []byte{b})
		}
		put(t, server, closeFrame(t, frame.StatusGoingAway, ""))
		stream.SetReadDeadline(time.Time{})
		rest, err := io.ReadAll(stream)
		if got = append(got, rest...); err != nil || string(got) != "half whole, next" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestAsNetConnMovedDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := pair(t, fairlead.ConnConfig{})
		stream := c.AsNetConn(fairlead.Text)
		begin := time.Now()
		stream.SetDeadline(begin.Add(time.Second))
		time.AfterFunc(time.Second/2, func() { stream.SetReadDeadline(begin.Add(3 * time.Second)) })
		_, err := stream.Read(make([]byte, 1))
		wantErr(t, err, os.ErrDeadlineExceeded)
		if d := time.Since(begin); d != 3*time.Second {
			t.Errorf("ended after %v", d)
		}
		stream.SetWriteDeadline(time.Now())
		_, err = stream.Write([]byte("x"))
		wantErr(t, err, os.ErrDeadlineExceeded)
		stream.SetWriteDeadline(time.Time{})
		if _, err = stream.Write([]byte("x")); err != nil {
			t.Error(err)
		}
	})
}

func TestAsNetConnAbnormalEnd(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	put(t, server, frameOf(frame.Binary, false, "part"))
	server.Close()
	p, err := io.ReadAll(c.AsNetConn(fairlead.Binary))
	if string(p) != "part" || errors.Is(err, io.EOF) {
		t.Errorf("%q", p)
	}
	wantCloseCode(t, err, frame.StatusAbnormal)
}

func TestJSON(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	type point struct{ X, Y int }
	if err := fairlead.WriteJSON(t.Context(), c, point{1, 2}); err != nil {
		t.Fatal(err)
	}
	wantFrame(t, server, frame.Text, true, `{"X":1,"Y":2}`)
	put(t, server, frameOf(frame.Text, true, `{"X":3}`), frameOf(frame.Text, true, `{"X":"no"}`), frameOf(frame.Text, true, `[4]`))
	var got point
	if err := fairlead.ReadJSON(t.Context(), c, &got); err != nil || got != (point{X: 3}) {
		t.Errorf("%v, %v", got, err)
	}
	err := fairlead.ReadJSON(t.Context(), c, &got)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
		t.Errorf("%v", err)
	}
	var list []int
	if err := fairlead.ReadJSON(t.Context(), c, &list); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	if err := fairlead.WriteJSON(t.Context(), c, make(chan int)); err == nil || c.Err() != nil {
		t.Errorf("%v, %v", err, c.Err())
	}
}
