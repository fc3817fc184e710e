package connect

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestCookieJar(t *testing.T) {
	var got []string
	s, err := wstest.Start(wstest.Options{Check: func(_ string, fields []handshake.Field) (int, []handshake.Field) {
		for _, f := range fields {
			if f.Name == "Cookie" {
				got = append(got, f.Value)
			}
		}
		return 0, []handshake.Field{
			{Name: "Set-Cookie", Value: "session=1; Path=/; HttpOnly; Max-Age=100"},
			{Name: "Set-Cookie", Value: "gone=1; Path=/; Max-Age=0"},
			{Name: "Set-Cookie", Value: "evil=1; Domain=com"},
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	file := filepath.Join(t.TempDir(), "jar")
	setup := mustBuild(t, nil, "-c", file, s.URL())
	dial(t, setup)
	if err := setup.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(data), netscapeHead) || !strings.Contains(string(data), "#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t") ||
		strings.Contains(string(data), "gone") || strings.Contains(string(data), "evil") {
		t.Fatalf("%v\n%s", err, data)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	dial(t, mustBuild(t, nil, "-b", file, s.URL()))
	dial(t, mustBuild(t, nil, "-b", "@"+file, "-b", "own=2", s.URL()))
	if want := "session=1|own=2; session=1"; strings.Join(got, "|") != want {
		t.Errorf("cookies %q, want %q", got, want)
	}
}

func TestCookieFiles(t *testing.T) {
	j, err := newJar()
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, "cookies", netscapeHead+"\r\n\r\n.example.com\tTRUE\t/\tTRUE\t0\ta\t1\r\nhost.example.com\tFALSE\t/x\tFALSE\t4102444800\tb\t\r\nold.example.com\tFALSE\t/\tFALSE\t1\tc\t3\r\n")
	if err := j.loadCookies(path); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ url, want string }{
		{"https://sub.example.com/", "a=1"},
		{"http://sub.example.com/", ""},
		{"http://host.example.com/x", "b="},
		{"https://host.example.com/x", "b= a=1"},
		{"https://old.example.com/", "a=1"},
	} {
		req, _ := http.NewRequest(http.MethodGet, tt.url, nil)
		var got []string
		for _, c := range j.Cookies(req.URL) {
			got = append(got, c.Name+"="+c.Value)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, want %q", tt.url, got, tt.want)
		}
	}
	if err := j.loadCookies(write(t, "bad", "nonsense\n")); err == nil {
		t.Error("a file of something else was read")
	}
}
