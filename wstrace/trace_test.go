package wstrace_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// counting returns a trace each of whose hooks appends name and its field's
// name to calls.
func counting(name string, calls *[]string) *wstrace.Trace {
	var trace wstrace.Trace
	v := reflect.ValueOf(&trace).Elem()
	for i := range v.NumField() {
		hook := name + " " + v.Type().Field(i).Name
		v.Field(i).Set(reflect.MakeFunc(v.Field(i).Type(), func([]reflect.Value) []reflect.Value {
			*calls = append(*calls, hook)
			return nil
		}))
	}
	return &trace
}

// fire calls every hook of trace that is set, in the order of the fields.
func fire(trace *wstrace.Trace) {
	v := reflect.ValueOf(trace).Elem()
	for i := range v.NumField() {
		if !v.Field(i).IsNil() {
			v.Field(i).Call([]reflect.Value{reflect.Zero(v.Field(i).Type().In(0))})
		}
	}
}

func hookNames(prefixes ...string) []string {
	var names []string
	for field := range reflect.TypeFor[wstrace.Trace]().Fields() {
		for _, p := range prefixes {
			names = append(names, p+" "+field.Name)
		}
	}
	return names
}

func TestJoin(t *testing.T) {
	for _, test := range []struct {
		name   string
		traces []string // "" is a nil trace
		want   []string
	}{
		{"none", nil, nil},
		{"only nil", []string{"", ""}, nil},
		{"one", []string{"a"}, hookNames("a")},
		{"nil first", []string{"", "a"}, hookNames("a")},
		{"three in order", []string{"a", "b", "", "c"}, hookNames("a", "b", "c")},
	} {
		t.Run(test.name, func(t *testing.T) {
			var calls []string
			var traces []*wstrace.Trace
			for _, name := range test.traces {
				if name == "" {
					traces = append(traces, nil)
				} else {
					traces = append(traces, counting(name, &calls))
				}
			}
			fire(wstrace.Join(traces...))
			if !slices.Equal(calls, test.want) {
				t.Errorf("hooks called:\n%q\nwant:\n%q", calls, test.want)
			}
		})
	}
}

func TestWithTraceComposes(t *testing.T) {
	var calls []string
	outer, inner := counting("outer", &calls), counting("inner", &calls)
	ctx := wstrace.WithTrace(t.Context(), outer)
	ctx = wstrace.WithTrace(ctx, inner)
	fire(wstrace.FromContext(ctx))
	if want := hookNames("inner", "outer"); !slices.Equal(calls, want) {
		t.Errorf("hooks called:\n%q\nwant:\n%q", calls, want)
	}
}

func TestWithTraceCopies(t *testing.T) {
	var calls []string
	trace := counting("kept", &calls)
	ctx := wstrace.WithTrace(t.Context(), trace)
	*trace = wstrace.Trace{}
	fire(wstrace.FromContext(ctx))
	if want := hookNames("kept"); !slices.Equal(calls, want) {
		t.Errorf("hooks called:\n%q\nwant:\n%q", calls, want)
	}
}

func TestContextWithoutTrace(t *testing.T) {
	var none context.Context
	for name, ctx := range map[string]context.Context{
		"nil context":           none,
		"empty context":         t.Context(),
		"nil trace":             wstrace.WithTrace(t.Context(), nil),
		"nil context and trace": wstrace.WithTrace(none, nil),
	} {
		if trace := wstrace.FromContext(ctx); trace == nil || !reflect.ValueOf(*trace).IsZero() {
			t.Errorf("%s: FromContext = %v, want an empty trace", name, trace)
		}
	}
	var calls []string
	fire(wstrace.FromContext(wstrace.WithTrace(none, counting("a", &calls))))
	if want := hookNames("a"); !slices.Equal(calls, want) {
		t.Errorf("under a nil context, hooks called:\n%q\nwant:\n%q", calls, want)
	}
}

func TestCall(t *testing.T) {
	wstrace.Call(nil, wstrace.ResolveStart{Host: "ignored"})
	var got wstrace.ResolveStart
	wstrace.Call(func(e wstrace.ResolveStart) { got = e }, wstrace.ResolveStart{Host: "a.example"})
	if got.Host != "a.example" {
		t.Errorf("the hook got %+v", got)
	}
}
