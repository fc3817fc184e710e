package fairlead_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstest/conformance"
)

// TestConformanceCompressed runs sections 12 and 13, the 216 cases with
// permessage-deflate, against echo clients of each verb that offer each kind of
// compression. The cases are cut to 128 KiB of messages each, to a quarter of that
// with -short. Under the race detector the clients share the cases out.
func TestConformanceCompressed(t *testing.T) {
	size := 128 << 10
	if testing.Short() {
		size /= 4
	}
	cases := conformance.Compressed(size)
	for i, offer := range []struct {
		name string
		d    handshake.Deflate
	}{
		{"takeover", handshake.Deflate{ClientMaxWindowBits: 15}},
		{"no takeover", handshake.Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ClientMaxWindowBits: 15}},
	} {
		for j, client := range echoClients {
			t.Run(offer.name+"/"+client.name, func(t *testing.T) {
				t.Parallel()
				score := newTally()
				for k, c := range cases {
					if raceDetector && k%(2*len(echoClients)) != i*len(echoClients)+j {
						continue
					}
					offered := handshake.Offer{Extensions: []handshake.Extension{offer.d.Offer()}}
					answer, c, ok := c.Answer(offered.Extensions)
					if !ok {
						t.Fatalf("%v: %s", c, conformance.Unimplemented)
					}
					agreed, err := handshake.AgreedDeflate(offered, handshake.Agreement{Extensions: []handshake.Extension{answer}})
					if err != nil {
						t.Fatal(err)
					}
					synctest.Test(t, func(t *testing.T) {
						conn, server := wstest.Pipe()
						var running sync.WaitGroup
						running.Go(func() {
							wsc := fairlead.NewConn(conn, fairlead.ConnConfig{Policy: client.policy, Compression: agreed})
							checkEnd(t, c, client.echo(t.Context(), wsc))
							client.end(wsc)
						})
						score.add(t, c, c.Run(server))
						running.Wait()
					})
				}
				score.log(t)
			})
		}
	}
}
