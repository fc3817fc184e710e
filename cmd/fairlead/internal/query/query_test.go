package query

import (
	"context"
	"testing"
	"time"
)

func TestTrue(t *testing.T) {
	for _, tt := range []struct {
		text, message string
		binary, want  bool
	}{
		{`.id == 1`, `{"id":1}`, false, true},
		{`.id == 1`, `{"id":2}`, false, false},
		{`.id`, `{"id":0}`, false, true},
		{`.id`, `{}`, false, false},
		{`.id`, `[1]`, false, false},
		{`select(.a)`, `{"a":1}`, false, true},
		{`select(.a)`, `{"b":1}`, false, false},
		{`test("^hel")`, `hello`, false, true},
		{`. == "1 2"`, `1 2`, false, true},
		{`$type == "binary" and $size == 2 and . == "/wA="`, "\xff\x00", true, true},
		{`.id == 9007199254740993`, `{"id":9007199254740993}`, false, true},
		{`.id == 9007199254740993`, `{"id":9007199254740992}`, false, false},
		{`.[]`, `[null,false,1]`, false, true},
	} {
		q, err := Compile(tt.text)
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if got, err := q.True(t.Context(), tt.binary, []byte(tt.message)); err != nil || got != tt.want {
			t.Errorf("%q of %q: %v, %v; want %v", tt.text, tt.message, got, err, tt.want)
		}
	}
}

func TestCompile(t *testing.T) {
	for _, text := range []string{"", ".[", "nosuch", "$nosuch"} {
		if _, err := Compile(text); err == nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEndless(t *testing.T) {
	q, err := Compile("last(range(infinite))")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := q.True(ctx, false, []byte("1")); err == nil {
		t.Error("no error")
	}
}
