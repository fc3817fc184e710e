package chilkat

import (
	"context"
	"encoding/xml"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// classes makes the zero value and a nil of every class.
var classes = map[string]func() (zero, null any){
	"Task":          func() (any, any) { return &Task{}, (*Task)(nil) },
	"BinData":       func() (any, any) { return &BinData{}, (*BinData)(nil) },
	"StringBuilder": func() (any, any) { return &StringBuilder{}, (*StringBuilder)(nil) },
	"Global":        func() (any, any) { return &Global{}, (*Global)(nil) },
	"Rest":          func() (any, any) { return &Rest{}, (*Rest)(nil) },
	"Socket":        func() (any, any) { return &Socket{}, (*Socket)(nil) },
	"SshKey":        func() (any, any) { return &SshKey{}, (*SshKey)(nil) },
	"OAuth1":        func() (any, any) { return &OAuth1{}, (*OAuth1)(nil) },
	"OAuth2":        func() (any, any) { return &OAuth2{}, (*OAuth2)(nil) },
	"AuthAws":       func() (any, any) { return &AuthAws{}, (*AuthAws)(nil) },
	"WebSocket":     func() (any, any) { return &WebSocket{}, (*WebSocket)(nil) },
}

// common is what every class has.
type common interface {
	LastErrorText() string
	LastErrorXml() string
	LastErrorHtml() string
	LastError() error
	LastMethodSuccess() bool
	SetLastMethodSuccess(bool)
	DebugLogFilePath() string
	SetDebugLogFilePath(string)
	VerboseLogging() bool
	SetVerboseLogging(bool)
	Version() string
}

func TestCommonMembers(t *testing.T) {
	for name, class := range classes {
		t.Run(name, func(t *testing.T) {
			zero, null := class()
			c, ok := zero.(common)
			if !ok {
				t.Fatal("a common member is missing")
			}
			if c.LastErrorText()+c.LastErrorXml()+c.LastErrorHtml()+c.DebugLogFilePath() != "" ||
				c.LastMethodSuccess() || c.VerboseLogging() || c.LastError() != nil || c.Version() != "0.1.0" {
				t.Error("a default is wrong")
			}
			c.SetLastMethodSuccess(true)
			c.SetVerboseLogging(true)
			c.SetDebugLogFilePath(t.TempDir())
			if !c.LastMethodSuccess() || !c.VerboseLogging() || c.DebugLogFilePath() == "" {
				t.Error("a value was not stored")
			}
			c.SetDebugLogFilePath("")
			if !regexp.MustCompile(`  SetDebugLogFilePath\(\d+ms\):\n`).MatchString(c.LastErrorText()) {
				t.Errorf("LastErrorText: %s", c.LastErrorText())
			}
			if err := xml.Unmarshal([]byte(c.LastErrorXml()), new(struct{})); err != nil {
				t.Errorf("LastErrorXml: %v", err)
			}
			if !strings.HasPrefix(c.LastErrorHtml(), "<!DOCTYPE html>") {
				t.Error("LastErrorHtml is no page")
			}
			n := null.(common)
			if n.LastErrorText()+n.LastErrorXml()+n.LastErrorHtml() != "" || n.LastError() == nil {
				t.Error("a nil object has a log, or no error")
			}
		})
	}
}

// TestNoMemberPanics calls every member of every class with the least and with
// odd arguments, on nil, on the zero value and on a disposed object.
func TestNoMemberPanics(t *testing.T) {
	for name, class := range classes {
		t.Run(name, func(t *testing.T) {
			for _, arguments := range []func(reflect.Type) reflect.Value{reflect.Zero, odd} {
				zero, null := class()
				callAll(null, arguments)
				callAll(zero, arguments) // the Dispose method comes first, by the alphabet
				fresh := reflect.TypeOf(zero).Elem()
				for i := range reflect.TypeOf(zero).NumMethod() {
					callOne(reflect.New(fresh).Method(i), arguments)
				}
			}
		})
	}
}

func callAll(object any, arguments func(reflect.Type) reflect.Value) {
	v := reflect.ValueOf(object)
	for i := range v.NumMethod() {
		callOne(v.Method(i), arguments)
	}
}

func callOne(method reflect.Value, arguments func(reflect.Type) reflect.Value) {
	in := make([]reflect.Value, method.Type().NumIn())
	for i := range in {
		in[i] = arguments(method.Type().In(i))
	}
	method.Call(in)
}

// odd is an argument that nobody should pass: huge, negative, not UTF-8.
func odd(t reflect.Type) reflect.Value {
	switch t.Kind() {
	case reflect.String:
		return reflect.ValueOf(strings.Repeat("\x00\xff\r\n/", 1<<14))
	case reflect.Int:
		return reflect.ValueOf(-1 << 31)
	case reflect.Slice:
		return reflect.MakeSlice(t, 1<<20, 1<<20)
	case reflect.Pointer:
		return reflect.New(t.Elem())
	default:
		return reflect.Zero(t)
	}
}

func TestBodiesOfEventSetters(t *testing.T) {
	p := &probe{}
	p.setHeartbeatMs(p.base(), -1)
	if !strings.Contains(p.lastErrorText(), "HeartbeatMs is negative.") || p.heartbeatMs.given {
		t.Error(p.lastErrorText())
	}
	p.setHeartbeatMs(p.base(), 50)
	p.setAbortCheck(p.base(), func() bool { return true })
	p.setContext(context.Background(), p.base())
	if p.heartbeatMs.value != 50 || p.abort == nil || p.ctx == nil || p.lastError() != nil {
		t.Error("a setter stored nothing")
	}
}
