package handshake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/handshake"
)

func TestParseExtensions(t *testing.T) {
	for _, tt := range []struct {
		values []string
		want   extensions
		format string
	}{
		{nil, nil, ""},
		{[]string{"foo"}, extensions{{Name: "foo"}}, "foo"},
		{[]string{"foo", "bar; baz=2"}, extensions{{Name: "foo"}, {Name: "bar", Params: params{{Name: "baz", Value: "2", HasValue: true}}}}, "foo, bar; baz=2"},
		{[]string{"\tfoo , bar;\tbaz = 2 ;q\t"}, extensions{{Name: "foo"}, {Name: "bar", Params: params{{Name: "baz", Value: "2", HasValue: true}, {Name: "q"}}}}, "foo, bar; baz=2; q"},
		{[]string{`a;b="c";d="\e\f"`}, extensions{{Name: "a", Params: params{{Name: "b", Value: "c", HasValue: true}, {Name: "d", Value: "ef", HasValue: true}}}}, "a; b=c; d=ef"},
		{[]string{",, foo,,foo ,"}, extensions{{Name: "foo"}, {Name: "foo"}}, "foo, foo"},
		{[]string{"a;A;b", "a;b"}, extensions{{Name: "a", Params: params{{Name: "A"}, {Name: "b"}}}, {Name: "a", Params: params{{Name: "b"}}}}, "a; A; b, a; b"},
	} {
		got, err := handshake.ParseExtensions(tt.values)
		if err != nil {
			t.Errorf("%q: %v", tt.values, err)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%q: %s", tt.values, d)
		}
		if s := handshake.FormatExtensions(got); s != tt.format {
			t.Errorf("%q: formatted %q, want %q", tt.values, s, tt.format)
		}
	}
}

func TestParseExtensionsRefused(t *testing.T) {
	const extensionName, paramName, value, quotedValue, want, end = "name of an extension", "name of a parameter", "value of a parameter is not", "quoted value of a parameter is not", "unexpected character", "without an end"
	for in, text := range map[string]string{
		"":                              "no extension in it",
		" \t":                           "no extension in it",
		" , ,":                          "no extension in it",
		";a":                            extensionName,
		"=a":                            extensionName,
		`"a"`:                           extensionName,
		"(a)":                           extensionName,
		"\xe9":                          extensionName,
		"a, ;b":                         extensionName,
		"a;":                            paramName,
		"a; ,b":                         paramName,
		"a;;b":                          paramName,
		"a;=b":                          paramName,
		`a;"b"`:                         paramName,
		"a;b=":                          value,
		"a;b=,c":                        value,
		"a;b==c":                        value,
		"a;b=;c":                        value,
		"a;b=\xe9":                      value,
		`a;b=""`:                        quotedValue,
		`a;b="c d"`:                     quotedValue,
		`a;b="15 "`:                     quotedValue,
		`a;b="c,d"`:                     quotedValue,
		`a;b="\""`:                      quotedValue,
		`a;b="\\"`:                      quotedValue,
		`a;b="`:                         end,
		`a;b="c d`:                      quotedValue,
		`a;b="\`:                        end,
		`a;b="c`:                        end,
		`a;b="c\`:                       end,
		`a;b="c\"`:                      quotedValue,
		"a b":                           want,
		"a=b":                           want,
		"a;b c":                         want,
		"a;b=c d":                       want,
		`a;b="c"d`:                      want,
		"a/b":                           want,
		"a\x00":                         want,
		"a;b;b":                         "comes twice",
		"a;b=1;c;b=2":                   "comes twice",
		strings.Repeat("a,", 33):        "more than 32 extensions",
		"a" + manyParams(33):            "more than 32 parameters",
		"x,a" + manyParams(33) + ",x y": "more than 32 parameters",
	} {
		got, err := handshake.ParseExtensions([]string{"ok", in})
		if err == nil {
			t.Errorf("%q was accepted", in)
			continue
		}
		wantError(t, err, "Sec-WebSocket-Extensions", 0, text)
		if got != nil {
			t.Errorf("%q: %v came with the error", in, got)
		}
	}
	for _, in := range []string{strings.Repeat("a,", 31), "a" + manyParams(32)} {
		if _, err := handshake.ParseExtensions([]string{"ok", in}); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func manyParams(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(";p" + strings.Repeat("x", i))
	}
	return b.String()
}

// A value that is no token stays one value and cannot be taken for another
// extension; the parser then refuses it.
func TestFormatExtensionsQuoted(t *testing.T) {
	for value, want := range map[string]string{
		"":       `a; b=""`,
		`c, d`:   `a; b="c, d"`,
		`c"; \d`: `a; b="c\"; \\d"`,
	} {
		got := handshake.FormatExtensions(extensions{{Name: "a", Params: params{{Name: "b", Value: value, HasValue: true}}}})
		if got != want {
			t.Errorf("formatted %q, want %q", got, want)
		}
		if _, err := handshake.ParseExtensions([]string{got}); err == nil {
			t.Errorf("%q was accepted", got)
		}
	}
}

// A48, L90: time grows with the length of the input and no faster, whatever
// is repeated in it.
func TestA48Linear(t *testing.T) {
	if testing.CoverMode() != "" {
		t.Skip("counting statements distorts time")
	}
	const size = 1 << 17
	for name, wire := range map[string]func(n int) string{
		"quoted string without an end": func(n int) string { return `a; b="` + strings.Repeat("x", n) },
		"backslashes":                  func(n int) string { return `a; b="` + strings.Repeat(`\`, n) },
		"escaped quotes":               func(n int) string { return `a; b="` + strings.Repeat(`\"`, n/2) },
		"semicolons":                   func(n int) string { return "a" + strings.Repeat(";", n) },
		"commas":                       func(n int) string { return strings.Repeat(",", n) },
		"spaces":                       func(n int) string { return "a; " + strings.Repeat(" \t", n/2) + "=" },
		"long token":                   func(n int) string { return strings.Repeat("a", n) + "=" },
		"extensions":                   func(n int) string { return strings.Repeat("a,", n/2) },
		"parameters":                   func(n int) string { return "a" + strings.Repeat(";b=c", n/4) },
		"equals signs":                 func(n int) string { return "a;b" + strings.Repeat("=", n) },
	} {
		t.Run(name, func(t *testing.T) {
			best := func(n int) time.Duration {
				values := []string{wire(n)}
				shortest := time.Hour
				for range 3 {
					start := time.Now()
					if _, err := handshake.ParseExtensions(values); err == nil {
						t.Fatal("accepted")
					}
					shortest = min(shortest, time.Since(start))
				}
				// Below this there is nothing to measure.
				return max(shortest, 50*time.Microsecond)
			}
			var ratio float64
			for range 5 { // a busy machine may spoil a measurement, not five
				ratio = float64(best(4*size)) / float64(best(size))
				if ratio < 8 { // quadratic time would make it 16
					return
				}
			}
			t.Errorf("four times the input takes %.1f times as long", ratio)
		})
	}
}
