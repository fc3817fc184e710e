package demo

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestEmbeddedServer(t *testing.T) {
	var out bytes.Buffer
	if err := Run(t.Context(), Options{Out: &out}); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	text := out.String()
	for _, c := range chapters {
		for _, p := range c.programs {
			_, rest, found := strings.Cut(text, "\n"+c.face+": "+p.name+"\n")
			told, _, _ := strings.Cut(rest, "\n\n")
			if !found || !strings.Contains(told, "as expected") {
				t.Errorf("%s: %s: told %q", c.face, p.name, told)
			}
			// Every session ends by a Close in both directions.
			for _, way := range []string{"→", "←"} {
				if !regexp.MustCompile(`(?m)^` + way + ` \S+ close fin `).MatchString(told) {
					t.Errorf("%s: %s: no Close %s is shown", c.face, p.name, way)
				}
			}
		}
	}
	if strings.Contains(text, "left out:") {
		t.Error("something was left out")
	}
}

// TestForeignServerThatRefusesTheQuery shows that only the steered sessions are
// left out.
func TestForeignServerThatRefusesTheQuery(t *testing.T) {
	echo, err := wstest.Start(wstest.Options{Check: func(target string, _ []handshake.Field) (int, []handshake.Field) {
		if strings.Contains(target, "=") {
			return 404, nil
		}
		return 0, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	var out bytes.Buffer
	if err := Run(t.Context(), Options{URL: echo.URL(), Out: &out}); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if got, want := strings.Count(out.String(), "\nleft out: "), 3*len(chapters); got != want {
		t.Errorf("%d sessions left out, want %d\n%s", got, want, &out)
	}
}

// TestForeignServerThatStaysSilent lets each steered session meet a server that
// does nothing by itself.
func TestForeignServerThatStaysSilent(t *testing.T) {
	for _, p := range steered() {
		t.Run(p.name, func(t *testing.T) {
			peer := wstest.Listen(wstest.Upgrade(), wstest.ExpectEOF())
			defer peer.Close()
			told, err := runProgram(t, p.program, peer.URL())
			if err != nil || !strings.Contains(told, "\nleft out: the server sent nothing by itself\n") {
				t.Errorf("%v\n%s", err, told)
			}
		})
	}
}

func TestForeignServerThatBeginsOtherwise(t *testing.T) {
	for _, p := range steered() {
		t.Run(p.name, func(t *testing.T) {
			peer := wstest.Listen(wstest.Upgrade(),
				wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Text}, []byte("welcome")), wstest.ExpectEOF())
			defer peer.Close()
			told, err := runProgram(t, p.program, peer.URL())
			if err != nil || !strings.Contains(told, "\nleft out: the server sent something else") {
				t.Errorf("%v\n%s", err, told)
			}
		})
	}
}

// TestWrongAnswer lets sessions meet a server that echoes something else.
func TestWrongAnswer(t *testing.T) {
	for _, c := range chapters {
		for _, p := range c.programs {
			if !strings.HasPrefix(p.name, "7.") {
				continue
			}
			t.Run(c.face, func(t *testing.T) {
				peer := wstest.Listen(wstest.Upgrade(),
					wstest.ExpectFrame(frame.Binary, true, []byte{0x00, 0x01, 0xFE, 0xFF}),
					wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Text}, []byte("\x1b[2J")),
					wstest.ExpectClose(frame.StatusNormal),
					wstest.Send([]byte{0x88, 0x02, 0x03, 0xE8}), wstest.ExpectEOF())
				defer peer.Close()
				told, err := runProgram(t, p, peer.URL())
				if !errors.Is(err, ErrUnexpected) || !strings.Contains(told, "FAILED") {
					t.Errorf("error %v\n%s", err, told)
				}
				if strings.Contains(told, "\x1b") {
					t.Errorf("bytes of the peer reach the terminal raw: %q", told)
				}
			})
		}
	}
}

func TestOwnServerHasNoExcuse(t *testing.T) {
	s := &session{lineWriter: &lineWriter{w: &bytes.Buffer{}}}
	if err := s.leaveOut("it was silent"); !errors.Is(err, ErrUnexpected) {
		t.Errorf("error %v, want ErrUnexpected", err)
	}
}

func TestWith(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"ws://h/", "ws://h/?ping=a+b"},
		{"ws://h/p?room=1", "ws://h/p?room=1&ping=a+b"},
	} {
		u, err := parseURL(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		s := &session{server: server{url: u}}
		if got := s.with(url.Values{"ping": {"a b"}}).String(); got != tt.want {
			t.Errorf("with(%q) = %q, want %q", tt.url, got, tt.want)
		}
		if got := s.with(nil).String(); got != tt.url {
			t.Errorf("with(%q, nothing) = %q", tt.url, got)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("no more")
	cancel(cause)
	if err := Run(ctx, Options{Out: &bytes.Buffer{}}); !errors.Is(err, cause) {
		t.Errorf("error %v, want the context's cause", err)
	}
}

type named struct {
	program
	name string
}

// steered returns the sessions in which the server is to begin.
func steered() (list []named) {
	for _, c := range chapters {
		for _, p := range c.programs {
			if strings.HasPrefix(p.name, "4.") || strings.Contains(p.name, "the server first") {
				list = append(list, named{p, c.face + " " + p.name})
			}
		}
	}
	return list
}

// runProgram runs one program against a foreign server.
func runProgram(t *testing.T, p program, target string) (told string, err error) {
	t.Helper()
	u, err := parseURL(target)
	if err != nil {
		t.Fatal(err)
	}
	with := server{url: u, foreign: true, patience: 50 * time.Millisecond}
	var out bytes.Buffer
	err = runAll(t.Context(), &lineWriter{w: &out}, with, []chapter{{"test", []program{p}}})
	return out.String(), err
}
