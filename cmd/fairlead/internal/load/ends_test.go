package load

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func tlsFor(s *wstest.Server) *tls.Config { return &tls.Config{RootCAs: s.CertPool()} }

func TestCloseCodes(t *testing.T) {
	url := serve(t, wstest.Options{CloseAfter: 2, CloseCode: 1012})
	r := run(t, Options{URL: url, Connections: 3, Rate: 300, Duration: 5 * time.Second})
	if len(r.Closes) != 1 || r.Closes[0].Code != 1012 || r.Closes[0].By != "peer" || r.Closes[0].Count != 3 {
		t.Errorf("closes %+v", r.Closes)
	}
	if r.Connections.Lost != 3 || r.Messages.Answered != 6 {
		t.Errorf("connections %+v, messages %+v", r.Connections, r.Messages)
	}
	if r.Measured > 3*time.Second {
		t.Errorf("measured for %v although no connection was left", r.Measured)
	}
}

func TestDropped(t *testing.T) {
	r := run(t, Options{URL: serve(t, wstest.Options{}) + "/?drop=1", Connections: 2, Closed: true, Messages: 10})
	if len(r.Closes) != 1 || r.Closes[0].Code != 1006 || r.Closes[0].Count != 2 {
		t.Errorf("closes %+v", r.Closes)
	}
}

func TestMissingAnswers(t *testing.T) {
	over := make(chan struct{})
	peer := wstest.Listen(wstest.Upgrade(), wstest.Wait(over))
	defer peer.Close()
	defer close(over)
	d := &fairlead.Dialer{CloseTimeout: 50 * time.Millisecond}
	r := run(t, Options{Dialer: d, URL: peer.URL(), Connections: 1, Rate: 100, Messages: 5, Drain: 50 * time.Millisecond})
	if r.Messages.Sent != 5 || r.Messages.Missing != 5 {
		t.Errorf("messages %+v", r.Messages)
	}
}

func TestPartlyRefused(t *testing.T) {
	var n atomic.Int32
	url := serve(t, wstest.Options{Check: func(string, []handshake.Field) (int, []handshake.Field) {
		if n.Add(1)%2 == 0 {
			return 503, nil
		}
		return 0, nil
	}})
	r := run(t, Options{URL: url, Connections: 4, Messages: 10, Rate: 100})
	if c := r.Connections; c.Opened != 2 || c.Failed != 2 || r.Messages.Answered != 10 {
		t.Errorf("connections %+v, messages %+v", c, r.Messages)
	}
	if len(r.Faults) != 1 || r.Faults[0].Count != 2 || !strings.Contains(r.Faults[0].Error, "503") {
		t.Errorf("errors %+v", r.Faults)
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	r, err := Run(t.Context(), Options{URL: "ws://" + l.Addr().String(), Connections: 3})
	if r != nil || err == nil || !strings.Contains(err.Error(), "none of 3") {
		t.Errorf("result %v, error %v", r, err)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url := serve(t, wstest.Options{})
	runner, err := Begin(Options{URL: url, Connections: 2, Rate: 200, Duration: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan *Result)
	go func() {
		r, _ := runner.Run(ctx)
		done <- r
	}()
	for deadline := time.Now().Add(20 * time.Second); runner.Snapshot().Answered == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if s := runner.Snapshot(); s.Phase != "measuring" || s.Open != 2 || s.hist == nil {
		t.Errorf("snapshot %+v", s)
	}
	cancel()
	if r := <-done; r == nil || !r.Interrupted || r.Messages.Answered == 0 {
		t.Errorf("result %+v", r)
	}
}

func TestLatenciesCannotBeWritten(t *testing.T) {
	r, err := Run(t.Context(), Options{URL: serve(t, wstest.Options{}), Connections: 1, Messages: 2, Rate: 100, Latencies: full{}})
	if r == nil || !errors.Is(err, errFull) {
		t.Errorf("result %v, error %v", r, err)
	}
}

var errFull = errors.New("no space left on device")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestOptions(t *testing.T) {
	for _, o := range []Options{
		{Connections: -1},
		{Connections: 2 << 20},
		{Rate: -1},
		{Size: 65 << 20},
		{Ramp: -1},
		{Messages: -1},
		{Idle: true, Closed: true},
		{Idle: true, Messages: 1},
	} {
		if _, err := Run(t.Context(), o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}
