package lasterr_test

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

func TestXMLGolden(t *testing.T) {
	want := `<?xml version="1.0" encoding="UTF-8"?>
<FairleadLog>
  <method name="ValidateServerHandshake" ms="2">
    <value name="FairleadVersion">0.1.0</value>
    <value name="VerboseLogging">false</value>
    <block name="openingHandshake" ms="0">
      <value name="statusLine">HTTP/1.1 403 Forbidden</value>
      <problem>The server refused to switch protocols.</problem>
    </block>
    <advice>Check path and credentials.</advice>
    <result>Failed.</result>
  </method>
</FairleadLog>
`
	if diff := cmp.Diff(want, refusedHandshake().XML()); diff != "" {
		t.Error(diff)
	}
}

// hostile is every place of a log filled with text that would end an element
// or an attribute, or is not allowed in XML at all.
func hostile() (*lasterr.Log, string) {
	evil := `</script><script>alert(1)</script>"'&amp;<details><!-- ]]> --><img src=x onerror=y>` + "\x00\x1b\x0b\ufffe\xff\u202e\r\n"
	c := newClock()
	l := lasterr.Start(lasterr.Config{Name: evil, Now: c.now, Header: []lasterr.Pair{{Key: evil, Value: evil}}})
	l.Value(evil, evil)
	l.Say(evil)
	l.Problem(evil)
	l.Advise(evil)
	b := l.Open(evil)
	b.Value(evil, evil)
	b.Open(evil).Fail(errRefused)
	c.pass(10 * time.Millisecond)
	b.Close()
	l.Value("last", evil)
	l.Finish(false)
	return l, evil
}

func TestXMLIsWellFormed(t *testing.T) {
	l, evil := hostile()
	d := xml.NewDecoder(strings.NewReader(l.XML()))
	elements := map[string]int{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			elements[start.Name.Local]++
		}
	}
	want := map[string]int{"FairleadLog": 1, "method": 1, "block": 2, "value": 4, "info": 1, "problem": 2, "advice": 1, "result": 1}
	if diff := cmp.Diff(want, elements); diff != "" {
		t.Error(diff)
	}
	var doc struct {
		Method struct {
			Info string `xml:"info"`
		} `xml:"method"`
	}
	if err := xml.Unmarshal([]byte(l.XML()), &doc); err != nil {
		t.Fatal(err)
	}
	if printable := evil[:strings.IndexByte(evil, 0)]; !strings.HasPrefix(doc.Method.Info, printable) {
		t.Errorf("the text did not survive: %q", doc.Method.Info)
	}
}

func TestHTMLIsACompletePage(t *testing.T) {
	page := refusedHandshake().HTML()
	for _, want := range []string{
		"<!DOCTYPE html>\n<html lang=\"en\">", `<meta charset="utf-8">`, `<meta name="viewport" content="width=device-width, initial-scale=1">`,
		"<title>ValidateServerHandshake: Failed.</title>", "<h1><small>FairleadLog</small>ValidateServerHandshake</h1>",
		`<span class="badge">Failed</span>`, `<span class="time">2 ms</span>`,
		"<h2>What went wrong</h2>\n<p>The server refused to switch protocols.</p>\n<h2>What to do</h2>\n<p class=\"advice\">Check path and credentials.</p>",
		`<details class="failed" open><summary><b>openingHandshake</b>`,
		"<div><dt>statusLine</dt><dd>HTTP/1.1 403 Forbidden</dd></div>",
		"<details><summary>Library and machine</summary>\n<dl>\n<div><dt>FairleadVersion</dt><dd>0.1.0</dd></div>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	checkTags(t, page)
}

func TestHTMLOfASuccess(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	l.Open("tcpConnect").Fail(errRefused) // the second address answered
	l.Open("tcpConnect").Open("deep").Close()
	l.Finish(true)
	page := l.HTML()
	if strings.Contains(page, "What went wrong") {
		t.Error("a success has reasons")
	}
	for _, want := range []string{"<main>", `<span class="badge">Success</span>`, `<details open><summary><b>tcpConnect`, `<details><summary><b>deep`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	checkTags(t, page)
}

func TestHTMLEscapesEverything(t *testing.T) {
	l, _ := hostile()
	page := l.HTML()
	for _, bad := range []string{"<script", "<img", "<!--", "\x00", "\x1b", "\u202e", "onerror=y>"} {
		if strings.Contains(page, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	checkTags(t, page)
}

func TestHTMLShowsWhenBlocksRan(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	c.pass(25 * time.Millisecond)
	b := l.Open("tls")
	c.pass(50 * time.Millisecond)
	b.Close()
	c.pass(25 * time.Millisecond)
	l.Open("last").Close()
	l.Finish(true)
	page := l.HTML()
	for _, want := range []string{"margin-left:25%;width:50%", "margin-left:99%;width:0%"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// checkTags fails unless every element of the page is closed in its turn.
func checkTags(t *testing.T, page string) {
	t.Helper()
	void := map[string]bool{"meta": true, "!DOCTYPE": true}
	var open []string
	for rest := page; ; {
		_, after, found := strings.Cut(rest, "<")
		if !found {
			break
		}
		tag, tail, closed := strings.Cut(after, ">")
		if !closed || strings.Contains(tag, "<") {
			t.Fatalf("a tag without an end: %.40q", after)
		}
		rest = tail
		name, _, _ := strings.Cut(tag, " ")
		switch {
		case strings.HasPrefix(name, "/"):
			if len(open) == 0 || open[len(open)-1] != name[1:] {
				t.Fatalf("<%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		case !void[name]:
			open = append(open, name)
		}
	}
	if len(open) != 0 {
		t.Errorf("still open: %v", open)
	}
}
