package conntest

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead/wstest"
)

func TestPipePasses(t *testing.T) {
	TestConn(t, func() (client, server net.Conn, stop func(), err error) {
		client, server = wstest.Pipe()
		return client, server, nil, nil
	})
}

func TestNoConnection(t *testing.T) {
	errNo := errors.New("no")
	for _, c := range checks {
		if err := c.on(func() (client, server net.Conn, stop func(), err error) { return nil, nil, nil, errNo }); !errors.Is(err, errNo) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestBrokenConns: each has one fault, and the checks that must find it do, by
// saying so.
func TestBrokenConns(t *testing.T) {
	for _, test := range []struct {
		name  string
		wrap  func(*wstest.PipeConn) net.Conn
		fails string // names of checks that must fail; none: all must pass
		say   string // in the error of the first of them
	}{
		{"nothing", func(c *wstest.PipeConn) net.Conn { return c }, "", ""},
		{"no half close", func(c *wstest.PipeConn) net.Conn { return struct{ net.Conn }{c} }, "", ""},
		{"half close unsupported", func(c *wstest.PipeConn) net.Conn { return halfConn{c, func() error { return errors.ErrUnsupported }} }, "", ""},
		{"half close that does nothing", func(c *wstest.PipeConn) net.Conn { return halfConn{c, func() error { return nil }} }, "HalfClose", "has not returned"},
		{"half close that fails", func(c *wstest.PipeConn) net.Conn { return halfConn{c, func() error { return errFault }} }, "HalfClose", "CloseWrite: fault"},
		{"half close that closes", func(c *wstest.PipeConn) net.Conn { return halfConn{c, c.Close} }, "HalfClose", "after CloseWrite"},
		{"nil address", func(c *wstest.PipeConn) net.Conn { return nilAddr{c} }, "Addresses", "is nil"},
		{"address without a network", func(c *wstest.PipeConn) net.Conn { return emptyAddr{c} }, "Addresses", "no network"},
		{"read deadlines ignored", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setRead: func(time.Time) error { return nil }}
		}, "ReadDeadlineFuture ReadDeadlineMoved ReadDeadlinePast BuffersAreFree", "has not returned"},
		{"read deadlines refused", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setRead: func(time.Time) error { return errFault }}
		}, "ReadDeadlinePast ReadDeadlineFuture ReadDeadlineRemoved ReadDeadlineMoved ReadsResume ReadsAreCancelled BuffersAreFree", "fault"},
		{"read deadlines are never removed", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setRead: func(d time.Time) error {
				if d.IsZero() {
					return nil
				}
				return c.SetReadDeadline(d)
			}}
		}, "ReadDeadlineRemoved ReadDeadlineFuture ReadDeadlineMoved", "does not block"},
		{"read deadlines in the past ignored", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setRead: func(d time.Time) error {
				if time.Until(d) <= 0 && !d.IsZero() {
					return nil
				}
				return c.SetReadDeadline(d)
			}}
		}, "ReadDeadlineMoved", "has not returned"},
		{"read deadlines come early", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setRead: func(d time.Time) error {
				if !d.IsZero() {
					d = d.Add(-moment / 2)
				}
				return c.SetReadDeadline(d)
			}}
		}, "ReadDeadlineFuture", "came after"},
		{"read deadlines come late", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setRead: func(d time.Time) error {
				if !d.IsZero() {
					d = d.Add(3 * time.Second)
				}
				return c.SetReadDeadline(d)
			}}
		}, "ReadDeadlineFuture ReadDeadlineMoved", "was noticed after"},
		{"read deadlines end writes", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setRead: c.SetDeadline}
		}, "ReadDeadlinePast", "after a read deadline"},
		{
			"a timeout is the end of reading", func(c *wstest.PipeConn) net.Conn { return &sticky{Conn: c} },
			"ReadDeadlinePast ReadDeadlineFuture ReadDeadlineMoved ReadsResume", "after the read deadline was removed",
		},
		{"a timeout loses what comes next", func(c *wstest.PipeConn) net.Conn { return &forgetful{Conn: c} }, "ReadsResume", ""},
		{"a timeout leaves a read behind", func(c *wstest.PipeConn) net.Conn { return newNaive(c) }, "BuffersAreFree", ""},
		{"timeouts are errors of its own", onRead(func(n int, err error) (int, error) {
			if errors.Is(err, timeout) {
				return n, errors.New("i/o timeout")
			}
			return n, err
		}), "ReadDeadlinePast ReadDeadlineFuture ReadDeadlineMoved", "does not match os.ErrDeadlineExceeded"},
		{"timeouts are no net.Error", onRead(func(n int, err error) (int, error) {
			if errors.Is(err, timeout) {
				return n, isTimeout{}
			}
			return n, err
		}), "ReadDeadlinePast ReadDeadlineFuture", "no true Timeout"},
		{"timeouts are not Temporary", onRead(func(n int, err error) (int, error) {
			if errors.Is(err, timeout) {
				return n, finalTimeout{}
			}
			return n, err
		}), "ReadDeadlinePast ReadDeadlineFuture", "not Temporary"},
		{"a timeout beside bytes", onRead(func(n int, err error) (int, error) {
			if errors.Is(err, timeout) {
				return 1, err
			}
			return n, err
		}), "ReadDeadlinePast", "1 bytes beside"},
		{"a closed connection reads EOF", onRead(func(n int, err error) (int, error) {
			if errors.Is(err, net.ErrClosed) {
				return n, io.EOF
			}
			return n, err
		}), "CloseEndsReads Closed", "does not match net.ErrClosed"},
		{"EOF is wrapped", onRead(func(n int, err error) (int, error) {
			if err == io.EOF {
				return n, &net.OpError{Op: "read", Err: err}
			}
			return n, err
		}), "PeerCloses", "want io.EOF itself"},
		{"bytes change", func(c *wstest.PipeConn) net.Conn { return &changing{Conn: c} }, "BothDirections BuffersAreFree", "changed"},
		{"too high a count", onRead(func(n int, err error) (int, error) { return n + 1, err }), "BothDirections", ""},
		{"reading nothing fails", onRead(func(n int, err error) (int, error) {
			if n == 0 && err == nil {
				return 0, io.ErrNoProgress
			}
			return n, err
		}), "Nothing", "empty slice"},
		{"write deadlines ignored", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setWrite: func(time.Time) error { return nil }}
		}, "WriteDeadlinePast WriteDeadlineFuture WriteDeadlineMoved", "no error after the deadline"},
		{"write deadlines refused", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setWrite: func(time.Time) error { return errFault }}
		}, "WriteDeadlinePast WriteDeadlineFuture WriteDeadlineRemoved WriteDeadlineMoved", "fault"},
		{"write deadlines are never removed", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setWrite: func(d time.Time) error {
				if d.IsZero() {
					return nil
				}
				return c.SetWriteDeadline(d)
			}}
		}, "WriteDeadlineRemoved", ""},
		{"write deadlines end reads", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, setWrite: c.SetDeadline}
		}, "WriteDeadlinePast WriteDeadlineFuture WriteDeadlineMoved", "after a write deadline"},
		{"a write timeout counts everything", onWrite(func(p []byte, n int, err error) (int, error) {
			if err != nil {
				return len(p), err
			}
			return n, err
		}), "WriteDeadlinePast WriteDeadlineFuture WriteDeadlineMoved", "count"},
		{"write timeouts are errors of its own", onWrite(func(_ []byte, n int, err error) (int, error) {
			if errors.Is(err, timeout) {
				err = errors.New("i/o timeout")
			}
			return n, err
		}), "WriteDeadlinePast WriteDeadlineFuture WriteDeadlineMoved", "does not match os.ErrDeadlineExceeded"},
		{"a write says less than it did", onWrite(func(_ []byte, n int, err error) (int, error) { return n / 2, err }), "BothDirections", "returned"},
		{"writes return before they are done", func(c *wstest.PipeConn) net.Conn { return &hasty{Conn: c} }, "BuffersAreFree", "overwritten"},
		{"writes to nowhere", func(c *wstest.PipeConn) net.Conn { return nowhere{c} }, "WriteDeadlineFuture CloseEndsWrites PeerCloses", ""},
		{"writes to a closed peer time out", onWrite(func(_ []byte, n int, err error) (int, error) {
			if errors.Is(err, io.ErrClosedPipe) {
				err = timeout
			}
			return n, err
		}), "PeerCloses", "says something else"},
		{"writing nothing fails", onWrite(func(p []byte, n int, err error) (int, error) {
			if len(p) == 0 {
				err = io.ErrShortWrite
			}
			return n, err
		}), "Nothing", "empty slice"},
		{"Close does nothing", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, close: func() error { return nil }}
		}, "CloseEndsReads CloseEndsWrites Closed", "after Close: Read has not returned"},
		{"Close blocks", func(c *wstest.PipeConn) net.Conn {
			return &faulty{Conn: c, close: func() error { _, err := c.Read(make([]byte, 1)); return err }}
		}, "CloseEndsReads Addresses", "Close has not returned"},
		{"a second Close fails", func(c *wstest.PipeConn) net.Conn {
			n := 0
			return &faulty{Conn: c, close: func() error {
				if n++; n > 1 {
					return errFault
				}
				return c.Close()
			}}
		}, "Closed", "second Close"},
	} {
		t.Run(test.name, func(t *testing.T) {
			must := strings.Fields(test.fails)
			for _, name := range must {
				if !slices.ContainsFunc(checks, func(c check) bool { return c.name == name }) {
					t.Errorf("there is no check %s", name)
				}
			}
			for _, c := range checks {
				i := slices.Index(must, c.name)
				if i < 0 && len(must) > 0 {
					continue
				}
				synctest.Test(t, func(t *testing.T) {
					err := c.on(func() (client, server net.Conn, stop func(), err error) {
						a, b := wstest.Pipe()
						return test.wrap(a.(*wstest.PipeConn)), b, func() { a.Close(); b.Close() }, nil
					})
					time.Sleep(time.Minute) // for what is still asleep
					switch {
					case i >= 0 && err == nil:
						t.Errorf("%s finds nothing", c.name)
					case i == 0 && !strings.Contains(err.Error(), test.say):
						t.Errorf("%s: %v, want it to say %q", c.name, err, test.say)
					case i < 0 && err != nil:
						t.Errorf("%s: %v", c.name, err)
					}
				})
			}
		})
	}
}
