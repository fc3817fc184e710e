package chilkat_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// limit bounds what a test waits for.
const limit = 10 * time.Second

// logger is any class.
type logger interface {
	LastErrorText() string
	LastMethodSuccess() bool
	LastError() error
}

// must demands that a call succeeded.
func must(t *testing.T, ok bool, by logger) {
	t.Helper()
	if !ok || !by.LastMethodSuccess() || by.LastError() != nil {
		t.Fatalf("the call failed (LastError %v):\n%s", by.LastError(), by.LastErrorText())
	}
}

// mustFail demands that a call failed and that the log says why.
func mustFail(t *testing.T, ok bool, by logger, why string) {
	t.Helper()
	if ok || by.LastError() == nil || !strings.Contains(by.LastErrorText(), "    Failed.\n") {
		t.Errorf("the call did not fail (LastError %v):\n%s", by.LastError(), by.LastErrorText())
	}
	wantLog(t, by, why)
}

// wantLog demands that the log of the last call has a text.
func wantLog(t *testing.T, by logger, text string) {
	t.Helper()
	if got := by.LastErrorText(); !strings.Contains(got, text) {
		t.Errorf("the log does not say %q:\n%s", text, got)
	}
}

// want compares the value of a member.
func want[T comparable](t *testing.T, member string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %#v, want %#v", member, got, want)
	}
}

// wantData demands what GetFrameData gives.
func wantData(t *testing.T, ws *chilkat.WebSocket, text string) {
	t.Helper()
	if got := ws.GetFrameData(); got == nil || *got != text {
		t.Errorf("GetFrameData gives %q, want %q", deref(got), text)
	}
}

func deref(s *string) string {
	if s == nil {
		return "(nil)"
	}
	return *s
}

// read demands the next frame.
func read(t *testing.T, ws *chilkat.WebSocket, opcode string) {
	t.Helper()
	must(t, ws.ReadFrame(), ws)
	want(t, "FrameOpcode", ws.FrameOpcode(), opcode)
}

// dial connects a Rest to a server that listens at a ws URL.
func dial(t *testing.T, rawURL string) *chilkat.Rest {
	t.Helper()
	rest := chilkat.NewRest()
	t.Cleanup(rest.DisposeRest)
	host, port := hostPort(t, rawURL)
	must(t, rest.Connect(host, port, false, false), rest)
	return rest
}

func hostPort(t *testing.T, rawURL string) (string, int) {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return u.Hostname(), port
}

// newSocket is a WebSocket that the test disposes of.
func newSocket(t *testing.T) *chilkat.WebSocket {
	ws := chilkat.NewWebSocket()
	t.Cleanup(ws.DisposeWebSocket)
	return ws
}

// open goes through the opening handshake with settings made by prepare.
func open(t *testing.T, rawURL, path string, prepare ...func(*chilkat.WebSocket)) *chilkat.WebSocket {
	t.Helper()
	rest, ws := dial(t, rawURL), newSocket(t)
	for _, p := range prepare {
		p(ws)
	}
	openOn(t, ws, rest, path)
	return ws
}

func openOn(t *testing.T, ws *chilkat.WebSocket, rest *chilkat.Rest, path string) {
	t.Helper()
	must(t, ws.UseConnection(rest), ws)
	must(t, ws.AddClientHeaders(), ws)
	must(t, rest.FullRequestNoBody("GET", path) != nil, rest)
	want(t, "ResponseStatusCode", rest.ResponseStatusCode(), 101)
	must(t, ws.ValidateServerHandshake(), ws)
}

// echo opens a session with an echo server. The query steers the server.
func echo(t *testing.T, query string, prepare ...func(*chilkat.WebSocket)) *chilkat.WebSocket {
	t.Helper()
	return open(t, echoServer(t).URL(), "/"+query, prepare...)
}

func echoServer(t *testing.T) *wstest.Server {
	t.Helper()
	server := wstest.NewServer()
	t.Cleanup(server.Close)
	if err := server.Err(); err != nil {
		t.Fatal(err)
	}
	return server
}

// scripted opens a session with a peer that plays steps after the handshake. The
// script must have come true when played is called.
func scripted(t *testing.T, steps ...wstest.Step) (ws *chilkat.WebSocket, played func()) {
	t.Helper()
	peer := wstest.Listen(append([]wstest.Step{wstest.Upgrade()}, steps...)...)
	t.Cleanup(peer.Close)
	return open(t, peer.URL(), "/"), func() {
		t.Helper()
		if err := peer.Err(); err != nil {
			t.Error(err)
		}
	}
}

// send is a step that sends a frame.
func send(op frame.Opcode, fin bool, payload string) wstest.Step {
	return wstest.SendFrame(frame.Header{Fin: fin, Opcode: op}, []byte(payload))
}

// expect is a step that demands a final frame.
func expect(op frame.Opcode, payload string) wstest.Step {
	return wstest.ExpectFrame(op, true, []byte(payload))
}

// closeWith is the payload of a Close frame.
func closeWith(t *testing.T, code frame.StatusCode, reason string) string {
	t.Helper()
	p, err := frame.AppendClose(nil, code, reason)
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

// finish runs a task to its end and demands what it returned.
func finish(t *testing.T, task *chilkat.Task, success bool) {
	t.Helper()
	if task == nil {
		t.Fatal("the Async method made no task")
	}
	must(t, task.Run(), task)
	must(t, task.Wait(int(limit/time.Millisecond)), task)
	if task.GetResultBool() != success {
		t.Errorf("the task returned %t:\n%s", !success, task.ResultErrorText())
	}
}

// untilReading is a step that closes blocked when a ReadFrame is under way: a
// Ping is answered by nothing else.
func untilReading(blocked chan struct{}) wstest.Step {
	return wstest.Repeat(1, send(frame.Ping, true, "are you reading?"), expect(frame.Pong, "are you reading?"),
		wstest.Do(func() error { close(blocked); return nil }))
}
