package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestScripts runs testdata/*.txtar. $ECHO and $WSS are echo servers, $CA is the
// file of the second one's authority. Their commands:
//
//	exits CODE ARGS   runs fairlead, which must end with that exit code
//	peer KIND         starts a scripted peer at $PEER, see peers
//	size FILE N       a file has N bytes
//	fill FILE N       makes a file of N bytes, all values among them but newlines
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Deadline:            time.Now().Add(2 * time.Minute),
		Setup:               setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "peer": peer, "size": size, "fill": fill,
		},
	})
}

func setUp(env *testscript.Env) error {
	plain, err := wstest.Start(wstest.Options{
		Subprotocols: []string{"chat"}, Deflate: &handshake.Deflate{},
		Check: judgeRequest,
	})
	if err != nil {
		return err
	}
	env.Defer(plain.Close)
	secure, err := wstest.Start(wstest.Options{TLS: true})
	if err != nil {
		return err
	}
	env.Defer(secure.Close)
	ca := filepath.Join(env.WorkDir, "ca.pem")
	if err := os.WriteFile(ca, secure.CertPEM(), 0o600); err != nil {
		return err
	}
	_, port, _ := strings.Cut(secure.Addr(), ":")
	env.Setenv("ECHO", plain.URL())
	env.Setenv("ADDR", plain.Addr())
	env.Setenv("WSS", "wss://localhost:"+port)
	env.Setenv("CA", ca)
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
	env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
	return nil
}

// judgeRequest answers by the path: /401 and the like refuse, /to has a redirect,
// /cookie sets one, /secret wants a login.
func judgeRequest(target string, fields []handshake.Field) (int, []handshake.Field) {
	path, _, _ := strings.Cut(strings.TrimPrefix(target, "/"), "?")
	if code, err := strconv.Atoi(path); err == nil {
		return code, []handshake.Field{{Name: "X-Why", Value: "because"}, {Name: "WWW-Authenticate", Value: `Basic realm="x"`}}
	}
	switch path {
	case "to":
		return 302, []handshake.Field{{Name: "Location", Value: "/"}}
	case "loop":
		return 302, []handshake.Field{{Name: "Location", Value: "/loop"}}
	case "cookie":
		return 0, []handshake.Field{{Name: "Set-Cookie", Value: "a=opensesame; Path=/"}}
	case "secret":
		for _, f := range fields {
			if f.Name == "Authorization" && f.Value == "Basic dXNlcjpvcGVuc2VzYW1l" {
				return 0, nil
			}
		}
		return 401, []handshake.Field{{Name: "WWW-Authenticate", Value: `Basic realm="x"`}}
	}
	return 0, nil
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec("fairlead", args[1:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

func text(s string) wstest.Step {
	return wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Text}, []byte(s))
}

func closing(code frame.StatusCode, reason string) wstest.Step {
	p, err := frame.AppendClose(nil, code, reason)
	if err != nil {
		panic(err)
	}
	return wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Close}, p)
}

// evil is what must not reach a terminal: CSI, OSC 52, C1, CR, BEL, bidi.
const evil = "\x1b[31mred\x1b]52;c;ZXZpbA==\x07\u009b2J\rover\u202ebidi\u2066"

// peers are what servers do that break the rules, or that echo servers do not.
// One that does nothing does so until end.
func peers(kind string, end <-chan struct{}) []wstest.Step {
	up := wstest.Upgrade()
	switch kind {
	case "silent": // after the handshake
		return []wstest.Step{up, wstest.ExpectClose(frame.StatusNormal), closing(frame.StatusNormal, ""), wstest.ExpectEOF()}
	case "mute": // before the handshake
		return []wstest.Step{wstest.Request(func(*wstest.HTTPRequest) error { return nil }), wstest.ExpectEOF()}
	case "dead": // answers neither pings nor a close
		return []wstest.Step{up, wstest.Wait(end)}
	case "masked": // servers must not mask
		return []wstest.Step{up, wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Mask: [4]byte{1, 2, 3, 4}}, []byte("x")), wstest.ExpectClose(frame.StatusProtocolError)}
	case "big":
		return []wstest.Step{up, wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Binary}, make([]byte, 2000)), wstest.ExpectClose(frame.StatusTooBig)}
	case "mail":
		return []wstest.Step{wstest.Request(func(*wstest.HTTPRequest) error { return nil }), wstest.Send([]byte("220 mail.example.com ESMTP\r\n")), wstest.Shut(), wstest.ExpectEOF()}
	case "three":
		return []wstest.Step{up, text(`{"n":1}`), text(`{"n":2}`), text(`{"n":3}`), closing(frame.StatusNormal, "done"), wstest.ExpectClose(frame.StatusNormal)}
	case "evil":
		return []wstest.Step{wstest.Upgrade(handshake.Field{Name: "X-Evil", Value: "a\u009b2Jb"}), text(evil), text(`{"a":"` + "\u202e\u009b" + `"}`), closing(4000, evil), wstest.ExpectClose(4000)}
	case "hangs up": // our Close gets no answer
		return []wstest.Step{up, text("hello"), wstest.ExpectClose(frame.StatusNormal)}
	}
	return nil
}

func peer(ts *testscript.TestScript, _ bool, args []string) {
	end := make(chan struct{})
	steps := peers(strings.Join(args, " "), end)
	if steps == nil {
		ts.Fatalf("no such peer")
	}
	p := wstest.Listen(steps...)
	ts.Defer(func() {
		close(end)
		p.Close()
	})
	ts.Setenv("PEER", p.URL())
}

func size(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := len(ts.ReadFile(args[0])); got != want {
		ts.Fatalf("%s has %d bytes, want %d", args[0], got, want)
	}
}

func fill(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7 + i>>8)
		if p[i] == '\n' {
			p[i] = '.'
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), p, 0o600))
}
