// Command echoserver is the echo server of wstest as a process of its own, for the
// tests and measurements of clients in other languages. It prints its URL, and ends
// when its standard input does.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func main() {
	server, err := wstest.Start(wstest.Options{Subprotocols: []string{"echo.fairlead"}, Deflate: &handshake.Deflate{}})
	if err != nil {
		fmt.Fprintln(os.Stderr, "echoserver:", err)
		os.Exit(1)
	}
	defer server.Close()
	fmt.Println(server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
}
