package cli

import (
	"bytes"
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// run runs the command and returns what it wrote.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	return code, out.String(), errs.String()
}

func TestRun(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{"no argument", nil, 0, "Available Commands:", ""},
		{"help", []string{"help", "demo"}, 0, "demo [URL]", ""},
		{"version", []string{"version"}, 0, "fairlead (devel) " + runtime.Version(), ""},
		{"unknown command", []string{"dance"}, 2, "", "dance"},
		{"unknown flag", []string{"demo", "--dance"}, 2, "", "fairlead demo --help"},
		{"too many arguments", []string{"demo", "ws://a", "ws://b"}, 2, "", "fairlead demo --help"},
		{"another scheme", []string{"demo", "ftp://example.com"}, 3, "", "ws://"},
		{"no host", []string{"demo", "ws:///chat"}, 3, "", "ws://"},
		{"not a URL", []string{"demo", "ws://[::1"}, 3, "", "ws://"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := run(t, tt.args...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if !strings.Contains(stdout, tt.stdout) || (tt.stdout == "") != (stdout == "") {
				t.Errorf("stdout %q, want %q in it", stdout, tt.stdout)
			}
			if !strings.Contains(stderr, tt.stderr) || (tt.stderr == "") != (stderr == "") {
				t.Errorf("stderr %q, want %q in it", stderr, tt.stderr)
			}
		})
	}
}

func TestPasswordInURLIsNotShown(t *testing.T) {
	code, stdout, stderr := run(t, "demo", "ws://user:opensesame@127.0.0.1/?token=opensesame")
	if code != 3 || strings.Contains(stdout+stderr, "opensesame") {
		t.Errorf("exit code %d, output %q %q", code, stdout, stderr)
	}
}

func TestDemoExitCodes(t *testing.T) {
	t.Run("refused by TCP", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close() // nobody listens there any more
		wantCode(t, 7, "ws://"+l.Addr().String())
	})
	t.Run("refused by HTTP", func(t *testing.T) {
		s := start(t, wstest.Options{Check: func(string, []handshake.Field) (int, []handshake.Field) { return 403, nil }})
		wantCode(t, 22, s.URL())
	})
	t.Run("unknown authority", func(t *testing.T) {
		s := start(t, wstest.Options{TLS: true})
		wantCode(t, 60, s.URL())
	})
	t.Run("no TLS there", func(t *testing.T) {
		s := start(t, wstest.Options{})
		wantCode(t, 35, strings.Replace(s.URL(), "ws:", "wss:", 1))
	})
	t.Run("no HTTP there", func(t *testing.T) {
		p := wstest.Listen(wstest.Request(func(*wstest.HTTPRequest) error { return nil }), wstest.Send([]byte("220 mail.example.com ESMTP\r\n")), wstest.Shut(), wstest.ExpectEOF())
		defer p.Close()
		wantCode(t, 103, p.URL())
	})
	t.Run("output goes nowhere", func(t *testing.T) {
		var errs bytes.Buffer
		code := Run(t.Context(), []string{"demo"}, Streams{In: strings.NewReader(""), Out: failingWriter{}, Err: &errs})
		if code != exit.Write || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("exit code %d, stderr %q", code, errs.String())
		}
	})
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) {
	return 0, errors.New("no space left on device")
}

func start(t *testing.T, opts wstest.Options) *wstest.Server {
	t.Helper()
	s, err := wstest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func wantCode(t *testing.T, want int, url string) {
	t.Helper()
	code, stdout, stderr := run(t, "demo", url)
	if code != want {
		t.Errorf("exit code %d, want %d\n%s%s", code, want, stdout, stderr)
	}
	if stderr == "" {
		t.Error("nothing on stderr")
	}
}
