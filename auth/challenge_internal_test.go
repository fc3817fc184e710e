package auth

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// text writes challenges in one form that the grammar allows.
func text(cs []challenge) string {
	var all []string
	for _, c := range cs {
		s := c.scheme
		if c.token68 != "" {
			s += " " + c.token68
		}
		for i, name := range slices.Sorted(maps.Keys(c.params)) {
			s += map[bool]string{true: " ", false: ", "}[i == 0] + name + "=" + quote(c.params[name])
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

func TestParseChallenges(t *testing.T) {
	for _, c := range []struct {
		in    []string
		want  string
		fault string
	}{
		{nil, ``, ""},
		{[]string{"", " , ,"}, ``, ""},
		{[]string{`Basic`}, `basic`, ""},
		{[]string{`Basic realm="simple"`}, `basic realm="simple"`, ""},
		// RFC 9110 section 11.6.1.
		{[]string{`Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\""`}, `basic realm="simple"; newauth realm="apps", title="Login to \"apps\"", type="1"`, ""},
		{[]string{`Newauth realm="apps", type=1`, `Basic realm="simple"`}, `newauth realm="apps", type="1"; basic realm="simple"`, ""},
		{[]string{`Negotiate, NTLM,Basic realm="a, Digest nonce=b"`}, `negotiate; ntlm; basic realm="a, Digest nonce=b"`, ""},
		{[]string{`NTLM TlRMTVNTUAAC==, Basic realm=x`}, `ntlm TlRMTVNTUAAC==; basic realm="x"`, ""},
		{[]string{`NTLM abc=`}, `ntlm abc=`, ""},
		{[]string{"X a = 1 ,\tb\t=\t\"2\" , , c=3,"}, `x a="1", b="2", c="3"`, ""},
		{[]string{`X a="", b="\\\""`}, `x a="", b="\\\""`, ""},
		{[]string{`X , a=1`}, `x a="1"`, ""},
		{[]string{"X a=\"\xe4\t\""}, "x a=\"\xe4\t\"", ""},
		// Faults: what stands before them counts.
		{[]string{`Basic realm="x`}, ``, "no end"},
		{[]string{`Basic realm="x\`}, ``, "no end"},
		{[]string{`Y b=1, Basic realm="x`}, `y b="1"`, "no end"},
		{[]string{`Basic realm="x`, `Z`}, `z`, "no end"},
		{[]string{`Basic realm=`}, `basic realm=`, ""}, // by the grammar this is a token68
		{[]string{`Basic a=1, realm=`}, ``, "expected the value"},
		{[]string{`Basic realm=,a=1`}, `basic realm=`, "expected a space"}, // a=1 is not a scheme
		{[]string{`Basic realm=a b`}, ``, "expected a comma"},
		{[]string{`Basic realm=a/b`}, ``, "expected a comma"},
		{[]string{`Basic a b`}, ``, "expected a parameter"},
		{[]string{`Basic a=1, A=2`}, ``, "twice"},
		{[]string{`Basic ="x"`}, ``, "name of a parameter"},
		{[]string{`Basic a=1, =2`}, ``, "name of a parameter"},
		{[]string{`Basic "x"`}, ``, "expected a parameter"},
		{[]string{`"x"`}, ``, "name of a scheme"},
		{[]string{`=`}, ``, "name of a scheme"},
		{[]string{`Basic="x"`}, ``, "expected a space"},
		{[]string{"Basic realm=\"\x00\""}, ``, "control character"},
		{[]string{"Basic realm=\"\\\x7f\""}, ``, "control character"},
	} {
		a := parseChallenges(c.in)
		if diff := cmp.Diff(c.want, text(a.challenges)); diff != "" {
			t.Errorf("%q: %s", c.in, diff)
		}
		if (a.err != nil) != (c.fault != "") || a.err != nil && !strings.Contains(a.err.Error(), c.fault) {
			t.Errorf("%q: error %v, want %q", c.in, a.err, c.fault)
		}
	}
}

// E22: sixteen times the input takes nothing like 256 times as long.
func TestParseChallengesIsLinear(t *testing.T) {
	for _, unit := range []string{"X", "X ", "a=", "a=1,", `"`, `\`, ",", ` a="`, "X a,", "=", "X=", "a b "} {
		for _, start := range []string{"", "X ", `X a="`, "X a=1,"} {
			cost := func(n int) time.Duration {
				in := []string{start + strings.Repeat(unit, (n-len(start))/len(unit))}
				best := time.Hour
				for range 9 {
					begin := time.Now()
					parseChallenges(in)
					best = min(best, time.Since(begin))
				}
				return best
			}
			if small, big := cost(4<<10), cost(64<<10); big > 100*max(small, 2*time.Microsecond) {
				t.Errorf("%q %q: %v for 4 KiB, %v for 64 KiB", start, unit, small, big)
			}
		}
	}
	distinct := "X"
	for i := range 5000 {
		distinct += fmt.Sprintf(", p%d=1", i)
	}
	if a := parseChallenges([]string{distinct}); len(a.challenges) != 1 || len(a.challenges[0].params) != 5000 {
		t.Error("parameters were lost")
	}
}

// FuzzChallenge: what was read, written out again, is read as the same.
func FuzzChallenge(f *testing.F) {
	for _, s := range []string{
		`Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\""`,
		`NTLM TlRMTVNTUAAC==, Negotiate`, `Digest realm="r", nonce="n`, `X , a = 1`, `Basic a b`, "X a=\"\xff\\",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		defer fuzzlimit.Input(t)()
		a := parseChallenges([]string{in})
		if len(a.challenges) > maxChallenges {
			t.Fatalf("%d challenges", len(a.challenges))
		}
		b := parseChallenges([]string{strings.ReplaceAll(text(a.challenges), "; ", ", ")})
		if a.err == nil && !strings.Contains(in, ";") {
			if b.err != nil || text(a.challenges) != text(b.challenges) {
				t.Fatalf("%q became %q, %v", text(a.challenges), text(b.challenges), b.err)
			}
		}
		for _, err := range []error{a.notOffered("X"), a.refusal("X", "Y")} {
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Fatalf("raw text in %q", err)
			}
		}
	})
}
