package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/wstest/conformance"
)

func TestDriver(t *testing.T) {
	type results = map[string]conformance.Result
	ids := []string{"1.1.2", "2.10", "3.2", "5.6", "6.3.1", "7.1.6", "7.3.1", "7.9.4", "10.1.1"}
	table := func(lines ...string) string { return strings.Join(lines, "\n") + "\n" }
	tests := []struct {
		name            string
		behavior, close results
		report          bool
		args            []string
		code            int
		parts           []string // of the output
		without         []string
	}{
		{
			name: "all right", code: 0,
			parts: []string{table(
				`case 6, "7.1.6": "INFORMATIONAL"; the client ended with: fairlead: connection closed by the peer: status 1000 normal closure`,
				`  section  cases  OK  NON-STRICT  INFORMATIONAL  UNIMPLEMENTED  FAILED  other  wrong close`,
				`      "1"      1   1           0              0              0       0      0            0`,
				`      "2"      1   1           0              0              0       0      0            0`,
			), `      "7"      3   2           0              1              0       0      0            0`, "\n9 cases, 0 wrong; closes were not judged"},
			without: []string{"case 1,"},
		},
		{name: "with the report", report: true, code: 0, parts: []string{"\n9 cases, 0 wrong\n"}},
		{name: "some of them", args: []string{"-from", "2", "-to", "4"}, code: 0, parts: []string{"\n3 cases, 0 wrong"}, without: []string{`"1"`, `"6"`}},
		{
			name: "failed", behavior: results{"3.2": conformance.Failed}, code: 1,
			parts: []string{`case 3, "3.2": "FAILED"; the client ended with: `, `      "3"      1   0           0              0              0       1      0            0`, "\n9 cases, 1 wrong"},
		},
		{name: "not strict", behavior: results{"3.2": conformance.NonStrict}, code: 1, parts: []string{`case 3, "3.2": "NON-STRICT"`}},
		{name: "unimplemented", behavior: results{"3.2": conformance.Unimplemented}, code: 1, parts: []string{`case 3, "3.2": "UNIMPLEMENTED"`}},
		{name: "unheard of", behavior: results{"3.2": "\x1b[31m"}, code: 1, parts: []string{`case 3, "3.2": "\x1b[31m"`, `      "3"      1   0           0              0              0       0      1            0`}},
		{
			name: "wrong close", close: results{"5.6": conformance.WrongCode}, report: true, code: 1,
			parts: []string{`case 4, "5.6": "OK", close "WRONG CODE"; the client ended with: `, `      "5"      1   1           0              0              0       0      0            1`},
		},
		{name: "unclean", close: results{"5.6": conformance.Unclean}, report: true, code: 1, parts: []string{`close "UNCLEAN"`}},
		{name: "informational close", close: results{"5.6": conformance.Informational}, report: true, code: 0, without: []string{"5.6"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeFuzzer{cases: pick(t, ids...), behavior: tt.behavior, close: tt.close}
			args := []string{"-agent", "some one"}
			if tt.report {
				fake.report = filepath.Join(t.TempDir(), "index.json")
				args = append(args, "-report", fake.report)
			}
			args = append(args, tt.args...)
			var out, errOut bytes.Buffer
			code := run(t.Context(), append(args, "-url", fake.start(t)), &out, &errOut)
			if code != tt.code || errOut.Len() > 0 {
				t.Errorf("exit status %d, want %d; %s", code, tt.code, &errOut)
			}
			for _, part := range tt.parts {
				if !strings.Contains(out.String(), part) {
					t.Errorf("the output does not contain %q", part)
				}
			}
			for _, part := range tt.without {
				if strings.Contains(out.String(), part) {
					t.Errorf("the output contains %q", part)
				}
			}
			if t.Failed() {
				t.Logf("\n%s", &out)
			}
			if !slices.Equal(fake.agents, []string{"some one"}) {
				t.Errorf("reports were asked for by %q", fake.agents)
			}
		})
	}
}

// TestDriverCannot: what keeps the cases from being run is not a verdict.
func TestDriverCannot(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.json")
	tests := []struct {
		name    string
		args    []string
		garbage string
		want    string
	}{
		{"flag", []string{"-speed", "9"}, "", "flag provided but not defined"},
		{"argument", []string{"more"}, "", `argument "more" is not a flag`},
		{"URL", []string{"-url", "::"}, "", "-url: not a URL"},
		{"nobody there", []string{"-url", "ws://127.0.0.1:1"}, "", "getCaseCount: "},
		{"beyond the last", []string{"-to", "3"}, "", "the server has cases 1 to 2"},
		{"backwards", []string{"-from", "2", "-to", "1"}, "", "no cases 2 to 1"},
		{"no report", []string{"-report", missing}, "", "-report: "},
		{"no count", nil, "/getCaseCount", "getCaseCount: the answer: "},
		{"no status", nil, "/getCaseStatus", "case 1: getCaseStatus: the answer: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeFuzzer{cases: pick(t, "1.1.1", "2.1"), garbage: tt.garbage}
			var out, errOut bytes.Buffer
			code := run(t.Context(), append([]string{"-url", fake.start(t)}, tt.args...), &out, &errOut)
			if code != exitError || !strings.Contains(errOut.String(), tt.want) {
				t.Errorf("exit status %d, %q, want %q", code, &errOut, tt.want)
			}
			if out.Len() > 0 {
				t.Errorf("output %q", &out)
			}
		})
	}
}
