package probe

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"bar":   func(r *Report, s Step) bar { return r.bar(s) },
	"depth": func(s Step) int { return s.depth },
	"round": func(d time.Duration) string { return round(d).String() },
	"at":    func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/1e6) },
	"date":  func(t time.Time) string { return t.Format("2006-01-02 15:04 MST") },
	"join":  func(all []string) string { return strings.Join(all, ", ") },
	"days":  func(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) },
	"life": func(c Certificate, now time.Time) float64 {
		return min(max(100*float64(now.Sub(c.NotBefore))/max(float64(c.NotAfter.Sub(c.NotBefore)), 1), 0), 100)
	},
	"json": func(r *Report) (string, error) {
		text, err := json.MarshalIndent(r, "", "  ")
		return string(text), err
	},
}).Parse(pageText))

// WriteHTML writes the report as one page that needs nothing else: no script, no
// network.
func (r *Report) WriteHTML(w io.Writer) error { return page.Execute(w, r) }
