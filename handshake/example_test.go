package handshake_test

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/fairlead-ws/fairlead/handshake"
)

// What a server answers to the key of RFC 6455 section 1.3.
func ExampleAcceptKey() {
	fmt.Println(handshake.AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="))
	// Output: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
}

// A key is 16 bytes that nobody can guess, new for each request.
func ExampleNewKey() {
	var random [16]byte
	rand.Read(random[:]) // never fails: see package crypto/rand
	fmt.Println(len(handshake.NewKey(random)))
	// Output: 24
}

func ExampleRequest_Append() {
	request := handshake.Request{
		Host:   "example.com",
		Target: "/chat?room=1",
		Fields: []handshake.Field{{Name: "Origin", Value: "https://example.com"}},
		Offer: handshake.Offer{
			Key:          "dGhlIHNhbXBsZSBub25jZQ==",
			Subprotocols: []string{"chat", "superchat"},
		},
	}
	wire, err := request.Append(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(string(wire), "\r\n", "\n"))
	// Output:
	// GET /chat?room=1 HTTP/1.1
	// Host: example.com
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
	// Sec-WebSocket-Version: 13
	// Sec-WebSocket-Protocol: chat, superchat
	// Origin: https://example.com
}

func ExampleVerify() {
	offer := handshake.Offer{
		Key:          "dGhlIHNhbXBsZSBub25jZQ==",
		Subprotocols: []string{"chat", "superchat"},
	}
	response := &handshake.Response{
		Major: 1, Minor: 1, Status: 101,
		Fields: []handshake.Field{
			{Name: "Upgrade", Value: "websocket"},
			{Name: "Connection", Value: "Upgrade"},
			{Name: "Sec-WebSocket-Accept", Value: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
			{Name: "Sec-WebSocket-Protocol", Value: "superchat"},
		},
	}
	agreement, err := handshake.Verify(offer, response)
	fmt.Printf("%q %v\n", agreement.Subprotocol, err)

	response.Fields[3].Value = "sip"
	_, err = handshake.Verify(offer, response)
	fmt.Println(err)
	// Output:
	// "superchat" <nil>
	// handshake: response with status 101: Sec-WebSocket-Protocol: must come once and be one of the subprotocols offered
}

// A request that was built by hand, field by field, and what it offers.
func ExampleOfferFrom() {
	offer, err := handshake.OfferFrom([]handshake.Field{
		{Name: "Host", Value: "example.com"},
		{Name: "Upgrade", Value: "websocket"},
		{Name: "Connection", Value: "keep-alive, Upgrade"},
		{Name: "Sec-WebSocket-Version", Value: "13"},
		{Name: "Sec-WebSocket-Key", Value: "dGhlIHNhbXBsZSBub25jZQ=="},
		{Name: "Sec-WebSocket-Protocol", Value: "chat, superchat"},
	})
	fmt.Printf("%q %v\n", offer.Subprotocols, err)
	// Output: ["chat" "superchat"] <nil>
}
