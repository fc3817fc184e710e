package load

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

func serve(t *testing.T, opts wstest.Options) string {
	t.Helper()
	s, err := wstest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.URL()
}

func run(t *testing.T, o Options) *Result {
	t.Helper()
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRateAndPercentiles compares the report with a recording of the same run.
func TestRateAndPercentiles(t *testing.T) {
	var recording bytes.Buffer
	const rate = 1500
	r := run(t, Options{
		URL: serve(t, wstest.Options{Chaos: wstest.Chaos{Delay: 3 * time.Millisecond}}), Connections: 40, Rate: rate,
		Warmup: 200 * time.Millisecond, Duration: 2 * time.Second, Latencies: &recording,
	})
	if m := r.Messages; m.Sent != 2*rate || m.Answered != 2*rate || m.Missing != 0 || m.Unsent != 0 {
		t.Errorf("messages %+v, want %d sent and answered", m, 2*rate)
	}
	// A machine that is late with the last message has a longer run.
	late := float64(r.Histograms["lag"].Max) / float64(r.Measured)
	if math.Abs(r.Rate.Achieved/rate-1) > 0.01+late {
		t.Errorf("rate %.2f, want %d within 1 %% and %.1f %% for the load of this machine", r.Rate.Achieved, rate, 100*late)
	}
	var latencies []int64
	for line := range bytes.Lines(recording.Bytes()) {
		var due, sent, came, connection int64
		if n, err := fmt.Sscan(string(line), &due, &sent, &came, &connection); n != 4 || err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if due > sent || sent >= came || connection < 0 || connection >= 40 {
			t.Errorf("line %q", line)
		}
		latencies = append(latencies, came-due)
	}
	if len(latencies) != 2*rate {
		t.Fatalf("%d lines", len(latencies))
	}
	slices.Sort(latencies)
	for _, p := range percentiles {
		want := latencies[max(int(p/100*float64(len(latencies))+0.5), 1)-1]
		got := r.Histograms["message"].Percentiles[percentileName(p)]
		if math.Abs(float64(got)/float64(want)-1) > 0.01 {
			t.Errorf("p%g is %d in the report and %d in the recording", p, got, want)
		}
	}
	h, err := hdrhistogram.Decode([]byte(r.Histograms["message"].HDR))
	if err != nil || h.TotalCount() != 2*rate || h.ValueAtQuantile(99) != r.Histograms["message"].Percentiles["p99"] {
		t.Errorf("the HdrHistogram does not say the same: %v", err)
	}
}

// TestStall blocks one write for 400 ms: 40 % of the messages of a second are
// late for it, while only one was under way.
func TestStall(t *testing.T) {
	stall := route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := route.TCP{}.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return wstest.Faulty(conn, wstest.Fault{On: wstest.OnWrite, Call: 20, Delay: 400 * time.Millisecond}), nil
	})
	r := run(t, Options{
		Dialer: &fairlead.Dialer{Route: stall}, URL: serve(t, wstest.Options{}),
		Connections: 1, Rate: 200, Duration: time.Second,
	})
	late := func(name string) (n int64) {
		for _, b := range r.Histograms[name].all.Distribution() {
			if b.From > int64(100*time.Millisecond) {
				n += b.Count
			}
		}
		return n
	}
	// Of 80 messages that were due meanwhile, those of the first 300 ms.
	if n := late("message"); n < 50 {
		t.Errorf("%d messages came 100 ms late or more, want some 60: stalls are hidden", n)
	}
	if corrected, service := late("message"), late("service"); service >= corrected {
		t.Errorf("late are %d from the time they were due and %d from the time they were sent", corrected, service)
	}
	if n := late("lag"); n < 50 {
		t.Errorf("%d messages were sent late, want some 60", n)
	}
}

func TestWaysToKnowAnAnswer(t *testing.T) {
	for name, o := range map[string]Options{
		"stamp":          {},
		"stamp in JSON":  {Data: []byte(`{"id":"{stamp}","op":"echo"}`)},
		"exactly":        {Size: StampBytes, Binary: true},
		"in order":       {Size: StampBytes - 1},
		"in order, data": {Data: []byte("hello"), Binary: true},
		"large":          {Size: 200_000},
	} {
		t.Run(name, func(t *testing.T) {
			o.URL, o.Connections, o.Rate, o.Messages = serve(t, wstest.Options{}), 3, 300, 30
			r := run(t, o)
			if m := r.Messages; m.Sent != 30 || m.Answered != 30 || m.Foreign != 0 {
				t.Errorf("messages %+v", m)
			}
			if want := int64(30 * r.Messages.Size); r.Bytes.PayloadReceived != want || r.Bytes.PayloadSent != want {
				t.Errorf("bytes %+v, want %d of payload", r.Bytes, want)
			}
			if h := r.Histograms["message"]; h == nil || h.Count != 30 {
				t.Errorf("histogram %+v", h)
			}
		})
	}
}

func TestClosedLoop(t *testing.T) {
	url := serve(t, wstest.Options{})
	r := run(t, Options{URL: url, Connections: 4, Closed: true, Messages: 400})
	if m := r.Messages; m.Sent != 400 || m.Answered != 400 || r.Loop != "closed" || r.Rate.Wanted != 0 {
		t.Errorf("%s loop, messages %+v, rate %+v", r.Loop, m, r.Rate)
	}
	r = run(t, Options{URL: url, Connections: 2, Closed: true, Duration: 200 * time.Millisecond})
	if m := r.Messages; m.Sent < 2 || m.Sent != m.Answered {
		t.Errorf("messages %+v", m)
	}
}

func TestIdleAndPings(t *testing.T) {
	r := run(t, Options{URL: serve(t, wstest.Options{}), Connections: 5, Idle: true, Duration: 500 * time.Millisecond, Ping: 100 * time.Millisecond})
	if r.Messages.Sent != 0 || r.Loop != "idle" {
		t.Errorf("%s loop, messages %+v", r.Loop, r.Messages)
	}
	// 5 rounds of 5; a loaded machine may leave pings out that would meet.
	if n := r.Messages.Pongs; n < 10 || n > 25 || r.Histograms["ping"].Count != n {
		t.Errorf("%d pongs", n)
	}
}

func TestCompression(t *testing.T) {
	url := serve(t, wstest.Options{Deflate: &handshake.Deflate{}})
	r := run(t, Options{Dialer: &fairlead.Dialer{Compression: fairlead.CompressionNoTakeover}, URL: url, Connections: 1, Rate: 500, Messages: 50, Size: 4096})
	if b := r.Bytes; b.WireSent*4 > b.PayloadSent || b.WireReceived*4 > b.PayloadReceived || r.Messages.Answered != 50 {
		t.Errorf("bytes %+v, want frames a quarter of the payload or less", b)
	}
}

func TestPhases(t *testing.T) {
	s, err := wstest.Start(wstest.Options{TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d := &fairlead.Dialer{TLS: tlsFor(s)}
	r := run(t, Options{Dialer: d, URL: s.URL(), Connections: 3, Messages: 3, Rate: 100, Ramp: 100 * time.Millisecond})
	for _, name := range []string{"tcp", "tls", "upgrade", "dial"} {
		if h := r.Histograms[name]; h == nil || h.Count != 3 {
			t.Errorf("%s: %+v", name, h)
		}
	}
	if r.Connect < 60*time.Millisecond {
		t.Errorf("connected after %v, want it spread over 100 ms", r.Connect)
	}
	if d.Trace != nil {
		t.Error("the Dialer was changed")
	}
}
