package chilkat

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// said is a connection that has said all there is.
type said struct {
	net.Conn
	io.Reader
}

func (s said) Read(p []byte) (int, error)      { return s.Reader.Read(p) }
func (s said) SetReadDeadline(time.Time) error { return nil }

func TestGreeting(t *testing.T) {
	for in, want := range map[string]string{
		"SSH-2.0-x\r\nrest":                   "SSH-2.0-x\r\n",
		"SSH-2.0-x\n\x00\x01":                 "SSH-2.0-x\n",
		"welcome\r\nto this\nSSH-1.99-y\r\nz": "welcome\r\nto this\nSSH-1.99-y\r\n",
		"":                                    "",
		"SSH-2.0-cut":                         "",
		" SSH-2.0-x\n":                        "",
		"HTTP/1.1 400 Bad Request\r\nSSH-\n":  "",
		strings.Repeat("x\n", maxGreeting):    "",
	} {
		r := strings.NewReader(in)
		got, err := greeting(t.Context(), said{Reader: r})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.40q gives %q, %v", in, got, err)
		}
		if rest, _ := io.ReadAll(r); want != "" && got+string(rest) != in {
			t.Errorf("%.40q loses bytes", in)
		}
	}
}

func FuzzGreeting(f *testing.F) {
	for _, seed := range []string{"SSH-2.0-x\r\n", "banner\nSSH-2.0-x\nmore", "HTTP/1.1 200 OK\r\n", "\x15\x03\x03\x00\x02"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		defer fuzzlimit.Input(t)()
		r := bytes.NewReader(in)
		got, err := greeting(context.Background(), said{Reader: r})
		if err != nil {
			if got != "" || len(err.Error()) > 300 {
				t.Errorf("%q, %v", got, err)
			}
			return
		}
		rest, _ := io.ReadAll(r)
		last := got[strings.LastIndexByte(strings.TrimSuffix(got, "\n"), '\n')+1:]
		if got+string(rest) != string(in) || len(got) > maxGreeting || !strings.HasPrefix(last, "SSH-") || !strings.HasSuffix(got, "\n") {
			t.Errorf("%q gives %q", in, got)
		}
	})
}
