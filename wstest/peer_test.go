package wstest_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func dialPeer(t *testing.T, p *wstest.Peer) *client {
	t.Helper()
	t.Cleanup(p.Close)
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL(), "ws://"))
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, conn)
}

func TestListen(t *testing.T) {
	p := wstest.Listen(
		wstest.Upgrade(),
		wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Ping}, []byte("1")),
		wstest.ExpectFrame(frame.Pong, true, []byte("1")),
	)
	c := dialPeer(t, p)
	if _, err := c.open("/", handshake.Offer{}); err != nil {
		t.Fatal(err)
	}
	c.expect(t, frame.Ping, "1")
	if err := c.send(frame.Pong, true, "1"); err != nil {
		t.Fatal(err)
	}
	if err := p.Err(); err != nil {
		t.Error(err)
	}
	c.expectEOF(t)
	// The peer reads on, so that no reset overtakes the end.
	if err := c.send(frame.Text, true, strings.Repeat("x", 1<<20)); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(p.URL(), "ws://")); err == nil {
		t.Error("there was a second client")
	}
}

func TestListenTellsTheVerdict(t *testing.T) {
	p := wstest.Listen(wstest.Expect([]byte("a")))
	c := dialPeer(t, p)
	if _, err := c.Write([]byte("b")); err != nil {
		t.Fatal(err)
	}
	if err := p.Err(); err == nil || !strings.Contains(err.Error(), "step 1") {
		t.Errorf("verdict %v", err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after a failed script the client reads %v", err)
	}
}

func TestPeerClose(t *testing.T) {
	nobody := wstest.Listen()
	nobody.Close()
	nobody.Close()
	if err := nobody.Err(); err == nil {
		t.Error("a script without a client came true")
	}
	began := make(chan struct{})
	p := wstest.Listen(wstest.Do(func() error { close(began); return nil }), wstest.ExpectEOF())
	c := dialPeer(t, p)
	<-began
	p.Close()
	if err := p.Err(); err == nil {
		t.Error("a script that was cut off came true")
	}
	c.expectEOF(t)
}

func TestReset(t *testing.T) {
	c := dialPeer(t, wstest.Listen(wstest.Expect([]byte("a")), wstest.Reset()))
	if _, err := c.Write([]byte("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client reads %v", err)
	}
}

func TestExpectEOFTakesAReset(t *testing.T) {
	began := make(chan struct{})
	p := wstest.Listen(wstest.Do(func() error { close(began); return nil }), wstest.ExpectEOF())
	c := dialPeer(t, p)
	<-began
	c.Conn.(*net.TCPConn).SetLinger(0)
	c.Close()
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

// Over TLS a reset reaches the connection underneath, and a client that leaves
// without close_notify has left.
func TestPlayOverTLS(t *testing.T) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue("h")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		steps []wstest.Step
		want  error
	}{
		"shut":  {[]wstest.Step{wstest.Expect([]byte("a")), wstest.Shut(), wstest.ExpectEOF()}, io.EOF},
		"reset": {[]wstest.Step{wstest.Expect([]byte("a")), wstest.Reset()}, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := pipe(t, 0)
			verdict := make(chan error)
			go func() {
				verdict <- wstest.Play(tls.Server(b, &tls.Config{Certificates: []tls.Certificate{cert}}), test.steps...)
			}()
			c := newClient(t, tls.Client(a, &tls.Config{RootCAs: ca.Pool(), ServerName: "h"}))
			if _, err := c.Write([]byte("a")); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, test.want) {
				t.Errorf("the client reads %v, want %v", err, test.want)
			}
			a.Close()
			if err := <-verdict; err != nil {
				t.Error(err)
			}
		})
	}
}
