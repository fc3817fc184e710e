package handshake_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/handshake"
)

type (
	params     = []handshake.Param
	extensions = []handshake.Extension
)

// offer is what the rows below answer, unless they say otherwise.
var offer = handshake.Offer{
	Key:          key,
	Subprotocols: []string{"chat", "superchat"},
	Extensions: extensions{
		{Name: "permessage-deflate", Params: params{{Name: "client_max_window_bits"}}},
		{Name: "permessage-deflate"},
		{Name: "x-mux"},
	},
}

// Rows of section A of the catalogue of hostile peers that the fields of a
// response decide.
func TestVerifyAccepted(t *testing.T) {
	for _, tt := range []struct {
		name, wire string
		want       handshake.Agreement
	}{
		{"A40 nothing chosen", correct, handshake.Agreement{}},
		{"A04 white space around Accept", lineStatus + lineUpgrade + lineConnection + "Sec-WebSocket-Accept: \t " + accept + " \t\r\n", handshake.Agreement{}},
		{"A08 WebSocket", lineStatus + "Upgrade: WebSocket\r\n" + lineConnection + lineAccept, handshake.Agreement{}},
		{"A08 WEBSOCKET", lineStatus + "upgrade: WEBSOCKET\r\n" + lineConnection + lineAccept, handshake.Agreement{}},
		{"A10 keep-alive, Upgrade", lineStatus + lineUpgrade + "Connection: keep-alive, Upgrade\r\n" + lineAccept, handshake.Agreement{}},
		{"A10 two Connection fields", lineStatus + lineUpgrade + "Connection: keep-alive\r\nConnection: upgrade\r\n" + lineAccept, handshake.Agreement{}},
		{"A14 HTTP/1.2", "HTTP/1.2 101 x\r\n" + lineUpgrade + lineConnection + lineAccept, handshake.Agreement{}},
		{"A17 no reason phrase", "HTTP/1.1 101\r\n" + lineUpgrade + lineConnection + lineAccept, handshake.Agreement{}},
		{"A29 after interim responses", "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 103 x\r\n\r\n" + correct, handshake.Agreement{}},
		{"A32 Content-Length", correct + "Content-Length: 5\r\n", handshake.Agreement{}},
		{"A52 Sec-WebSocket-Version", correct + "Sec-WebSocket-Version: 13\r\n", handshake.Agreement{}},
		{"A53 Set-Cookie", correct + "Set-Cookie: a=b\r\n", handshake.Agreement{}},
		{"first subprotocol", correct + "Sec-WebSocket-Protocol: chat\r\n", handshake.Agreement{Subprotocol: "chat"}},
		{"last subprotocol", correct + "Sec-WebSocket-Protocol: superchat\r\n", handshake.Agreement{Subprotocol: "superchat"}},
		{"one extension", correct + "Sec-WebSocket-Extensions: x-mux\r\n", handshake.Agreement{Extensions: extensions{{Name: "x-mux"}}}},
		{"two extensions in two fields", correct + "Sec-WebSocket-Extensions: x-mux\r\nSec-WebSocket-Extensions: permessage-deflate; a; b=\"c\"\r\n", handshake.Agreement{Extensions: extensions{
			{Name: "x-mux"},
			{Name: "permessage-deflate", Params: params{{Name: "a"}, {Name: "b", Value: "c", HasValue: true}}},
		}}},
		// What A45 and A46 refuse is a matter of the extension; here it is
		// handed on as it came.
		{"A45 parameters are handed on", correct + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99\r\n", handshake.Agreement{Extensions: extensions{
			{Name: "permessage-deflate", Params: params{{Name: "server_max_window_bits", Value: "99", HasValue: true}}},
		}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := handshake.Verify(offer, parse(t, tt.wire))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestVerifyRefused(t *testing.T) {
	const (
		acceptName = "Sec-WebSocket-Accept"
		protocol   = "Sec-WebSocket-Protocol"
		extension  = "Sec-WebSocket-Extensions"
		noAccept   = lineStatus + lineUpgrade + lineConnection
	)
	for _, tt := range []struct{ name, wire, field, text string }{
		{"A01 Accept absent", noAccept, acceptName, "must come once"},
		{"A02 Accept for another key", noAccept + acceptName + ": Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=\r\n", acceptName, "match the key"},
		{"A02 the key itself", noAccept + acceptName + ": " + key + "\r\n", acceptName, "match the key"},
		{"A03 Accept in another case", noAccept + acceptName + ": S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", acceptName, "match the key"},
		{"A05 good, then bad", correct + acceptName + ": s3cret\r\n", acceptName, "must come once"},
		{"A05 bad, then good", noAccept + acceptName + ": s3cret\r\n" + lineAccept, acceptName, "must come once"},
		{"A05 good twice", correct + lineAccept, acceptName, "must come once"},
		{"A05 good twice in one field", noAccept + acceptName + ": " + accept + ", " + accept + "\r\n", acceptName, "match the key"},
		{"A06 without padding", noAccept + acceptName + ": s3pPLMBiTxaQ9kYGzzhZRbK+xOo\r\n", acceptName, "match the key"},
		{"A06 url-safe", noAccept + acceptName + ": s3pPLMBiTxaQ9kYGzzhZRbK-xOo=\r\n", acceptName, "match the key"},
		{"A06 trailing bytes", noAccept + acceptName + ": " + accept + "x\r\n", acceptName, "match the key"},
		{"A06 empty", noAccept + acceptName + ":\r\n", acceptName, "match the key"},
		{"A06 non-breaking space", noAccept + acceptName + ": \xa0" + accept + "\r\n", acceptName, "match the key"},
		{"A07 Upgrade absent", lineStatus + lineConnection + lineAccept, "Upgrade", "must come once and be websocket"},
		{"A09 websocket, h2c", lineStatus + "Upgrade: websocket, h2c\r\n" + lineConnection + lineAccept, "Upgrade", "be websocket"},
		{"A09 h2c", lineStatus + "Upgrade: h2c\r\n" + lineConnection + lineAccept, "Upgrade", "be websocket"},
		{"A09 websocket twice", lineStatus + lineUpgrade + lineUpgrade + lineConnection + lineAccept, "Upgrade", "must come once"},
		{"A09 websocket/13", lineStatus + "Upgrade: websocket/13\r\n" + lineConnection + lineAccept, "Upgrade", "be websocket"},
		{"A08 Kelvin sign", lineStatus + "Upgrade: websoc\u212aet\r\n" + lineConnection + lineAccept, "Upgrade", "be websocket"},
		{"A10 Connection absent", lineStatus + lineUpgrade + lineAccept, "Connection", "must contain the token Upgrade"},
		{"A10 close", lineStatus + lineUpgrade + "Connection: close\r\n" + lineAccept, "Connection", "token Upgrade"},
		{"A11 substring", lineStatus + lineUpgrade + "Connection: notupgrade, upgraded\r\n" + lineAccept, "Connection", "token Upgrade"},
		{"A12 200 with all fields", "HTTP/1.1 200 OK\r\n" + lineUpgrade + lineConnection + lineAccept, "", "want status 101"},
		{"A13 101 without fields", lineStatus, "Upgrade", "must come once"},
		{"A14 HTTP/1.0", "HTTP/1.0 101 x\r\n" + lineUpgrade + lineConnection + lineAccept, "", "the version is HTTP/1.0, want HTTP/1.1"},
		{"A33 Transfer-Encoding", correct + "Transfer-Encoding: chunked\r\n", "Transfer-Encoding", "must not be in a 101"},
		{"A39 another subprotocol", correct + protocol + ": s3cret\r\n", protocol, "one of the subprotocols offered"},
		{"A39 case differs", correct + protocol + ": Chat\r\n", protocol, "one of the subprotocols offered"},
		{"A39 list of two", correct + protocol + ": chat, superchat\r\n", protocol, "one of the subprotocols offered"},
		{"A39 two fields", correct + protocol + ": chat\r\n" + protocol + ": chat\r\n", protocol, "must come once"},
		{"A39 empty value", correct + protocol + ":\r\n", protocol, "one of the subprotocols offered"},
		{"A41 extension not offered", correct + extension + ": x-s3cret\r\n", extension, "not offered"},
		{"A41 case differs", correct + extension + ": X-mux\r\n", extension, "not offered"},
		{"A43 twice in one field", correct + extension + ": permessage-deflate, permessage-deflate\r\n", extension, "twice"},
		{"A43 twice in two fields", correct + extension + ": x-mux\r\n" + extension + ": x-mux; a=b\r\n", extension, "twice"},
		{"A43 with x-other", correct + extension + ": permessage-deflate, x-other\r\n", extension, "not offered"},
		{"A44 duplicate parameter", correct + extension + ": permessage-deflate; a; a=b\r\n", extension, "a parameter comes twice"},
		{"A44 missing value", correct + extension + ": permessage-deflate; a=\r\n", extension, "value of a parameter is not a token"},
		{"A45 signs that are no token", correct + extension + ": permessage-deflate; a=\"15 \"\r\n", extension, "quoted value of a parameter is not a token"},
		{"A48 quoted string without an end", correct + extension + ": permessage-deflate; a=\"s3cret\r\n", extension, "quoted string without an end"},
		{"extensions empty", correct + extension + ":\r\n", extension, "no extension in it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp := parse(t, tt.wire)
			got, err := handshake.Verify(offer, resp)
			wantError(t, err, tt.field, resp.Status, tt.text)
			if d := cmp.Diff(handshake.Agreement{}, got); d != "" {
				t.Errorf("an agreement came with the error: %s", d)
			}
		})
	}
	for _, status := range []string{"400", "401", "403", "407", "426", "429", "301", "500", "503"} {
		t.Run("A49 A50 A51 E01 F13 status "+status, func(t *testing.T) {
			// A refusal by status says so even where the version is old.
			resp := parse(t, "HTTP/1.0 "+status+" s3cret\r\nRetry-After: 1\r\n")
			_, err := handshake.Verify(offer, resp)
			wantError(t, err, "", resp.Status, "response with status "+status+": ")
		})
	}
}

// What was not offered cannot be chosen.
func TestVerifyNothingOffered(t *testing.T) {
	bare := handshake.Offer{Key: key}
	if got, err := handshake.Verify(bare, parse(t, correct)); err != nil || !cmp.Equal(got, handshake.Agreement{}) {
		t.Errorf("%v, %v", got, err)
	}
	_, err := handshake.Verify(bare, parse(t, correct+"Sec-WebSocket-Protocol: chat\r\n"))
	wantError(t, err, "Sec-WebSocket-Protocol", 101, "offered") // A38
	_, err = handshake.Verify(bare, parse(t, correct+"Sec-WebSocket-Extensions: permessage-deflate\r\n"))
	wantError(t, err, "Sec-WebSocket-Extensions", 101, "not offered") // A42
	// An Offer that nobody checked does not open a door for an empty answer.
	_, err = handshake.Verify(handshake.Offer{Key: key, Subprotocols: []string{""}}, parse(t, correct+"Sec-WebSocket-Protocol:\r\n"))
	wantError(t, err, "Sec-WebSocket-Protocol", 101, "offered")
}

func TestVerifyMisuse(t *testing.T) {
	_, err := handshake.Verify(offer, nil)
	wantError(t, err, "", 0, "no response")
	_, err = handshake.Verify(handshake.Offer{}, parse(t, correct))
	wantError(t, err, "Sec-WebSocket-Key", 101, "no valid key")
	_, err = handshake.Verify(offer, &handshake.Response{Status: 101, Major: 2, Minor: 1})
	wantError(t, err, "", 101, "HTTP/2.1")
	// A response that was not read from a wire: white space is still nothing.
	got, err := handshake.Verify(offer, &handshake.Response{Major: 1, Minor: 1, Status: 101, Fields: []handshake.Field{
		{Name: "Upgrade", Value: " websocket "},
		{Name: "Connection", Value: " upgrade "},
		{Name: "Sec-WebSocket-Accept", Value: " " + accept + "\t"},
		{Name: "Sec-WebSocket-Protocol", Value: "\tchat "},
	}})
	if err != nil || got.Subprotocol != "chat" {
		t.Errorf("%v, %v", got, err)
	}
}

// L91: a required field that is gone is a clean error, whichever it is, and
// any other line may go.
func TestVerifyEachFieldRequired(t *testing.T) {
	resp := parse(t, correct+"X: y\r\n")
	for i, f := range resp.Fields {
		less := *resp
		less.Fields = append(append([]handshake.Field{}, resp.Fields[:i]...), resp.Fields[i+1:]...)
		_, err := handshake.Verify(offer, &less)
		if f.Name == "X" {
			if err != nil {
				t.Errorf("without X: %v", err)
			}
			continue
		}
		wantError(t, err, f.Name, 101, "must")
	}
}
