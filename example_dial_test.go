package fairlead_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/cookiejar"
	"net/url"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// Prove who is asking.
func ExampleDialer_auth() {
	server, err := wstest.Start(wstest.Options{Check: func(_ string, fields []handshake.Field) (int, []handshake.Field) {
		for _, f := range fields {
			if f.Name == "Authorization" {
				return 0, nil
			}
		}
		return 401, []handshake.Field{{Name: "WWW-Authenticate", Value: `Basic realm="demo"`}}
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	d := fairlead.Dialer{Auth: auth.Password{Username: "alice", Password: "wonder"}}
	conn, err := d.Dial(context.Background(), server.URL())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Close(context.Background(), frame.StatusNormal, ""))

	// Without them the error says what the server asks for.
	_, err = fairlead.Dial(context.Background(), server.URL())
	var refused *fairlead.HandshakeError
	if errors.As(err, &refused) {
		fmt.Println(refused.Status, refused.Header.Get("WWW-Authenticate"))
	}
	// Output:
	// <nil>
	// 401 Basic realm="demo"
}

// Keep the cookies that servers set, for the next dial. Programs that reach many
// servers should give the jar a list of public suffixes.
func ExampleDialer_jar() {
	server, err := wstest.Start(wstest.Options{Check: func(_ string, fields []handshake.Field) (int, []handshake.Field) {
		for _, f := range fields {
			if f.Name == "Cookie" {
				fmt.Println("the server sees", f.Value)
			}
		}
		return 0, []handshake.Field{{Name: "Set-Cookie", Value: "session=42; HttpOnly"}}
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	jar, err := cookiejar.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	d := fairlead.Dialer{Jar: jar}
	for range 2 {
		conn, err := d.Dial(context.Background(), server.URL())
		if err != nil {
			log.Fatal(err)
		}
		conn.CloseNow()
	}
	// Output: the server sees session=42
}

// Follow redirects, and have a say in each.
func ExampleDialer_redirects() {
	server, err := wstest.Start(wstest.Options{Check: func(target string, _ []handshake.Field) (int, []handshake.Field) {
		if target == "/old" {
			return 307, []handshake.Field{{Name: "Location", Value: "/new"}}
		}
		return 0, nil
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	d := fairlead.Dialer{
		Redirects: 3,
		CheckRedirect: func(_ context.Context, next *url.URL, via []*url.URL) error {
			fmt.Println(via[0].Path, "leads to", next.Path)
			if next.Hostname() != via[0].Hostname() {
				return errors.New("not to another host")
			}
			return nil
		},
	}
	conn, err := d.Dial(context.Background(), server.URL()+"/old")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Close(context.Background(), frame.StatusNormal, ""))
	// Output:
	// /old leads to /new
	// <nil>
}
