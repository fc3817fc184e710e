package fairlead_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// Dial a server, send a message, read the answer, close.
func ExampleDial() {
	server := wstest.NewServer() // an echo server, to have something to dial
	defer server.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := fairlead.Dial(ctx, server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()

	if err := conn.WriteText(ctx, "hello"); err != nil {
		log.Fatal(err)
	}
	typ, p, err := conn.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v: %s\n", typ, p)
	fmt.Println(conn.Close(ctx, frame.StatusNormal, "bye"))
	// Output:
	// text: hello
	// <nil>
}

// Loop over the messages until the server closes.
func ExampleConn_Messages() {
	server := wstest.NewServer()
	defer server.Close()
	ctx := context.Background()
	conn, err := fairlead.Dial(ctx, server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()

	for _, s := range []string{"one", "two", "three"} {
		if err := conn.WriteText(ctx, s); err != nil {
			log.Fatal(err)
		}
	}
	for m, err := range conn.Messages(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", m.Data) // valid until the next turn
		if string(m.Data) == "three" {
			break
		}
	}
	// Output:
	// one
	// two
	// three
}

// Send a message in frames of your own, and read frames as they come.
func ExampleConn_ReadFrame() {
	server := wstest.NewServer()
	defer server.Close()
	ctx := context.Background()
	conn, err := fairlead.Dial(ctx, server.URL()+"?ping=are+you+there")
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()
	conn.SetPolicy(fairlead.Policy{AnswerClose: true}) // show Pings and Pongs

	for i, part := range []string{"in ", "three ", "frames"} {
		h := frame.Header{Opcode: frame.Continuation, Fin: i == 2}
		if i == 0 {
			h.Opcode = frame.Text
		}
		if err := conn.WriteFrame(ctx, h, []byte(part)); err != nil {
			log.Fatal(err)
		}
	}
	for range 2 {
		h, p, err := conn.ReadFrame(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v fin=%v %s\n", h.Opcode, h.Fin, p)
		if h.Opcode == frame.Ping {
			if err := conn.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Pong}, p); err != nil {
				log.Fatal(err)
			}
		}
	}
	// Output:
	// ping fin=true are you there
	// text fin=true in three frames
}

// A read that times out loses nothing: read again.
func ExampleConn_Read_timeout() {
	server := wstest.NewServer()
	defer server.Close()
	conn, err := fairlead.Dial(context.Background(), server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()

	impatient, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, _, err = conn.Read(impatient)
	fmt.Println("timed out:", errors.Is(err, context.DeadlineExceeded))

	if err := conn.WriteText(context.Background(), "still here"); err != nil {
		log.Fatal(err)
	}
	_, p, err := conn.Read(context.Background())
	fmt.Printf("%s, %v\n", p, err)
	// Output:
	// timed out: true
	// still here, <nil>
}
