package route

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// plannedAddr is an address that answers after a time, or never.
type plannedAddr struct {
	after time.Duration // negative: never
	err   error
	deaf  bool // connects although its context ended
}

type plannedConn struct {
	net.Conn
	addr   string
	closed bool
}

func (c *plannedConn) Close() error { c.closed = true; return nil }
func (c *plannedConn) LocalAddr() net.Addr {
	return &net.UnixAddr{Net: "plan", Name: "local of " + c.addr}
}

const (
	ms    = time.Millisecond
	never = time.Duration(-1)
)

// TestRacer: D03, D04.
func TestRacer(t *testing.T) {
	errRefused, errUnreachable := errors.New("refused"), errors.New("unreachable")
	for _, test := range []struct {
		name   string
		plan   []plannedAddr // addresses "0", "1", ...
		serial bool
		limit  time.Duration // of the context; 0: none
		want   []string      // "address began-ended error", in the order of the ends
		winner string
		errs   []error // the result matches each
	}{
		{
			name: "the first answers", plan: []plannedAddr{{after: 249 * ms}, {}},
			want: []string{"0 0s-249ms"}, winner: "0",
		},
		{
			name: "the first is a black hole", plan: []plannedAddr{{after: never}, {after: 40 * ms}, {}},
			want: []string{"1 250ms-290ms", "0 0s-290ms context canceled"}, winner: "1",
		},
		{
			name: "two black holes", plan: []plannedAddr{{after: never}, {after: never}, {after: 10 * ms}},
			want:   []string{"2 500ms-510ms", "0 0s-510ms context canceled", "1 250ms-510ms context canceled"},
			winner: "2",
		},
		{
			name: "a failure brings on the next at once", plan: []plannedAddr{{after: 10 * ms, err: errRefused}, {after: never}, {after: 5 * ms}},
			want: []string{"0 0s-10ms refused", "2 260ms-265ms", "1 10ms-265ms context canceled"}, winner: "2",
		},
		{
			name: "the first is slow and wins", plan: []plannedAddr{{after: 300 * ms}, {after: never}},
			want: []string{"0 0s-300ms", "1 250ms-300ms context canceled"}, winner: "0",
		},
		{
			name: "the loser connects too", plan: []plannedAddr{{after: 300 * ms, deaf: true}, {after: 10 * ms}},
			want: []string{"1 250ms-260ms", "0 0s-300ms context canceled"}, winner: "1",
		},
		{
			name: "the loser fails by itself", plan: []plannedAddr{{after: 300 * ms, deaf: true, err: errRefused}, {after: 10 * ms}},
			want: []string{"1 250ms-260ms", "0 0s-300ms refused"}, winner: "1",
		},
		{
			name: "all fail", plan: []plannedAddr{{after: 20 * ms, err: errUnreachable}, {after: 10 * ms, err: errRefused}},
			want: []string{"0 0s-20ms unreachable", "1 20ms-30ms refused"}, errs: []error{errRefused, errUnreachable},
		},
		{
			name: "the context ends", plan: []plannedAddr{{after: never}, {after: 40 * ms, err: errRefused}, {after: never}, {}}, limit: 300 * ms,
			want: []string{"1 250ms-290ms refused", "0 0s-300ms context deadline exceeded", "2 290ms-300ms context deadline exceeded"},
			errs: []error{errRefused, context.DeadlineExceeded},
		},
		{
			name: "one after another", plan: []plannedAddr{{after: time.Hour, err: errRefused}, {after: time.Second}}, serial: true,
			want: []string{"0 0s-1h0m0s refused", "1 1h0m0s-1h0m1s"}, winner: "1",
		},
		{
			name: "one after another, sharing a deadline", plan: []plannedAddr{{after: never}, {after: never}, {after: time.Second}}, serial: true, limit: 30 * time.Second,
			want:   []string{"0 0s-10s context deadline exceeded", "1 10s-20s context deadline exceeded", "2 20s-21s"},
			winner: "2",
		},
		{
			name: "one after another, 2 s at least", plan: []plannedAddr{{after: never}, {after: 500 * ms}}, serial: true, limit: 3 * time.Second,
			want: []string{"0 0s-2s context deadline exceeded", "1 2s-2.5s"}, winner: "1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				testRace(t, test.plan, test.serial, test.limit, test.want, test.winner, test.errs)
			})
		})
	}
}

func testRace(t *testing.T, plan []plannedAddr, serial bool, limit time.Duration, want []string, winner string, errs []error) {
	zero := time.Now()
	began := map[string]time.Duration{}
	var got []string
	ctx := wstrace.WithTrace(t.Context(), &wstrace.Trace{
		ConnectStart: func(e wstrace.ConnectStart) { began[e.Addr] = time.Since(zero) },
		ConnectDone: func(e wstrace.ConnectDone) {
			line := fmt.Sprintf("%s %v-%v", e.Addr, began[e.Addr], began[e.Addr]+e.Duration)
			if e.Err != nil {
				line += " " + e.Err.Error()
			}
			if (e.LocalAddr != "") != (e.Err == nil) {
				t.Errorf("%+v", e)
			}
			got = append(got, line)
		},
	})
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	conns := make([]*plannedConn, len(plan))
	r := racer{network: "tcp", serial: serial, dial: func(ctx context.Context, _, addr string) (net.Conn, error) {
		i := int(addr[0] - '0')
		p := plan[i]
		var answer <-chan time.Time
		if p.after >= 0 {
			answer = time.After(p.after)
		}
		done := ctx.Done()
		if p.deaf {
			done = nil
		}
		select {
		case <-answer:
		case <-done:
			return nil, ctx.Err()
		}
		if p.err != nil {
			return nil, p.err
		}
		conns[i] = &plannedConn{addr: addr}
		return conns[i], nil
	}}
	var addrs []string
	for i := range plan {
		addrs = append(addrs, string(rune('0'+i)))
	}
	conn, err := r.run(ctx, addrs)

	if winner != "" {
		if c, ok := conn.(*plannedConn); err != nil || !ok || c.addr != winner || c.closed {
			t.Errorf("result: %+v, %v", conn, err)
		}
	} else if conn != nil || err == nil {
		t.Errorf("result: %+v, %v", conn, err)
	}
	for _, c := range conns {
		if c != nil && !c.closed && c.addr != winner {
			t.Errorf("the connection to %s is open", c.addr)
		}
	}
	for _, e := range errs {
		if !errors.Is(err, e) || !strings.Contains(err.Error(), e.Error()) {
			t.Errorf("error %q does not have %q", err, e)
		}
	}
	// Losers that end at the same time may do so in any order.
	if len(got) > 1 && winner != "" {
		slices.Sort(got[1:])
		slices.Sort(want[1:])
	} else {
		slices.Sort(got)
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		t.Errorf("attempts:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFailures(t *testing.T) {
	f := failures{errors.New("a"), errors.New("b"), errors.New("c"), errors.New("d")}
	if got := f.Error(); got != "a; b; c; d" {
		t.Errorf("four: %q", got)
	}
	f = append(f, errors.New("e"), errors.New("f"))
	if got := f.Error(); got != "a; b; c; d; and 2 more" {
		t.Errorf("six: %q", got)
	}
}

func TestInterleave(t *testing.T) {
	for _, test := range []struct {
		prefer   Preference
		in, want string
	}{
		{PreferResolved, "", ""},
		{PreferResolved, "::1 ::2 ::3 1.1.1.1 2.2.2.2", "::1 1.1.1.1 ::2 2.2.2.2 ::3"},
		{PreferResolved, "1.1.1.1 2.2.2.2 ::1", "1.1.1.1 ::1 2.2.2.2"},
		{PreferResolved, "1.1.1.1 2.2.2.2", "1.1.1.1 2.2.2.2"},
		{PreferIPv6, "1.1.1.1 2.2.2.2 ::1 ::2", "::1 1.1.1.1 ::2 2.2.2.2"},
		{PreferIPv6, "1.1.1.1", "1.1.1.1"},
		{PreferIPv4, "::1 ::2 1.1.1.1", "1.1.1.1 ::1 ::2"},
		{PreferIPv4, "", ""},
	} {
		var ips []netip.Addr
		for _, s := range strings.Fields(test.in) {
			ips = append(ips, netip.MustParseAddr(s))
		}
		var got []string
		for _, ip := range interleave(ips, test.prefer) {
			got = append(got, ip.String())
		}
		if !slices.Equal(got, strings.Fields(test.want)) {
			t.Errorf("%d of %q: %q, want %q", test.prefer, test.in, got, test.want)
		}
	}
}

func TestTuneFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	for _, tcp := range []TCP{{Nagle: true}, {ReadBuffer: 4096}, {WriteBuffer: 4096}} {
		if err := tcp.tune(conn.(*net.TCPConn)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%+v on a closed connection: %v", tcp, err)
		}
	}
}
