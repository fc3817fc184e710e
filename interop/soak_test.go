package interop_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

const (
	soakConns = 100
	shortSoak = 5 * time.Second
	// soakPause is the longest pause between two messages of one connection; half
	// of it is usual.
	soakPause = 100 * time.Millisecond
)

// A soakWay is one of the ways that the connections of the soak take.
type soakWay struct {
	name, url   string
	layer       route.Layer // nil: straight
	compression fairlead.Compression
}

func soakWays(t *testing.T) []soakWay {
	b, w, sq, sh := backend.get(t), atWork.get(t), squid.get(t), sshBastion.get(t)
	ws, wss := b.url("ws", "127.0.0.1"), b.url("wss", "127.0.0.1")
	ssh := sshroute.Hop(sh.at("port"), sh.byKey(t))
	return []soakWay{
		{name: "ws", url: ws},
		{name: "wss", url: wss},
		{name: "compressed", url: ws, compression: fairlead.CompressionTakeover},
		{name: "compressed, TLS", url: wss, compression: fairlead.CompressionNoTakeover},
		{name: "proxy", url: ws, layer: route.HTTPProxy(sq.at("open"), nil)},
		{name: "proxy, TLS in TLS", url: wss, layer: route.HTTPProxy(sq.at("tls"), &route.HTTPProxyOptions{TLS: w.tls()})},
		{name: "SSH", url: ws, layer: ssh},
		{name: "SSH, TLS, compressed", url: wss, layer: ssh, compression: fairlead.CompressionTakeover},
	}
}

// TestSoak keeps 100 connections busy for SOAK, a duration: over TCP, TLS, with
// compression, through Squid and through sshd. Once a second one of them is cut,
// and dials again. Each message is checked. At the end everything that was taken
// is back: goroutines, descriptors, memory.
func TestSoak(t *testing.T) {
	lasting := shortSoak
	if text := os.Getenv("SOAK"); text != "" {
		var err error
		if lasting, err = time.ParseDuration(text); err != nil {
			t.Fatalf("SOAK: %v", err)
		}
	}
	ways := soakWays(t)
	k := &soak{dialling: make(chan struct{}, 8), roots: atWork.get(t).ca.Pool()}
	for i, way := range ways { // pools, sessions of TLS and the like
		k.warm(t, i, way)
	}
	before := takeStock(t)

	ctx, cancel := context.WithTimeout(t.Context(), lasting+2*time.Minute)
	defer cancel()
	stop := make(chan struct{})
	var running sync.WaitGroup
	for i := range soakConns {
		running.Go(func() {
			if err := k.keepBusy(ctx, i, ways[i%len(ways)], stop); err != nil {
				t.Errorf("connection %d (%s): %v", i, ways[i%len(ways)].name, err)
			}
		})
	}
	running.Go(func() { k.cutEachSecond(stop) })
	time.AfterFunc(lasting, func() { close(stop) })
	running.Wait()

	after := before.await(t)
	t.Logf("%d messages (%d bytes) there and back, %d cuts, %d connections", k.messages.Load(), k.bytes.Load(), k.cuts.Load(), k.dials.Load())
	fmt.Printf("soak: %v, %d connections, %d messages checked, %d cuts; goroutines %d -> %d, descriptors %d -> %d, heap %d KiB -> %d KiB\n",
		lasting, soakConns, k.messages.Load(), k.cuts.Load(),
		before.goroutines, after.goroutines, before.descriptors, after.descriptors, before.heap>>10, after.heap>>10)
	if seconds := int64(lasting / time.Second); k.cuts.Load() < seconds*8/10 {
		t.Errorf("%d cuts in %v", k.cuts.Load(), lasting)
	}
}

// soak is what all connections share.
type soak struct {
	roots                        *x509.CertPool
	dialling                     chan struct{} // a token for each dial under way
	messages, bytes, cuts, dials atomic.Int64

	mu     sync.Mutex
	relays []*cuttable // of sessions that are open
}

// cutEachSecond cuts one of the open connections each second, in one of the ways
// in which networks do that.
func (k *soak) cutEachSecond(stop <-chan struct{}) {
	each := time.NewTicker(time.Second)
	defer each.Stop()
	for {
		select {
		case <-stop:
			return
		case <-each.C:
		}
		k.mu.Lock()
		if n := len(k.relays); n > 0 {
			k.relays[rand.IntN(n)].cut(rand.IntN(3) > 0)
			k.cuts.Add(1)
		}
		k.mu.Unlock()
	}
}

func (k *soak) warm(t *testing.T, i int, way soakWay) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stop := make(chan struct{})
	time.AfterFunc(soakPause, func() { close(stop) })
	if err := k.keepBusy(ctx, i, way, stop); err != nil {
		t.Fatalf("%s: %v", way.name, err)
	}
}

// dial opens a connection, at most a few at a time.
func (k *soak) dial(ctx context.Context, way soakWay) (*fairlead.Conn, *cuttable, error) {
	k.dialling <- struct{}{}
	defer func() { <-k.dialling }()
	var relay *cuttable
	bottom := route.DialerFunc(func(ctx context.Context, network, addr string) (nc net.Conn, err error) {
		nc, relay, err = dialCuttable(ctx, network, addr)
		return nc, err
	})
	d := fairlead.Dialer{Route: bottom, Compression: way.compression, TLS: &tls.Config{RootCAs: k.roots}}
	if way.layer != nil {
		d.Route = way.layer(bottom)
	}
	c, err := d.Dial(ctx, way.url)
	if err == nil {
		k.dials.Add(1)
	}
	return c, relay, err
}
