package fairlead_test

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// tcpPair is a Conn on a real socket.
func tcpPair(t testing.TB, cfg fairlead.ConnConfig) (*fairlead.Conn, *net.TCPConn) {
	t.Helper()
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := listener.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	c := fairlead.NewConn(client, cfg)
	t.Cleanup(func() {
		c.CloseNow()
		server.Close()
	})
	return c, server
}

// becomesReadable waits until the kernel has brought the bytes over.
func becomesReadable(t testing.TB, c *fairlead.Conn) {
	t.Helper()
	for begin := time.Now(); !c.Readable(); time.Sleep(50 * time.Microsecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatal("never became readable")
		}
	}
}

func TestReadable(t *testing.T) {
	for name, pair := range map[string]func(testing.TB) (*fairlead.Conn, net.Conn){
		"socket": func(t testing.TB) (*fairlead.Conn, net.Conn) { return tcpPair(t, fairlead.ConnConfig{}) },
		"pipe":   func(t testing.TB) (*fairlead.Conn, net.Conn) { return pair(t, fairlead.ConnConfig{}) },
	} {
		t.Run(name, func(t *testing.T) {
			c, server := pair(t)
			if c.Readable() {
				t.Fatal("readable before anything came")
			}
			put(t, server, []byte{0x81})
			becomesReadable(t, c)
			put(t, server, []byte{1, 'a'}, frameOf(frame.Text, true, "b"))
			wantMessage(t, c, fairlead.Text, "a")
			becomesReadable(t, c)
			wantMessage(t, c, fairlead.Text, "b")
			if c.Readable() {
				t.Error("readable after everything was read")
			}
			server.Close()
			becomesReadable(t, c)
			_, _, err := c.Read(t.Context())
			wantCloseCode(t, err, frame.StatusAbnormal)
			if !c.Readable() {
				t.Error("the error is not readable")
			}
		})
	}
}

func TestReadableAfterATimeoutAndAfterTheEnd(t *testing.T) {
	c, server := tcpPair(t, fairlead.ConnConfig{IdleTimeout: time.Millisecond})
	_, _, err := c.Read(t.Context())
	wantErr(t, err, fairlead.ErrIdleTimeout)
	if c.Readable() {
		t.Error("readable because of an old deadline")
	}
	put(t, server, frameOf(frame.Text, true, "a"))
	becomesReadable(t, c)
	c.CloseNow()
	if !c.Readable() {
		t.Error("the end is not readable")
	}
}

func TestReadableWhileAnotherReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		done := make(chan error, 1)
		go func() { _, _, err := c.Read(t.Context()); done <- err }()
		synctest.Wait()
		if c.Readable() {
			t.Error("readable while another call reads")
		}
		put(t, server, frameOf(frame.Text, true, "a"))
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
