package measure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
)

// job is a row as one contender does it: run does n operations.
type job struct {
	run   func(n int) error
	close func() error
}

// corpus is how many messages of JSON there are: together they are more than the
// window of the compressor, so that none is found whole in it.
const corpus = 64

// newJob makes all that a measurement is not to see: connections, payloads.
func newJob(ctx context.Context, r Row, c client.Contender, a server.Address) (*job, error) {
	o := client.Options{Text: r.text(), Size: r.Size, CheckUTF8: r.Payload == server.Chinese, Deflate: r.Deflate, Lean: r.Kind == Hold}
	base := "ws://" + a.Plain
	if r.TLS {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(a.CA)) {
			return nil, errors.New("the certificate of the server's authority is none")
		}
		base, o.TLS = "wss://"+a.TLS, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS13}
	}
	path := map[Kind]string{Echo: "/echo", Receive: server.StreamURL(r.Payload, r.Size), Send: "/sink", Shared: "/sink", Batch: "/sink", Dial: "/idle", Hold: "/idle"}[r.Kind]
	switch r.Deflate {
	case client.NoTakeover:
		path += "?deflate=no_takeover"
	case client.Takeover:
		path += "?deflate=takeover"
	}
	o.URL = base + path
	if r.Kind == Dial {
		return &job{run: func(n int) error { return dialAndDrop(ctx, c, o, n) }, close: func() error { return nil }}, nil
	}
	conn, err := c.Dial(ctx, o)
	if err != nil {
		return nil, err
	}
	msgs := [][]byte{server.Payload(r.Payload, r.Size)}
	if r.Payload == json {
		msgs = server.JSON(r.Size, corpus)
	}
	j := &job{close: conn.Close}
	switch r.Kind {
	case Receive:
		err = conn.Send([]byte("begin"), 1)
		j.run = func(n int) error { return conn.Receive(r.Size, n) }
	case Send:
		j.run = func(n int) error { return conn.Send(msgs[0], n) }
	case Shared:
		j.run = func(n int) error { return sendShared(conn, c.NeedsLock, msgs[0], n) }
	case Batch:
		j.run = func(n int) error { return conn.Send(msgs[0], n) }
		if b, ok := conn.(client.Batcher); ok {
			j.run = func(n int) error { return b.Batch(msgs[0], n) }
		}
	default:
		j.run = func(n int) error { return conn.Echo(msgs, n) }
	}
	return j, err
}

func dialAndDrop(ctx context.Context, c client.Contender, o client.Options, n int) error {
	for range n {
		conn, err := c.Dial(ctx, o)
		if err != nil {
			return err
		}
		// Only what the socket says of its end would be an error here, and some
		// say that it is gone.
		_ = conn.Close()
	}
	return nil
}

// sendShared sends n messages from Senders goroutines.
func sendShared(conn client.Conn, lock bool, p []byte, n int) error {
	var mu sync.Mutex
	errs := make(chan error, Senders)
	for i := range Senders {
		go func() {
			var err error
			for k := i; k < n && err == nil; k += Senders {
				if lock {
					mu.Lock()
				}
				err = conn.Send(p, 1)
				if lock {
					mu.Unlock()
				}
			}
			errs <- err
		}()
	}
	var err error
	for range Senders {
		err = errors.Join(err, <-errs)
	}
	return err
}

// hold opens n connections, has a goroutine wait for a message on each, and
// returns what they hold.
func hold(ctx context.Context, m *meter, r Row, c client.Contender, a server.Address, n int) (Sample, error) {
	if err := checkFiles(n); err != nil {
		return Sample{}, err
	}
	single := r
	single.Kind = Dial
	var conns []client.Conn
	var waiting sync.WaitGroup
	keep := c
	keep.Dial = func(ctx context.Context, o client.Options) (client.Conn, error) {
		o.Lean = true
		conn, err := c.Dial(ctx, o)
		if err == nil {
			conns = append(conns, conn)
			if _, ok := conn.(client.SelfReader); !ok {
				waiting.Go(func() { _ = conn.Receive(1, 1) })
			}
		}
		return stayOpen{conn}, err
	}
	j, err := newJob(ctx, single, keep, a)
	if err != nil {
		return Sample{}, err
	}
	if err := j.run(1); err != nil { // what the first connection sets up is not the price of one
		return Sample{}, err
	}
	before := settle(n)
	s, err := m.measure(n, func() error { return j.run(n) })
	if err != nil {
		return Sample{}, err
	}
	after := settle(n)
	s.Idle = &Idle{after.Heap - before.Heap, after.Stack - before.Stack, after.RSS - before.RSS, after.Goroutines - before.Goroutines}
	for _, conn := range conns {
		_ = conn.Close()
	}
	waiting.Wait()
	return s, nil
}

// stayOpen is a connection that is not dropped after its dial.
type stayOpen struct{ client.Conn }

func (stayOpen) Close() error { return nil }

// settle lets goroutines reach their read and collects garbage, pools included.
func settle(conns int) Idle {
	time.Sleep(10*time.Millisecond + time.Duration(conns)*20*time.Microsecond)
	for range 3 {
		runtime.GC()
	}
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return Idle{Heap: int64(m.HeapAlloc), Stack: int64(m.StackInuse), RSS: residentBytes(), Goroutines: runtime.NumGoroutine()}
}
