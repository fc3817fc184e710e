package lasterr

import (
	_ "embed"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

//go:embed page.css
var style string

// HTML renders the tree as a complete page that needs nothing from elsewhere:
// no script, no font, no image. What went wrong and what to do stand first,
// then the tree in blocks that collapse.
func (l *Log) HTML() string {
	if l == nil {
		return ""
	}
	t := l.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	p := &page{tree: t}
	p.write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	p.write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
	p.write("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
	p.write("<title>", text(t.method.name), ": ", result(t.success), "</title>\n")
	p.write("<style>\n", style, "</style>\n</head>\n<body>\n")
	p.write("<main", failedClass(t.method), ">\n")
	p.head()
	p.reasons()
	p.write("<section>\n<h2>What happened</h2>\n")
	p.entries(t.method.entries[t.header:])
	p.write("<p class=\"result\"><b>", result(t.success), "</b></p>\n</section>\n")
	p.environment()
	p.write("</main>\n</body>\n</html>\n")
	return p.b.String()
}

// page is one rendering under way. Everything that is not markup goes through
// text.
type page struct {
	tree *tree
	b    strings.Builder
}

func (p *page) write(parts ...string) {
	for _, part := range parts {
		p.b.WriteString(part)
	}
}

func text(s string) string { return html.EscapeString(s) }

func failedClass(b *block) string {
	if b.failed {
		return ` class="failed"`
	}
	return ""
}

func (p *page) head() {
	m := p.tree.method
	p.write("<header>\n<h1><small>", rootName, "</small>", text(m.name), "</h1>\n")
	p.write("<span class=\"badge\">", strings.TrimSuffix(result(p.tree.success), "."), "</span>\n")
	p.write("<span class=\"time\">", millis(m), " ms</span>\n</header>\n")
}

// reasons repeats the problems of all blocks, and the advice, at the top.
func (p *page) reasons() {
	if p.tree.success {
		return
	}
	problems := collect(p.tree.method, problemEntry, nil)
	advice := collect(p.tree.method, adviceEntry, nil)
	if len(problems) == 0 {
		return
	}
	p.write("<section class=\"why\">\n<h2>What went wrong</h2>\n")
	for _, s := range problems {
		p.write("<p>", text(s), "</p>\n")
	}
	if len(advice) > 0 {
		p.write("<h2>What to do</h2>\n")
	}
	for _, s := range advice {
		p.write("<p class=\"advice\">", text(s), "</p>\n")
	}
	p.write("</section>\n")
}

// collect gives the sentences of one kind in order, each once.
func collect(b *block, k kind, found []string) []string {
	for _, e := range b.entries {
		switch {
		case e.kind == blockEntry:
			found = collect(e.block, k, found)
		case e.kind == k && !slices.Contains(found, e.text):
			found = append(found, e.text)
		}
	}
	return found
}

// entries writes a run of values as one list, sentences as paragraphs and
// blocks as details.
func (p *page) entries(entries []entry) {
	for i, e := range entries {
		value := e.kind == valueEntry
		if value && (i == 0 || entries[i-1].kind != valueEntry) {
			p.write("<dl>\n")
		}
		switch e.kind {
		case valueEntry:
			p.write("<div><dt>", text(e.key), "</dt><dd>", text(e.text), "</dd></div>\n")
		case problemEntry:
			p.write("<p class=\"problem\">", text(e.text), "</p>\n")
		case adviceEntry:
			p.write("<p class=\"advice\">", text(e.text), "</p>\n")
		case blockEntry:
			p.details(e.block)
		default:
			p.write("<p>", text(e.text), "</p>\n")
		}
		if value && (i == len(entries)-1 || entries[i+1].kind != valueEntry) {
			p.write("</dl>\n")
		}
	}
}

// details writes an inner block. Blocks of the call itself and failed ones are
// open; what lies deeper opens on a click.
func (p *page) details(b *block) {
	p.write("<details", failedClass(b))
	if b.failed || b.depth == 2 {
		p.write(" open")
	}
	p.write("><summary><b>", text(b.name), "</b> <span class=\"time\">", millis(b), " ms</span>")
	p.bar(b)
	p.write("</summary>\n")
	p.entries(b.entries)
	p.write("</details>\n")
}

// bar shows when in the call the block ran, and for how long.
func (p *page) bar(b *block) {
	m := p.tree.method
	if m.duration < time.Millisecond {
		return
	}
	from := percent(b.start.Sub(m.start), m.duration)
	p.write(fmt.Sprintf(`<span class="bar" aria-hidden="true"><i style="margin-left:%d%%;width:%d%%"></i></span>`,
		min(from, 99), min(percent(b.duration, m.duration), 100-from)))
}

func percent(part, whole time.Duration) int {
	return int(min(max(part.Seconds()/whole.Seconds(), 0), 1) * 100)
}

func (p *page) environment() {
	p.write("<footer>\n<details><summary>Library and machine</summary>\n")
	p.entries(p.tree.method.entries[:p.tree.header])
	p.write("</details>\n</footer>\n")
}
