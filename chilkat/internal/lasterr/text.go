package lasterr

import (
	"strconv"
	"strings"
	"time"
)

// Text renders the tree as indented lines, one per entry, ending in a line
// feed. The method always shows its duration, an inner block from a
// millisecond on.
func (l *Log) Text() string {
	if l == nil {
		return ""
	}
	t := l.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	b.WriteString(rootName + ":\n")
	t.writeText(&b, t.method)
	b.WriteString("--" + rootName + "\n")
	return b.String()
}

func (t *tree) writeText(w *strings.Builder, b *block) {
	indent(w, b.depth)
	w.WriteString(b.name)
	if b == t.method || b.duration >= time.Millisecond {
		w.WriteString("(" + millis(b) + "ms)")
	}
	w.WriteString(":\n")
	for _, e := range b.entries {
		if e.kind == blockEntry {
			t.writeText(w, e.block)
			continue
		}
		indent(w, b.depth+1)
		w.WriteString(e.line() + "\n")
	}
	if b == t.method && t.sealed {
		indent(w, b.depth+1)
		w.WriteString(result(t.success) + "\n")
	}
	indent(w, b.depth)
	w.WriteString("--" + b.name + "\n")
}

func indent(w *strings.Builder, depth int) {
	for range depth {
		w.WriteString("  ")
	}
}

func millis(b *block) string {
	return strconv.FormatInt(b.duration.Milliseconds(), 10)
}
