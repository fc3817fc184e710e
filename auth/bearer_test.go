package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
)

func TestBearer(t *testing.T) {
	sent, err := play(auth.Bearer{Token: "mF_9.B5f-4.1JqM"}, get(t, "wss://h/"))
	if err != nil || sent[0] != "Bearer mF_9.B5f-4.1JqM" { // RFC 6750 section 2.1
		t.Errorf("got %q, %v", sent, err)
	}
	sent, err = play(auth.Bearer{Token: "t", AllowCleartext: true}, connect("h:1"))
	if err != nil || sent[0] != "Bearer t" {
		t.Errorf("to a proxy: got %q, %v", sent, err)
	}
}

func TestBearerErrors(t *testing.T) {
	for _, c := range []struct {
		row, url   string
		token      string
		challenges []string
		target     error
		says       string
	}{
		{"E21 clear text", "ws://h/", canary, nil, nil, "AllowCleartext"},
		{"L32 CR LF", "wss://h/", canary + "\r\nX: y", nil, nil, "visible ASCII"},
		{"L32 NUL", "wss://h/", canary + "\x00", nil, nil, "visible ASCII"},
		{"space", "wss://h/", canary + " b", nil, nil, "visible ASCII"},
		{"not ASCII", "wss://h/", canary + "é", nil, nil, "visible ASCII"},
		{"too long", "wss://h/", strings.Repeat(canary, 3000), nil, nil, "longer than 16384"},
		{"empty", "wss://h/", "", nil, nil, "empty"},
		{"refused", "wss://h/", canary, ask(`Bearer realm="` + canary + `"`), auth.ErrRefused, "Bearer"},
		{"the reason", "wss://h/", canary, ask(`Bearer error="invalid_token", error_description="` + canary + `"`), auth.ErrRefused, "invalid_token"},
		{"an unknown reason is not shown", "wss://h/", canary, ask(`Bearer error="` + canary + `"`), auth.ErrRefused, ""},
		{"F06 no field", "wss://h/", canary, ask(), auth.ErrRefused, ""},
		{"another scheme", "wss://h/", canary, ask("Basic"), auth.ErrNotOffered, "basic"},
	} {
		t.Run(c.row, func(t *testing.T) {
			var answers [][]string
			if c.target != nil {
				answers = append(answers, c.challenges)
			}
			_, err := play(auth.Bearer{Token: c.token}, get(t, c.url), answers...)
			fails(t, err, c.target, c.says)
		})
	}
}

func TestBearerSource(t *testing.T) {
	invalid := ask(`Bearer error="invalid_token"`)
	broken := errors.New("the token service is down")
	for _, c := range []struct {
		name   string
		tokens []string // one for each time the source is asked
		sent   int
		target error
	}{
		{"renewed", []string{canary + "1", canary + "2"}, 2, auth.ErrRefused},
		{"the same again", []string{canary, canary}, 1, auth.ErrRefused},
		{"it fails at once", nil, 0, broken},
		{"it fails later", []string{canary}, 1, broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			asks := 0
			b := auth.Bearer{Source: func(context.Context) (string, error) {
				if asks++; asks > len(c.tokens) {
					return "", broken
				}
				return c.tokens[asks-1], nil
			}}
			sent, err := play(b, get(t, "wss://h/"), invalid, invalid, invalid)
			fails(t, err, c.target)
			if len(sent) != c.sent || asks > 2 {
				t.Errorf("%d requests, the source was asked %d times", len(sent), asks)
			}
			for i, value := range sent {
				if value != "Bearer "+c.tokens[i] {
					t.Errorf("request %d carried %q", i, value)
				}
			}
		})
	}
}

func TestBearerSourceEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := auth.Bearer{Source: func(ctx context.Context) (string, error) {
		cancel()
		<-ctx.Done()
		return "", ctx.Err()
	}}
	fails(t, b.Begin().Authorize(ctx, get(t, "wss://h/"), nil), context.Canceled, "Source")
}
