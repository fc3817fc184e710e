package interop_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// TestChromium drives a browser by its DevTools protocol: JSON in text messages.
func TestChromium(t *testing.T) {
	url := startChromium(t)
	var e endpoint

	t.Run("version", func(t *testing.T) {
		s := e.dial(t, url)
		s.wantVersion(t, s.call(t, "Browser.getVersion", `{}`, ""))
		s.wantAnswer(t)
	})
	t.Run("ping inside a message", func(t *testing.T) {
		s := e.dial(t, url)
		for _, f := range []struct {
			header  frame.Header
			payload string
		}{
			{frame.Header{Opcode: frame.Text}, `{"id":1,`},
			{frame.Header{Opcode: frame.Ping, Fin: true}, "inside"},
			{frame.Header{Opcode: frame.Continuation}, `"method":`},
			{frame.Header{Opcode: frame.Continuation, Fin: true}, `"Browser.getVersion"}`},
		} {
			if err := s.WriteFrame(s.ctx, f.header, []byte(f.payload)); err != nil {
				t.Fatal(err)
			}
		}
		s.wantVersion(t, s.answer(t))
		if n := s.PongsSwallowed(); n != 1 {
			t.Errorf("%d Pongs, want 1", n)
		}
		s.wantAnswer(t)
	})
	t.Run("big message", func(t *testing.T) {
		s := e.dial(t, url)
		var created struct{ TargetID, SessionID string }
		unmarshal(t, s.call(t, "Target.createTarget", `{"url":"about:blank"}`, ""), &created)
		unmarshal(t, s.call(t, "Target.attachToTarget", `{"targetId":"`+created.TargetID+`","flatten":true}`, ""), &created)
		var evaluated struct{ Result struct{ Value string } }
		unmarshal(t, s.call(t, "Runtime.evaluate", `{"expression":"'ž'.repeat(2<<20)"}`, created.SessionID), &evaluated)
		if got := evaluated.Result.Value; got != strings.Repeat("ž", 2<<20) {
			t.Errorf("%d bytes came", len(got))
		}
		s.wantAnswer(t)
	})
	t.Run("origin refused", func(t *testing.T) {
		dialer := fairlead.Dialer{Header: http.Header{"Origin": {"http://localhost"}}}
		conn, err := dialer.Dial(t.Context(), url)
		var refused *fairlead.HandshakeError
		if !errors.As(err, &refused) || refused.Status != http.StatusForbidden || len(refused.Body) == 0 {
			t.Errorf("%v, want status 403 and what the browser says of it", err)
		}
		if err == nil {
			conn.CloseNow()
		}
	})
	t.Run("browser goes", func(t *testing.T) { // the last
		s := e.dial(t, url)
		s.call(t, "Browser.close", `{}`, "")
		_, _, err := s.Read(s.ctx)
		var end *fairlead.CloseError
		if !errors.As(err, &end) || end.Code != frame.StatusAbnormal {
			t.Errorf("%v, want an end without a Close frame", err)
		}
	})
}

// startChromium returns the URL of a browser that runs, which holds a secret.
func startChromium(t *testing.T) (url string) {
	cmd := exec.Command(needProgram(t, "chromium"),
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-dev-shm-usage", "--disable-breakpad", "--user-data-dir="+t.TempDir(),
		"--remote-debugging-address=127.0.0.1", "--remote-debugging-port=0", "about:blank")
	startChild(t, cmd, func(line string) (ready bool) {
		url, ready = strings.CutPrefix(line, "DevTools listening on ")
		return ready
	})
	return url
}

// call sends a command and returns the result, which comes after any events.
func (s session) call(t *testing.T, method, params, sessionID string) json.RawMessage {
	t.Helper()
	command, err := json.Marshal(struct {
		ID        int             `json:"id"`
		Method    string          `json:"method"`
		Params    json.RawMessage `json:"params"`
		SessionID string          `json:"sessionId,omitempty"`
	}{1, method, json.RawMessage(params), sessionID})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(s.ctx, fairlead.Text, command); err != nil {
		t.Fatal(err)
	}
	return s.answer(t)
}

func (s session) answer(t *testing.T) json.RawMessage {
	t.Helper()
	for {
		typ, p, err := s.Read(s.ctx)
		if err != nil || typ != fairlead.Text {
			t.Fatalf("%v, %v", typ, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  any
		}
		unmarshal(t, p, &answer)
		if answer.Error != nil {
			t.Fatal(answer.Error)
		}
		if answer.ID == 1 {
			return answer.Result
		}
	}
}

func (s session) wantVersion(t *testing.T, result json.RawMessage) {
	t.Helper()
	var version struct{ Product string }
	unmarshal(t, result, &version)
	if !strings.Contains(version.Product, "Chrom") {
		t.Errorf("product %q", version.Product)
	}
}

func unmarshal(t *testing.T, p []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(p, v); err != nil {
		t.Fatal(err)
	}
}
