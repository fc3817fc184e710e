package conformance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/wstest/conformance"
)

// TestBrokenClients: the player is a judge, so each of these clients, wrong in
// one way, must lose exactly the cases of the section that ask for it. Results
// are written Behavior/BehaviorClose.
func TestBrokenClients(t *testing.T) {
	const (
		lost        = "FAILED/WRONG CODE" // the echo of the server's 1001 fits nothing
		missed      = "FAILED/FAILED"
		neverClosed = "OK/FAILED"
		badEvent    = "FAILED/OK"
		badCode     = "OK/WRONG CODE"
		unclean     = "OK/UNCLEAN"
		late        = "NON-STRICT/OK"
	)
	every := func(section string, without ...string) string {
		var ids []string
		for _, c := range conformance.Cases() {
			if c.Section() == section && !slices.Contains(without, c.ID) {
				ids = append(ids, c.ID)
			}
		}
		return strings.Join(ids, " ")
	}
	tests := []struct {
		name    string
		faults  faults
		section string
		want    map[string]string // result: cases; all others are OK
	}{
		{"cuts lengths to 16 bits", faults{shortLengths: true}, "1", map[string]string{lost: "1.1.7 1.1.8 1.2.7 1.2.8"}},
		{"echoes binary as text", faults{binaryAsText: true}, "1", map[string]string{lost: "1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.2.6 1.2.7 1.2.8"}},
		{"does not mask", faults{unmasked: true}, "1", map[string]string{missed: every("1")}},
		{"closes in place of an echo", faults{closesFirst: true}, "1", map[string]string{missed: every("1")}},
		{"answers the newest ping only", faults{newestPong: true}, "2", map[string]string{lost: "2.10"}},
		{"answers long pings", faults{longPings: true}, "2", map[string]string{missed: "2.5"}},
		{"answers pongs", faults{answersPongs: true}, "2", map[string]string{badEvent: "2.7 2.8", lost: "2.9"}},
		{"ignores reserved bits", faults{ignoresRSV: true}, "3", map[string]string{missed: every("3", "3.7")}},
		{"fails with 1011", faults{wrongCode: true}, "3", map[string]string{badCode: every("3")}},
		{"skips reserved opcodes", faults{ignoresOpcodes: true}, "4", map[string]string{
			neverClosed: "4.1.1 4.1.2 4.2.1 4.2.2", missed: "4.1.3 4.1.4 4.1.5 4.2.3 4.2.4 4.2.5",
		}},
		{"echoes each fragment", faults{echoesFragments: true}, "5", map[string]string{
			lost: "5.3 5.4 5.5 5.6 5.7 5.8 5.19 5.20", badEvent: "5.15 5.18",
		}},
		{"skips continuations of nothing", faults{ignoresStray: true}, "5", map[string]string{missed: "5.9 5.10 5.11 5.12 5.13 5.14 5.15 5.16 5.17"}},
		{"answers pings after the message", faults{pongsLate: true}, "5", map[string]string{lost: "5.6 5.7 5.8 5.19 5.20"}},
		{"checks text when it is whole", faults{lateUTF8: true}, "6", map[string]string{late: "6.4.1 6.4.2 6.4.3 6.4.4"}},
		{"does not check text", faults{noUTF8: true}, "6", map[string]string{missed: invalidTexts()}},
		{"echoes forbidden codes", faults{echoesCodes: true}, "7", map[string]string{
			missed: "7.3.2 7.5.1", lost: "7.9.1 7.9.2 7.9.3 7.9.4 7.9.5 7.9.6 7.9.7 7.9.8 7.9.9",
		}},
		{"answers an empty Close with 1005", faults{closes1005: true}, "7", map[string]string{lost: "7.3.1"}},
		{"reads on after a Close", faults{readsOn: true}, "7", map[string]string{badEvent: "7.1.3 7.1.4 7.1.5"}},
		{"never answers a Close", faults{noClose: true}, "7", map[string]string{
			unclean:          "7.1.1 7.1.2 7.3.1 7.3.3 7.3.4 7.3.5 7.7.1 7.7.2 7.7.3 7.7.4 7.7.5 7.7.6 7.7.7 7.7.8 7.7.9 7.7.10 7.7.11 7.7.12 7.7.13",
			"FAILED/UNCLEAN": "7.1.3 7.1.4 7.1.5", "INFORMATIONAL/UNCLEAN": "7.1.6",
			neverClosed: "7.3.2 7.5.1 7.9.1 7.9.2 7.9.3 7.9.4 7.9.5 7.9.6 7.9.7 7.9.8 7.9.9", "INFORMATIONAL/FAILED": "7.13.1 7.13.2",
		}},
		{"takes messages of 1 MiB", faults{maxMessage: 1 << 20}, "9", map[string]string{
			missed: "9.1.4 9.1.5 9.1.6 9.2.4 9.2.5 9.2.6 9.3.1 9.3.2 9.3.3 9.3.4 9.3.5 9.3.6 9.3.7 9.3.8 9.3.9 9.4.1 9.4.2 9.4.3 9.4.4 9.4.5 9.4.6 9.4.7 9.4.8 9.4.9",
		}},
		{"takes 40 fragments", faults{maxFragments: 40}, "10", map[string]string{missed: "10.1.1"}},
		{"drops the connection without a Close", faults{dropsFailed: true}, "6", nil}, // which is allowed
	}
	for _, tt := range tests {
		t.Run(tt.section+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			want := map[string]string{}
			for result, ids := range tt.want {
				for id := range strings.FieldsSeq(ids) {
					want[id] = result
				}
			}
			for _, c := range conformance.Cases() {
				if c.Section() != tt.section {
					continue
				}
				v := playRaw(t, c, tt.faults)
				got := fmt.Sprintf("%s/%s", v.Behavior, v.BehaviorClose)
				if got == "OK/OK" || got == "INFORMATIONAL/OK" {
					got = ""
				}
				if got != want[c.ID] {
					t.Errorf("%v: %v; want %q", c, v, want[c.ID])
				}
			}
		})
	}
}

// TestEchoLost: a client that fails before its echo went out is not strict.
func TestEchoLost(t *testing.T) {
	for _, c := range conformance.Cases() {
		if c.ID != "3.2" {
			continue
		}
		v := playRaw(t, c, faults{noEcho: true})
		if v.Behavior != conformance.NonStrict || v.BehaviorClose != conformance.OK {
			t.Errorf("%v: %v", c, v)
		}
		v = playRaw(t, c, faults{extras: true})
		if v.Behavior != conformance.Failed {
			t.Errorf("%v: %v", c, v)
		}
	}
}

// invalidTexts are the cases of section 6 that send what is not UTF-8.
func invalidTexts() string {
	ids := []string{
		"6.3.1", "6.3.2", "6.4.1", "6.4.2", "6.4.3", "6.4.4",
		"6.6.1", "6.6.3", "6.6.4", "6.6.6", "6.6.8", "6.6.10", "6.11.5",
	}
	for section, n := range map[int]int{8: 2, 10: 3, 12: 8, 13: 5, 14: 10, 15: 1, 16: 3, 17: 5, 18: 5, 19: 5, 20: 7, 21: 8} {
		for i := range n {
			ids = append(ids, fmt.Sprintf("6.%d.%d", section, i+1))
		}
	}
	return strings.Join(ids, " ")
}
