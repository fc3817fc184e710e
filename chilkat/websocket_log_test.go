package chilkat_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestLastErrorText(t *testing.T) {
	ws := newSocket(t)
	want(t, "LastErrorText at first", ws.LastErrorText(), "")
	openOn(t, ws, dial(t, echoServer(t).URL()), "/")
	text := ws.LastErrorText() // kept on success too
	for _, part := range []string{"FairleadLog:\n  ValidateServerHandshake(", "openingHandshake", "statusLine: HTTP/1.1 101", "    Success.\n", "--FairleadLog\n"} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in\n%s", part, text)
		}
	}
	want(t, "FrameDataLen", ws.FrameDataLen(), 0)
	want(t, "LastErrorText after a get", ws.LastErrorText(), text)
	ws.SetIdleTimeoutMs(7) // a set begins a new one
	wantLog(t, ws, "  SetIdleTimeoutMs(0ms):\n")
	want(t, "ReadFrame", ws.ReadFrame(), false)
	wantLog(t, ws, "cause: fairlead: idle timeout")
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 1)
	wantLog(t, ws, "  ReadFrame(")
}

func TestLastErrorXml(t *testing.T) {
	ws := echo(t, "?close=1000&reason=%3C%2FReadFrame%3E%26%00")
	read(t, ws, "Close")
	page := ws.LastErrorXml()
	var root struct{}
	if err := xml.Unmarshal([]byte(page), &root); err != nil {
		t.Errorf("%v in\n%s", err, page)
	}
	for _, part := range []string{"ReadFrame", "1000 normal closure", "&lt;/ReadFrame&gt;"} {
		if !strings.Contains(page, part) {
			t.Errorf("there is no %q in\n%s", part, page)
		}
	}
}

func TestLastErrorHtml(t *testing.T) {
	ws := echo(t, "?close=1000&reason=%3Cscript%3E")
	read(t, ws, "Close")
	page := ws.LastErrorHtml()
	if !strings.HasPrefix(page, "<!DOCTYPE html>") || !strings.Contains(page, "&lt;script&gt;") || strings.Contains(page, "<script>") {
		t.Error(page)
	}
}

func TestLastMethodSuccess(t *testing.T) {
	ws := echo(t, "")
	check := func(after string, success bool) {
		t.Helper()
		want(t, "LastMethodSuccess after "+after, ws.LastMethodSuccess(), success)
	}
	check("ValidateServerHandshake", true)
	ws.UseConnection(nil)
	check("a failure", false)
	ws.SetIdleTimeoutMs(10)
	_ = ws.FrameOpcode()
	check("a get and a set", false)
	ws.PollDataAvailable()
	check("a yes/no question with the answer no", true)
	ws.ReadFrame()
	check("a timeout", false)
	ws.GetFrameData()
	check("GetFrameData", true)
	ws.SetLastMethodSuccess(false)
	check("its own setter", false)
	task := ws.SendPingAsync("")
	check("an Async method", true)
	ws.SetLastMethodSuccess(false)
	must(t, task.Run(), task)
	must(t, task.Wait(0), task)
	check("a task", true)
	ws.DisposeWebSocket()
	if ws.SendPingAsync("") != nil {
		t.Error("a disposed object makes tasks")
	}
	check("an Async method that failed", false)
}

func TestDebugLogFilePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "debug.log")
	content := func() string {
		p, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(p)
	}
	blocked := make(chan struct{})
	ws, _ := scripted(t, untilReading(blocked), wstest.ExpectEOF())
	want(t, "DebugLogFilePath", ws.DebugLogFilePath(), "")
	ws.SetDebugLogFilePath(path)
	want(t, "DebugLogFilePath", ws.DebugLogFilePath(), path)
	task := ws.ReadFrameAsync()
	must(t, task.Run(), task)
	<-blocked // hangs in ReadFrame: the file shows it
	_, hung, found := strings.Cut(content(), " ReadFrame:\n")
	if !found || strings.Contains(hung, "--ReadFrame") {
		t.Errorf("the file does not show the call under way:\n%s", content())
	}
	must(t, task.Cancel(), task)
	must(t, task.Wait(0), task)
	_ = ws.FinalFrame()
	ws.SetIdleTimeoutMs(5)
	for _, part := range []string{"The call was aborted.", "Failed.", "--ReadFrame(", "get FinalFrame (bool)", "SetIdleTimeoutMs:", "value: 5"} {
		if !strings.Contains(content(), part) {
			t.Errorf("there is no %q in\n%s", part, content())
		}
	}
	ws.SetDebugLogFilePath(filepath.Join(path, "impossible"))
	must(t, ws.SendPing(""), ws) // a file that cannot be written fails nothing
}

func TestVerboseLogging(t *testing.T) {
	server := echoServer(t)
	for _, verbose := range []bool{false, true} {
		rest, ws := dial(t, server.URL()), newSocket(t)
		want(t, "VerboseLogging", ws.VerboseLogging(), false)
		ws.SetVerboseLogging(verbose)
		rest.SetVerboseLogging(verbose)
		want(t, "VerboseLogging", ws.VerboseLogging(), verbose)
		check := func(by logger, part string) {
			t.Helper()
			if strings.Contains(by.LastErrorText(), part) != verbose {
				t.Errorf("verbose %t: %q is a matter of verbosity in\n%s", verbose, part, by.LastErrorText())
			}
		}
		must(t, ws.UseConnection(rest), ws)
		must(t, ws.AddClientHeaders(), ws)
		must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
		check(rest, "Sec-WebSocket-Version: 13")
		check(rest, "Sec-WebSocket-Accept: ")
		must(t, ws.ValidateServerHandshake(), ws)
		check(ws, "Sec-WebSocket-Key: ***")
		check(ws, "Sec-WebSocket-Accept: ")
		must(t, ws.SendFrame("hello", true), ws)
		check(ws, "    sendFrame")
		must(t, ws.ReadFrame(), ws)
		check(ws, "    readFrame")
	}
}

func TestVersion(t *testing.T) {
	want(t, "Version", newSocket(t).Version(), chilkat.Version)
}

// TestAutomaticAnswersAreLogged shows them in the log of the ReadFrame that made
// them.
func TestAutomaticAnswersAreLogged(t *testing.T) {
	ws, _ := scripted(t, send(frame.Ping, true, "x"), expect(frame.Pong, "x"), send(frame.Text, true, "x"), wstest.ExpectEOF())
	ws.SetVerboseLogging(true)
	must(t, ws.ReadFrame(), ws)
	wantLog(t, ws, "opcode: ping")
	wantLog(t, ws, "opcode: pong")
}

// TestNoSecretIsLogged puts a canary wherever a secret may stand and looks for it
// in everything that is written down.
func TestNoSecretIsLogged(t *testing.T) {
	const canary = "Tw33tTw33t"
	server := echoServer(t)
	host, port := hostPort(t, server.URL())
	path := filepath.Join(t.TempDir(), "debug.log")
	rest, ws := chilkat.NewRest(), newSocket(t)
	defer rest.DisposeRest()
	var written strings.Builder
	do := func(bool) {
		for _, o := range []interface {
			LastErrorText() string
			LastErrorHtml() string
			LastErrorXml() string
			LastError() error
		}{rest, ws} {
			written.WriteString(o.LastErrorText() + o.LastErrorHtml() + o.LastErrorXml())
			if err := o.LastError(); err != nil {
				written.WriteString(err.Error())
			}
		}
	}
	rest.SetVerboseLogging(true)
	ws.SetVerboseLogging(true)
	rest.SetDebugLogFilePath(path)
	ws.SetDebugLogFilePath(path)

	do(rest.Connect("http://user:"+canary+"@host/", port, false, false))
	do(rest.Connect("user:"+canary+"@host", port, false, false))
	do(rest.Connect("/"+canary, port, false, false))
	do(rest.Connect(host, port, false, false))
	do(rest.AddHeader("Cookie", canary))
	do(rest.AddHeader("X-Api-Key", canary+"\r\n"))
	do(rest.AddHeader("Authorization: "+canary, "x"))
	do(rest.AddHeader("X-Token", canary))
	rest.SetAuthorization("Bearer " + canary + "\r\n")
	do(true)
	rest.SetAuthorization("Bearer " + canary)
	do(true)
	do(rest.SetAuthBasic("user", canary+"\n"))
	do(rest.SetAuthBasic(canary+":", "x"))
	do(rest.SetAuthBasic("user", canary))
	do(rest.AddQueryParam("token", canary))
	do(rest.AddQueryParams("more=" + canary + "&" + canary))
	do(rest.AddQueryParams("broken=%" + canary))
	do(rest.AddPathParam("{id}", canary[:0]+"5"))
	do(ws.UseConnection(rest))
	do(ws.AddClientHeaders())
	for _, bad := range []string{"ws://h/?a=" + canary, "x?a=" + canary, "/?a=" + canary + "\r\n", "/#" + canary, "/ ?" + canary} {
		do(rest.FullRequestNoBody("GET", bad) != nil)
	}
	do(rest.FullRequestNoBody("GET "+canary, "/") != nil)
	do(rest.FullRequestNoBody("GET", "/{id}?secret="+canary) != nil)
	do(ws.ValidateServerHandshake())
	do(ws.SendFrame(canary, true))
	do(ws.ReadFrame())
	do(ws.CloseConnection())
	if !strings.Contains(rest.LastRequestHeader(), "Basic ") || !strings.Contains(rest.LastRequestStartLine(), canary) {
		t.Error("the canary was never sent, so the test shows nothing")
	}

	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a log": written.String(), "the debug log file": string(file)} {
		if i := strings.Index(text, canary); i >= 0 {
			t.Errorf("the canary is in %s: ...%s...", name, text[max(0, i-300):i+20])
		}
		if i := strings.Index(text, "VHczM3RUdzMzdA"); i >= 0 {
			t.Errorf("the canary in base64 is in %s", name)
		}
	}
}
