package http1_test

import (
	"bytes"
	"errors"
	"io"
	"net/http/httputil"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// outcome is all that a stream with one response can lead to.
type outcome struct {
	Resp      *http1.Response
	Body      string
	Truncated bool
	Part      string // of the error
	Rest      string
}

// run reads a response and its body. Only an *http1.Error may come, and no
// end of the stream may look like an orderly one.
func run(t *testing.T, src io.Reader) outcome {
	var o outcome
	r := http1.NewReader(src, http1.Limits{})
	resp, err := patient(r.ReadResponse)
	o.Resp = resp
	if err == nil {
		var body []byte
		body, err = patient(func() (p []byte, err error) {
			p, o.Truncated, err = r.ReadBody("GET", resp, 1000)
			return p, err
		})
		o.Body = string(body)
	}
	if err != nil {
		var e *http1.Error
		if !errors.As(err, &e) || errors.Is(err, io.EOF) {
			t.Fatalf("undocumented error %v", err)
		}
		o.Part = e.Part
		return o
	}
	buffered := string(r.Buffered())
	more, err := drain(src)
	if err != nil {
		t.Fatal(err)
	}
	o.Rest = buffered + more
	return o
}

// Any split of the input, with a timeout at each, gives the same result, and
// what was accepted is well-formed.
func FuzzResponse(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte, at uint) {
		defer fuzzlimit.Input(t)()
		s := string(data)
		whole := run(t, strings.NewReader(s))
		if d := cmp.Diff(whole, run(t, each(s))); d != "" {
			t.Errorf("in single bytes: %s", d)
		}
		if d := cmp.Diff(whole, run(t, cut(s, int(at%uint(len(s)+1))))); d != "" {
			t.Errorf("in two pieces: %s", d)
		}
		if !strings.HasSuffix(s, whole.Rest) {
			t.Errorf("the rest %q is not how the input ends", whole.Rest)
		}
		resp := whole.Resp
		if resp == nil {
			return
		}
		wire := "HTTP/" + strconv.Itoa(resp.Major) + "." + strconv.Itoa(resp.Minor) + " " + strconv.Itoa(resp.Status) + " " + resp.Reason + "\r\n"
		for _, field := range resp.Fields {
			if !http1.ValidFieldName(field.Name) || !http1.ValidFieldValue(field.Value) || strings.Trim(field.Value, " \t") != field.Value {
				t.Errorf("malformed field %q", field)
			}
			wire += field.Name + ":" + field.Value + "\r\n"
		}
		if d := cmp.Diff(resp, run(t, strings.NewReader(wire+"\r\n")).Resp, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("written again it reads differently: %s", d)
		}
	})
}

// A chunked body that is accepted holds what another reader finds in it, and
// what is chunked comes back as it was.
func FuzzChunked(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte, at uint) {
		defer fuzzlimit.Input(t)()
		s := chunkedHead + string(data)
		whole := run(t, strings.NewReader(s))
		if d := cmp.Diff(whole, run(t, each(s))); d != "" {
			t.Errorf("in single bytes: %s", d)
		}
		// The other reader refuses white space before a chunk extension, which
		// RFC 9112 section 7.1.1 has a recipient accept; then it does not count.
		want, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(data)))
		if whole.Part == "" && err == nil && string(want[:min(len(want), 1000)]) != whole.Body {
			t.Errorf("body is %q, want %q", whole.Body, want)
		}

		n := int(at % uint(len(data)+1))
		var wire strings.Builder
		w := httputil.NewChunkedWriter(&wire)
		for _, p := range [][]byte{data[:n], data[n:]} {
			if _, err := w.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got := run(t, cut(chunkedHead+wire.String()+"\r\nrest", len(chunkedHead)+n))
		if got.Body != string(data[:min(len(data), 1000)]) || got.Truncated != (len(data) > 1000) || got.Part != "" {
			t.Errorf("chunked and read back: %+v", got)
		}
		if !got.Truncated && got.Rest != "rest" {
			t.Errorf("after the body: %q", got.Rest)
		}
	})
}

// Nothing can be injected: what is read is what was written.
func FuzzAppendRequest(f *testing.F) {
	f.Fuzz(func(t *testing.T, method, target, name1, value1, name2, value2 string) {
		defer fuzzlimit.Input(t)()
		fields := []http1.Field{{name1, value1}, {name2, value2}}
		wire, err := http1.AppendRequest(nil, method, target, fields)
		if err != nil {
			if len(wire) > 0 {
				t.Errorf("an error, but %q was written", wire)
			}
			return
		}
		r := http1.NewReader(bytes.NewReader(wire), http1.Limits{HeadBytes: 1 << 30, LineBytes: 1 << 30})
		got, err := r.ReadRequest()
		if err != nil {
			t.Fatalf("%v in %q", err, wire)
		}
		for i := range fields {
			fields[i].Value = strings.Trim(fields[i].Value, " \t")
		}
		want := &http1.Request{Method: method, Target: target, Major: 1, Minor: 1, Fields: fields}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if len(r.Buffered()) > 0 {
			t.Errorf("%q was injected", r.Buffered())
		}
	})
}
