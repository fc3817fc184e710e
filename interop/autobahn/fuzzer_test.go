package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstest/conformance"
)

// fakeFuzzer is a fuzzing server with few cases.
type fakeFuzzer struct {
	cases  []conformance.Case
	report string // file to write, "" for none

	// What it says instead of the truth, by ID.
	behavior, close map[string]conformance.Result
	garbage         string // answers this call with what is not JSON

	played   map[string]chan struct{} // closed when the verdict on an ID stands
	mu       sync.Mutex
	verdicts map[string]conformance.Verdict
	agents   []string // who asked for reports
}

// start returns the URL.
func (f *fakeFuzzer) start(t *testing.T) string {
	f.verdicts, f.played = map[string]conformance.Verdict{}, map[string]chan struct{}{}
	for _, c := range f.cases {
		f.played[c.ID] = make(chan struct{})
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				if err := f.serve(conn); err != nil {
					t.Errorf("the fake: %v", err)
				}
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return "ws://" + listener.Addr().String()
}

func (f *fakeFuzzer) serve(conn net.Conn) error {
	var target string
	err := wstest.Play(conn, wstest.Answer(func(r *wstest.HTTPRequest) []byte {
		target = r.Target
		key, _ := r.Get("Sec-WebSocket-Key")
		return []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Accept: " + handshake.AcceptKey(key) + "\r\n\r\n")
	}))
	if err != nil {
		return err
	}
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	query := u.Query()
	var c conformance.Case
	if n, err := strconv.Atoi(query.Get("case")); err == nil {
		c = f.cases[n-1]
	}
	var answer any
	switch u.Path {
	case "/getCaseCount":
		answer = len(f.cases)
	case "/getCaseInfo":
		answer = map[string]string{"id": c.ID, "description": c.Text}
	case "/runCase":
		v := c.Run(conn)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.verdicts[c.ID] = f.bend(c.ID, v)
		close(f.played[c.ID])
		return nil
	case "/getCaseStatus":
		<-f.played[c.ID] // the client may know the end of the case first
		f.mu.Lock()
		answer = map[string]conformance.Result{"behavior": f.verdicts[c.ID].Behavior}
		f.mu.Unlock()
	case "/updateReports":
		return f.writeReport(conn, query.Get("agent"))
	default:
		return fmt.Errorf("no such call: %s", u.Path)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	if u.Path == f.garbage {
		return wstest.Play(conn, wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Text}, []byte("{")), wstest.ExpectEOF())
	}
	// The Close of the client may cross ours, so its code is not demanded.
	return wstest.Play(conn,
		wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Text}, text),
		wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Close}, nil))
}

func (f *fakeFuzzer) bend(id string, v conformance.Verdict) conformance.Verdict {
	if r, ok := f.behavior[id]; ok {
		v.Behavior = r
	}
	if r, ok := f.close[id]; ok {
		v.BehaviorClose = r
	}
	return v
}

func (f *fakeFuzzer) writeReport(conn net.Conn, agent string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.agents = append(f.agents, agent)
	if f.report != "" {
		cases := map[string]any{}
		for id, v := range f.verdicts {
			cases[id] = map[string]any{"behavior": v.Behavior, "behaviorClose": v.BehaviorClose, "remoteCloseCode": nil}
		}
		data, err := json.Marshal(map[string]any{agent: cases, "another": map[string]any{}})
		if err != nil {
			return err
		}
		if err := os.WriteFile(f.report, data, 0o600); err != nil {
			return err
		}
	}
	return wstest.Play(conn, wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Close}, nil), wstest.ExpectClose(frame.StatusNoStatus))
}

// pick returns the cases with these numbers, in this order.
func pick(t *testing.T, ids ...string) []conformance.Case {
	t.Helper()
	var picked []conformance.Case
	all := conformance.Cases()
	for _, id := range ids {
		i := slices.IndexFunc(all, func(c conformance.Case) bool { return c.ID == id })
		if i < 0 {
			t.Fatalf("no case %s", id)
		}
		picked = append(picked, all[i])
	}
	return picked
}
