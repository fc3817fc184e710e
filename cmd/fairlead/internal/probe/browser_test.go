package probe

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
)

// browserTime is ample, because the machine may have much else to do.
const browserTime = 2 * time.Minute

// TestPageInABrowser opens reports in Chromium, narrow, wide, light and dark: no
// error, nothing fetched, nothing wider than the window.
func TestPageInABrowser(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	pages := samplePages(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.Path]++
		_, _ = w.Write(pages[strings.TrimPrefix(r.URL.Path, "/")])
	}))
	defer server.Close()
	b := startBrowser(t)
	defer b.close()
	for name := range pages {
		for _, width := range []int{400, 1200} {
			for _, scheme := range []string{"light", "dark"} {
				b.call(t, "Emulation.setDeviceMetricsOverride", fmt.Sprintf(`{"width":%d,"height":900,"deviceScaleFactor":1,"mobile":false}`, width))
				b.call(t, "Emulation.setEmulatedMedia", `{"features":[{"name":"prefers-color-scheme","value":"`+scheme+`"}]}`)
				b.call(t, "Page.navigate", `{"url":"`+server.URL+"/"+name+`"}`)
				var got struct {
					Scroll, Client, Widest int
					Title, Ink, Back       string
				}
				b.evaluate(t, `new Promise(done => { const look = () => {
					if (document.readyState !== 'complete' || location.pathname !== '/`+name+`') return setTimeout(look, 20);
					const root = document.documentElement, style = getComputedStyle(document.body);
					document.querySelectorAll('details').forEach(d => d.open = true);
					const widest = Math.max(...[...document.querySelectorAll('body *')].map(e => e.getBoundingClientRect().right));
					done(JSON.stringify({scroll: root.scrollWidth, client: root.clientWidth, widest: Math.ceil(widest), title: document.title, ink: style.color, back: style.backgroundColor}));
				}; look(); })`, &got)
				// A scroll bar takes its part of the width.
				if got.Client > width || got.Client < width-20 || got.Scroll > got.Client || got.Widest > got.Client {
					t.Errorf("%s at %d px: the page is %d px wide and has something at %d px", name, width, got.Scroll, got.Widest)
				}
				if !strings.Contains(got.Title, "fairlead probe") {
					t.Errorf("%s: title %q", name, got.Title)
				}
				if dark := strings.HasPrefix(got.Back, "rgb(18,"); dark != (scheme == "dark") {
					t.Errorf("%s, %s: background %s", name, scheme, got.Back)
				}
			}
		}
	}
	for _, e := range b.troubles {
		t.Error(e)
	}
	mu.Lock()
	defer mu.Unlock()
	for path, n := range asked {
		if _, ok := pages[strings.TrimPrefix(path, "/")]; !ok {
			t.Errorf("the page fetched %s, %d times", path, n)
		}
	}
}

// browser speaks the DevTools protocol.
type browser struct {
	conn     *fairlead.Conn
	session  string
	last     int
	troubles []string
	end      func()
}

func startBrowser(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is missing: install it, see .ci/components")
		}
		t.Skip("chromium is missing")
	}
	ctx, cancel := context.WithTimeout(context.Background(), browserTime)
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-breakpad",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-address=127.0.0.1", "--remote-debugging-port=0", "about:blank")
	cmd.WaitDelay = 10 * time.Second
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url := ""
	lines := bufio.NewScanner(stderr)
	for url == "" && lines.Scan() {
		url, _ = strings.CutPrefix(lines.Text(), "DevTools listening on ")
		if !strings.HasPrefix(url, "ws:") {
			url = ""
		}
	}
	b := &browser{}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
		}
	}()
	b.end = func() {
		cancel()
		<-drained
		_ = cmd.Wait()
	}
	if b.conn, err = fairlead.Dial(ctx, url); err != nil {
		b.end()
		t.Fatal(err)
	}
	var target struct {
		TargetID, SessionID string
	}
	decode(t, b.call(t, "Target.createTarget", `{"url":"about:blank"}`), &target)
	decode(t, b.call(t, "Target.attachToTarget", `{"targetId":"`+target.TargetID+`","flatten":true}`), &target)
	b.session = target.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(t, domain+".enable", `{}`)
	}
	return b
}

func (b *browser) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = b.conn.WriteText(ctx, `{"id":999999,"method":"Browser.close"}`)
	for {
		if _, _, err := b.conn.Read(ctx); err != nil {
			break
		}
	}
	_ = b.conn.CloseNow()
	b.end()
}

// call sends a command and returns its result. What is an error on the page is
// kept in troubles.
func (b *browser) call(t *testing.T, method, params string) json.RawMessage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), browserTime)
	defer cancel()
	b.last++
	command := fmt.Sprintf(`{"id":%d,"method":%q,"params":%s`, b.last, method, params)
	if b.session != "" {
		command += fmt.Sprintf(`,"sessionId":%q`, b.session)
	}
	if err := b.conn.WriteText(ctx, command+"}"); err != nil {
		t.Fatal(err)
	}
	for {
		_, p, err := b.conn.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			ID     int
			Method string
			Params struct{ Entry struct{ Level string } }
			Result json.RawMessage
			Error  any
		}
		decode(t, p, &m)
		switch {
		case m.ID == b.last && m.Error != nil:
			t.Fatalf("%s: %v", method, m.Error)
		case m.ID == b.last:
			return m.Result
		case m.Method == "Runtime.exceptionThrown", m.Method == "Network.loadingFailed",
			m.Method == "Log.entryAdded" && (m.Params.Entry.Level == "error" || m.Params.Entry.Level == "warning"):
			b.troubles = append(b.troubles, string(p))
		}
	}
}

func (b *browser) evaluate(t *testing.T, expression string, v any) {
	t.Helper()
	params, err := json.Marshal(map[string]any{"expression": expression, "awaitPromise": true})
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Result struct{ Value string } }
	decode(t, b.call(t, "Runtime.evaluate", string(params)), &answer)
	decode(t, []byte(answer.Result.Value), v)
}

func decode(t *testing.T, p []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(p, v); err != nil {
		t.Fatalf("%v: %s", err, p)
	}
}
