package wstest_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstest/conntest"
)

var errFault = errors.New("fault")

func TestPipeConforms(t *testing.T) {
	t.Run("pipe", func(t *testing.T) {
		t.Parallel()
		conntest.TestConn(t, func() (client, server net.Conn, stop func(), err error) {
			client, server = wstest.Pipe()
			return client, server, nil, nil
		})
	})
	t.Run("without faults", func(t *testing.T) {
		t.Parallel()
		conntest.TestConn(t, func() (client, server net.Conn, stop func(), err error) {
			client, server = wstest.PipeSize(100)
			return wstest.Faulty(client), server, nil, nil
		})
	})
}

func TestFaultyRead(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault wstest.Fault
		want  []string // what each Read returns, of "abcdefgh" into 4 bytes
		errs  []error
	}{
		{"none", wstest.Fault{On: wstest.OnRead, Call: 9, Err: errFault}, []string{"abcd", "efgh"}, []error{nil, nil}},
		{"of another kind", wstest.Fault{On: wstest.OnWrite, Err: errFault}, []string{"abcd", "efgh"}, []error{nil, nil}},
		{"error", wstest.Fault{Call: 2, Err: errFault}, []string{"abcd", "", "efgh"}, []error{nil, errFault, nil}},
		{"short", wstest.Fault{Call: 1, Short: 3}, []string{"abc", "defg", "h"}, []error{nil, nil, nil}},
		{"always short", wstest.Fault{Short: 1}, []string{"a", "b", "c"}, []error{nil, nil, nil}},
		{"short, with an error", wstest.Fault{Call: 1, Short: 3, Err: errFault}, []string{"abc", "defg"}, []error{errFault, nil}},
		{"not that short", wstest.Fault{Call: 1, Short: 9}, []string{"abcd"}, []error{nil}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := pipe(t, 0)
			if _, err := b.Write([]byte("abcdefgh")); err != nil {
				t.Fatal(err)
			}
			conn := wstest.Faulty(a, test.fault)
			for i, want := range test.want {
				p := make([]byte, 4)
				if n, err := conn.Read(p); string(p[:n]) != want || !errors.Is(err, test.errs[i]) {
					t.Errorf("Read %d: %q, %v; want %q, %v", i+1, p[:n], err, want, test.errs[i])
				}
			}
			if n := conn.Calls(wstest.OnRead); n != len(test.want) {
				t.Errorf("%d calls, want %d", n, len(test.want))
			}
		})
	}
}

func TestFaultyWrite(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault wstest.Fault
		n     int // of the first Write of "abcdefgh"
		err   error
		wire  string // after a second Write of "z"
	}{
		{"error", wstest.Fault{On: wstest.OnWrite, Call: 1, Err: errFault}, 0, errFault, "z"},
		{"short", wstest.Fault{On: wstest.OnWrite, Call: 1, Short: 3}, 3, io.ErrShortWrite, "abcz"},
		{"short, with an error", wstest.Fault{On: wstest.OnWrite, Short: 3, Err: errFault}, 3, errFault, "abcz"},
		{"not that short", wstest.Fault{On: wstest.OnWrite, Short: 8}, 8, nil, "abcdefghz"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := pipe(t, 0)
			conn := wstest.Faulty(a, test.fault)
			if n, err := conn.Write([]byte("abcdefgh")); n != test.n || !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
				t.Errorf("Write = %d, %v", n, err)
			}
			_, _ = conn.Write([]byte("z"))
			if err := conn.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(b); string(got) != test.wire || err != nil {
				t.Errorf("the peer read %q, %v; want %q", got, err, test.wire)
			}
		})
	}
}

func TestFaultyPassesErrorsOn(t *testing.T) {
	a, _ := pipe(t, 0)
	conn := wstest.Faulty(a, wstest.Fault{On: wstest.OnRead, Short: 1, Err: errFault}, wstest.Fault{On: wstest.OnWrite, Short: 1, Err: errFault})
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 2)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Read: %v", err)
	}
	if _, err := conn.Write(make([]byte, 2)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Write: %v", err)
	}
}

func TestFaultyCloseAndDeadlines(t *testing.T) {
	a, b := pipe(t, 0)
	conn := wstest.Faulty(a, wstest.Fault{On: wstest.OnClose, Err: errFault}, wstest.Fault{On: wstest.OnDeadline, Call: 2, Err: errFault})
	now := time.Now()
	for i, set := range []func(time.Time) error{conn.SetDeadline, conn.SetReadDeadline, conn.SetWriteDeadline} {
		if err := set(now); errors.Is(err, errFault) != (i == 1) {
			t.Errorf("deadline %d: %v", i+1, err)
		}
	}
	if conn.NetConn() != net.Conn(a) || conn.Calls(wstest.OnDeadline) != 3 || conn.Calls(99) != 0 {
		t.Errorf("NetConn %v, %d deadlines", conn.NetConn(), conn.Calls(wstest.OnDeadline))
	}
	for range 2 {
		if err := conn.Close(); !errors.Is(err, errFault) {
			t.Errorf("Close: %v", err)
		}
	}
	if _, err := b.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the peer reads %v after Close", err)
	}
	whole := wstest.Faulty(struct{ net.Conn }{a})
	if err := whole.CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite: %v", err)
	}
}

func TestFaultyDelaysAndCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe(t, 0)
		if _, err := b.Write([]byte("abc")); err != nil {
			t.Fatal(err)
		}
		var done []int
		conn := wstest.Faulty(a,
			wstest.Fault{Call: 2, Delay: time.Minute, Do: func() { done = append(done, 2) }, Short: 1},
			wstest.Fault{Call: 2, Err: errFault}, // comes too late
			wstest.Fault{Call: 3, Delay: time.Hour, Err: errFault},
		)
		start := time.Now()
		for i, want := range []string{"a", "b"} {
			p := make([]byte, 1)
			if n, err := conn.Read(p); string(p[:n]) != want || err != nil {
				t.Errorf("Read %d: %q, %v", i+1, p[:n], err)
			}
		}
		if took := time.Since(start); took != time.Minute || len(done) != 1 {
			t.Errorf("it took %v, and Do was called for %v", took, done)
		}
		go func() {
			time.Sleep(time.Second)
			_ = conn.Close()
		}()
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, errFault) {
			t.Errorf("Read: %v", err)
		}
		if took := time.Since(start); took != time.Minute+time.Second {
			t.Errorf("Close ended the delay after %v", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		a, _ := pipe(t, 0)
		conn := wstest.Faulty(a, wstest.Fault{Call: 1, Do: func() { _ = a.SetReadDeadline(time.Unix(1, 0)) }})
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("cancelled at its first call: %v", err)
		}
	})
}
