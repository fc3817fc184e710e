package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest/conformance"
)

const (
	callTimeout = 30 * time.Second
	caseTimeout = 20 * time.Minute // the server gives the slowest case 1000 s
)

// fuzzer is the fuzzing server. Each call to it is a connection of its own.
type fuzzer struct {
	url   *url.URL
	agent string
}

func newFuzzer(rawURL, agent string) (*fuzzer, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return nil, errors.New("-url: not a URL such as ws://127.0.0.1:9001")
	}
	return &fuzzer{url: u, agent: agent}, nil
}

// dial opens a connection for one call; n is the number of a case or 0.
func (f *fuzzer) dial(ctx context.Context, call string, n int) (*fairlead.Conn, error) {
	query := url.Values{"agent": {f.agent}}
	if n > 0 {
		query.Set("case", strconv.Itoa(n))
	}
	u := f.url.JoinPath(call)
	u.RawQuery = query.Encode()
	return fairlead.Dial(ctx, u.String())
}

// ask makes a call that is answered with one message in JSON.
func (f *fuzzer) ask(ctx context.Context, call string, n int, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	conn, err := f.dial(ctx, call, n)
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	defer conn.CloseNow()
	_, p, err := conn.Read(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	if err := json.Unmarshal(p, answer); err != nil {
		return fmt.Errorf("%s: the answer: %w", call, err)
	}
	// The server closes too; whoever is first, the answer is here.
	_ = conn.Close(ctx, frame.StatusNormal, "")
	return nil
}

func (f *fuzzer) caseCount(ctx context.Context) (n int, err error) {
	err = f.ask(ctx, "getCaseCount", 0, &n)
	return n, err
}

// play runs case n and asks for the verdict.
func (f *fuzzer) play(ctx context.Context, n int) (verdict, error) {
	var info struct {
		ID string `json:"id"`
	}
	if err := f.ask(ctx, "getCaseInfo", n, &info); err != nil {
		return verdict{}, fmt.Errorf("case %d: %w", n, err)
	}
	ended := f.echo(ctx, n)
	if ctx.Err() != nil {
		return verdict{}, ctx.Err()
	}
	var status struct {
		Behavior conformance.Result `json:"behavior"`
	}
	if err := f.ask(ctx, "getCaseStatus", n, &status); err != nil {
		return verdict{}, fmt.Errorf("case %d: %w (the client ended with: %w)", n, err, ended)
	}
	return verdict{number: n, id: info.ID, behavior: status.Behavior, ended: ended}, nil
}

// echo plays the client of case n and returns what ended it.
func (f *fuzzer) echo(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, caseTimeout)
	defer cancel()
	conn, err := f.dial(ctx, "runCase", n)
	if err != nil {
		return err
	}
	// What was read or not, the closing handshake comes to its end.
	defer func() { _ = conn.Close(ctx, frame.StatusNormal, "") }()
	var buf []byte
	for {
		typ, p, err := conn.ReadAppend(ctx, buf[:0])
		if err != nil {
			return err
		}
		if err := conn.Write(ctx, typ, p); err != nil {
			return err
		}
		buf = p
	}
}

// updateReports makes the server write its reports. It answers with a Close.
func (f *fuzzer) updateReports(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	conn, err := f.dial(ctx, "updateReports", 0)
	if err != nil {
		return fmt.Errorf("updateReports: %w", err)
	}
	defer conn.CloseNow()
	if _, _, err := conn.Read(ctx); !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("updateReports: %w", err)
	}
	return nil
}
