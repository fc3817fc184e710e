package conformance_test

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstest/conformance"
)

// counts is what the catalogue has in each section.
var counts = map[string]int{"1": 16, "2": 11, "3": 7, "4": 10, "5": 20, "6": 145, "7": 37, "9": 54, "10": 1}

func TestCatalogueIsComplete(t *testing.T) {
	got := map[string]int{}
	seen := map[string]bool{}
	for _, c := range conformance.Cases() {
		got[c.Section()]++
		if seen[c.ID] || c.Text == "" {
			t.Errorf("case %v: twice, or without a text", c)
		}
		seen[c.ID] = true
	}
	for section, n := range counts {
		if got[section] != n {
			t.Errorf("section %s has %d cases, want %d", section, got[section], n)
		}
	}
	if len(seen) != 301 {
		t.Errorf("%d cases, want 301", len(seen))
	}
}

// TestFaultlessClient: a client without a fault passes every case.
func TestFaultlessClient(t *testing.T) {
	for _, c := range conformance.Cases() {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			v := playRaw(t, c, faults{})
			want := conformance.Verdict{Behavior: conformance.OK, BehaviorClose: conformance.OK}
			if c.ID == "7.1.6" || strings.HasPrefix(c.ID, "7.13.") {
				want.Behavior = conformance.Informational
			}
			if v.Behavior != want.Behavior || v.BehaviorClose != want.BehaviorClose {
				t.Errorf("%s: %v", c.Text, v)
			}
		})
	}
}

// TestOverTCP: the player needs no pipe and no bubble.
func TestOverTCP(t *testing.T) {
	t.Parallel()
	picked := map[string]bool{"1.1.8": true, "2.11": true, "3.4": true, "5.8": true, "6.4.4": true, "6.3.2": true, "7.1.6": true, "7.9.1": true, "9.4.4": true, "10.1.1": true}
	for _, c := range conformance.Cases() {
		if !picked[c.ID] {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			listener, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			conn, err := net.Dial("tcp4", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			server, err := listener.Accept()
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				(&rawClient{conn: conn}).run()
			}()
			v := c.Run(server)
			<-done
			if v.Behavior != conformance.OK && v.Behavior != conformance.Informational || v.BehaviorClose != conformance.OK {
				t.Errorf("%s: %v", c.Text, v)
			}
		})
	}
}

// playRaw plays c to a rawClient, in a bubble of its own.
func playRaw(t *testing.T, c conformance.Case, f faults) (v conformance.Verdict) {
	synctest.Test(t, func(*testing.T) {
		conn, server := wstest.Pipe()
		go (&rawClient{conn: conn, faults: f}).run()
		v = c.Run(server)
	})
	return v
}
