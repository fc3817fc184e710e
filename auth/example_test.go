package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/auth"
)

// What a Dialer does with credentials, without the network.
func ExamplePassword() {
	var credentials auth.Credentials = auth.Password{Username: "alice", Password: "wonder"}

	ctx := context.Background()
	r := &auth.Request{Method: http.MethodConnect, URL: &url.URL{Host: "example.com:443"}, Header: http.Header{}, Proxy: true}
	ex := credentials.Begin()
	if err := ex.Authorize(ctx, r, nil); err != nil {
		fmt.Println(err)
	}
	fmt.Println("first request:", len(r.Header), "fields")

	// The proxy answers 407, with two challenges in one field.
	err := ex.Authorize(ctx, r, []string{`Basic realm="office", Digest realm="office", nonce="Zm9v", qop="auth"`})
	scheme, _, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
	fmt.Println("second request:", scheme, err)
	// Output:
	// first request: 0 fields
	// second request: Digest <nil>
}

// A token that expires: Source is asked for each dial, and again after a refusal.
func ExampleBearer_source() {
	credentials := auth.Bearer{Source: func(ctx context.Context) (string, error) {
		return "fresh-token", ctx.Err() // ask the token service here
	}}

	u, _ := url.Parse("wss://example.com/feed")
	r := &auth.Request{Method: http.MethodGet, URL: u, Header: http.Header{}, Private: true}
	err := credentials.Begin().Authorize(context.Background(), r, nil)
	fmt.Println(r.Header.Get("Authorization"), err)
	// Output: Bearer fresh-token <nil>
}

// A presigned URL for MQTT over WebSocket.
func ExampleAWS_presign() {
	credentials := auth.AWS{
		AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret",
		Region: "eu-central-1", Service: "iotdevicegateway",
		Presign: true,
		Now:     func() time.Time { return time.Unix(1_700_000_000, 0) }, // leave it out
	}

	u, _ := url.Parse("wss://broker.example.com/mqtt")
	r := &auth.Request{Method: http.MethodGet, URL: u, Header: http.Header{}, Private: true}
	err := credentials.Begin().Authorize(context.Background(), r, nil)
	q := u.Query()
	fmt.Println(q.Get("X-Amz-Credential"), q.Get("X-Amz-Date"), q.Get("X-Amz-Expires"), err)
	// Output: AKIDEXAMPLE/20231114/eu-central-1/iotdevicegateway/aws4_request 20231114T221320Z 300 <nil>
}
