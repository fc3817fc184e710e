package chilkat_test

import (
	"fmt"
	"net"
	"strconv"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

// The session of the reference, from the connection to the Close.
func Example() {
	server := wstest.NewServer() // echoes
	defer server.Close()
	host, portText, _ := net.SplitHostPort(server.Addr())
	port, _ := strconv.Atoi(portText)

	rest, ws := chilkat.NewRest(), chilkat.NewWebSocket()
	defer ws.DisposeWebSocket()
	if !rest.Connect(host, port, false, false) {
		fmt.Println(rest.LastErrorText())
		return
	}
	if !ws.UseConnection(rest) || !ws.AddClientHeaders() {
		fmt.Println(ws.LastErrorText())
		return
	}
	if rest.FullRequestNoBody("GET", "/") == nil {
		fmt.Println(rest.LastErrorText())
		return
	}
	if !ws.ValidateServerHandshake() {
		fmt.Println(ws.LastErrorText())
		return
	}

	ws.SendFrame("Hello, ", false)
	ws.SendFrame("world", true)
	for ws.ReadFrame() && !ws.FinalFrame() {
	}
	fmt.Println(*ws.GetFrameData())

	ws.SendClose(true, 1000, "done")
	for ws.ReadFrame() {
		fmt.Println(ws.FrameOpcode(), ws.CloseStatusCode(), ws.IsConnected())
	}
	// Output:
	// Hello, world
	// Close 1000 false
}

// A read that times out loses nothing: the next one goes on.
func ExampleWebSocket_ReadFrame() {
	server := wstest.NewServer()
	defer server.Close()
	ws := session(server)
	defer ws.DisposeWebSocket()

	ws.SetIdleTimeoutMs(10)
	for i := 0; !ws.ReadFrame(); i++ {
		if ws.ReadFrameFailReason() != 1 { // 1 is a timeout
			fmt.Println(ws.LastErrorText())
			return
		}
		if i == 0 {
			fmt.Println("nothing yet")
			ws.SendFrame("ship ahoy", true)
		}
	}
	fmt.Println(*ws.GetFrameData())
	// Output:
	// nothing yet
	// ship ahoy
}

// A task reads in the background; Cancel ends the read, not the connection.
func ExampleWebSocket_ReadFrameAsync() {
	server := wstest.NewServer()
	defer server.Close()
	ws := session(server)
	defer ws.DisposeWebSocket()

	task := ws.ReadFrameAsync()
	task.Run()
	ws.SendFrame("to the task", true)
	task.Wait(0)
	fmt.Println(task.GetResultBool(), *ws.GetFrameData())

	task = ws.ReadFrameAsync()
	task.Run()
	task.Cancel()
	task.Wait(0)
	fmt.Println(task.GetResultBool(), ws.IsConnected())
	// Output:
	// true to the task
	// false true
}

// session opens a session with an echo server.
func session(server *wstest.Server) *chilkat.WebSocket {
	host, portText, _ := net.SplitHostPort(server.Addr())
	port, _ := strconv.Atoi(portText)
	rest, ws := chilkat.NewRest(), chilkat.NewWebSocket()
	opened := rest.Connect(host, port, false, false) && ws.UseConnection(rest) && ws.AddClientHeaders() &&
		rest.FullRequestNoBody("GET", "/") != nil && ws.ValidateServerHandshake()
	if !opened {
		fmt.Println(rest.LastErrorText(), ws.LastErrorText())
	}
	return ws
}
