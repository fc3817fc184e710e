package adapter

import (
	"context"

	"github.com/lxzan/gws"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// gwsBasic is written as the client example of the library: an event handler, and
// ReadLoop in a goroutine. An echo is answered in the handler.
var gwsBasic = client.Contender{Library: "gws", Form: client.Newcomer, Dial: dialGWS, ChecksUTF8: true, Deflates: true, TakesOver: true}

// gwsJob is what the handler does with the messages that come.
type gwsJob struct {
	msgs [][]byte // what is echoed; nil to receive only
	size int
	n    int
}

type gwsConn struct {
	gws.BuiltinEventHandler
	*gws.Conn
	op   gws.Opcode
	jobs chan gwsJob
	done chan error
	job  gwsJob // belongs to the goroutine of ReadLoop, as i does
	i    int
}

func dialGWS(_ context.Context, o client.Options) (client.Conn, error) {
	return openGWS(o, &gws.ClientOption{})
}

func openGWS(o client.Options, opt *gws.ClientOption) (client.Conn, error) {
	opt.Addr, opt.TlsConfig, opt.CheckUtf8Enabled = o.URL, o.TLS, o.CheckUTF8
	if o.Deflate != client.NoDeflate {
		takeover := o.Deflate == client.Takeover
		opt.PermessageDeflate = gws.PermessageDeflate{Enabled: true, ServerContextTakeover: takeover, ClientContextTakeover: takeover}
	}
	c := &gwsConn{op: gws.OpcodeBinary, jobs: make(chan gwsJob, 1), done: make(chan error, 1)}
	if o.Text {
		c.op = gws.OpcodeText
	}
	var err error
	if c.Conn, _, err = gws.NewClient(c, opt); err != nil {
		return nil, err
	}
	go c.ReadLoop()
	return c, nil
}

func (c *gwsConn) OnMessage(_ *gws.Conn, m *gws.Message) {
	if c.i == c.job.n {
		c.job, c.i = <-c.jobs, 0 // what comes unasked waits for its row
	}
	if c.job.n < 0 {
		return // Close
	}
	want := c.job.size
	if c.job.msgs != nil {
		want = len(c.job.msgs[c.i%len(c.job.msgs)])
	}
	err := sized(m.Data.Len(), want)
	_ = m.Close()
	c.i++
	if err == nil && c.i < c.job.n && c.job.msgs != nil {
		err = c.WriteMessage(c.op, c.job.msgs[c.i%len(c.job.msgs)])
	}
	if err != nil || c.i == c.job.n {
		c.done <- err
	}
}

// OnClose ends a job that waits, and one that comes: the buffer of done holds it.
func (c *gwsConn) OnClose(_ *gws.Conn, err error) {
	select {
	case c.done <- err:
	default:
	}
}

func (c *gwsConn) Echo(msgs [][]byte, n int) error {
	c.jobs <- gwsJob{msgs: msgs, n: n}
	if err := c.WriteMessage(c.op, msgs[0]); err != nil {
		return err
	}
	return <-c.done
}
