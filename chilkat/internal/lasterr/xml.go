package lasterr

import (
	"encoding/xml"
	"strings"
)

// XML renders the tree as an XML document. Names of methods, blocks and keys
// stand in attributes, because a peer's header names need not be XML names.
func (l *Log) XML() string {
	if l == nil {
		return ""
	}
	t := l.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	b.WriteString(xml.Header)
	b.WriteString("<" + rootName + ">\n")
	t.writeXML(&b, t.method)
	b.WriteString("</" + rootName + ">\n")
	return b.String()
}

func (t *tree) writeXML(w *strings.Builder, b *block) {
	element := "block"
	if b == t.method {
		element = "method"
	}
	indent(w, b.depth)
	w.WriteString("<" + element + ` name="` + xmlText(b.name) + `" ms="` + millis(b) + "\">\n")
	for _, e := range b.entries {
		if e.kind == blockEntry {
			t.writeXML(w, e.block)
			continue
		}
		indent(w, b.depth+1)
		switch e.kind {
		case valueEntry:
			w.WriteString(`<value name="` + xmlText(e.key) + `">` + xmlText(e.text) + "</value>\n")
		case problemEntry:
			w.WriteString("<problem>" + xmlText(e.text) + "</problem>\n")
		case adviceEntry:
			w.WriteString("<advice>" + xmlText(e.text) + "</advice>\n")
		default:
			w.WriteString("<info>" + xmlText(e.text) + "</info>\n")
		}
	}
	if b == t.method && t.sealed {
		indent(w, b.depth+1)
		w.WriteString("<result>" + result(t.success) + "</result>\n")
	}
	indent(w, b.depth)
	w.WriteString("</" + element + ">\n")
}

func xmlText(s string) string {
	var b strings.Builder
	// A strings.Builder never refuses a write.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
