package wstest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// An echo server, and a client made by hand in place of the one to be tested.
func ExampleNewServer() {
	server := wstest.NewServer()
	defer server.Close()

	conn, err := net.Dial("tcp", server.Addr())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	request := handshake.Request{
		Host:   server.Addr(),
		Target: "/?ping=are+you+there",
		Offer:  handshake.Offer{Key: handshake.NewKey([16]byte{})},
	}
	wire, err := request.Append(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	conn.Write(wire)

	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.Status)

	ping := make([]byte, 2+len("are you there"))
	io.ReadFull(in, ping)
	fmt.Printf("%#x %s\n", ping[0], ping[2:])

	conn.Write([]byte("\x81\x85\x00\x00\x00\x00hello"))
	echo := make([]byte, 2+len("hello"))
	io.ReadFull(in, echo)
	fmt.Printf("%#x %s\n", echo[0], echo[2:])
	// Output:
	// 101 Switching Protocols
	// 0x89 are you there
	// 0x81 hello
}

// A script that sends a Ping and finds that the client does not mask its Pong.
func ExamplePlay() {
	client, server := wstest.Pipe()
	defer client.Close()
	defer server.Close()

	go func() { // stands for a client with a fault
		client.Read(make([]byte, 16))
		client.Write([]byte("\x8a\x02hi"))
	}()

	err := wstest.Play(server,
		wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Ping}, []byte("hi")),
		wstest.ExpectFrame(frame.Pong, true, []byte("hi")),
	)
	fmt.Println(err)
	// Output:
	// wstest: step 2, ExpectFrame pong fin=true, 2 bytes 6869: got a frame without a mask: pong fin=true, 2 bytes (RFC 6455 section 5.1)
}

// The same over TCP: the peer has a URL, and its verdict comes from Err.
func ExampleListen() {
	peer := wstest.Listen(
		wstest.Upgrade(),
		wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Close}, nil),
		wstest.ExpectClose(frame.StatusNoStatus),
		wstest.ExpectEOF(),
	)
	defer peer.Close()

	conn, err := net.Dial("tcp", peer.URL()[len("ws://"):])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
	conn.Write([]byte("\x88\x80\x00\x00\x00\x00"))
	in := bufio.NewReader(conn)
	http.ReadResponse(in, nil)
	io.ReadFull(in, make([]byte, len("\x88\x00")))
	conn.Close()
	fmt.Println(peer.Err())
	// Output:
	// <nil>
}
