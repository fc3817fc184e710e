// Package probe opens one connection, watches every step of it, and explains
// what it saw: where the time went, who answered, what was agreed on, what is
// wrong and what to do about it. Begin with Run.
package probe

import (
	"time"
)

// Report is what a probe has seen. Secrets are masked in it. Its JSON form is
// stable: fields may come, none goes. Times are in nanoseconds.
type Report struct {
	Version  int           `json:"version"` // of this format: 1
	URL      string        `json:"url"`
	When     time.Time     `json:"when"`
	Verdict  Severity      `json:"verdict"` // the worst of the findings
	Total    time.Duration `json:"total_ns"`
	Steps    []Step        `json:"steps"`
	Findings []Finding     `json:"findings"`

	Status       int           `json:"status"` // of the answer, 0 if none came
	Request      *Head         `json:"request,omitempty"`
	Response     *Head         `json:"response,omitempty"`
	Body         string        `json:"body,omitempty"` // the beginning of that of a refusal
	Subprotocol  string        `json:"subprotocol,omitempty"`
	Compression  string        `json:"compression,omitempty"` // what was agreed on
	LocalAddr    string        `json:"local_addr,omitempty"`
	RemoteAddr   string        `json:"remote_addr,omitempty"`
	TLS          *TLS          `json:"tls,omitempty"`
	Certificates []Certificate `json:"certificates,omitempty"` // the server's first
	Frames       []Frame       `json:"frames"`
	Log          []Entry       `json:"log"`
	Error        string        `json:"error,omitempty"`
}

// Step is one thing that took time.
type Step struct {
	Name   string        `json:"name"` // dns, tcp, tls, hop, request, response, ping, close
	Detail string        `json:"detail,omitempty"`
	Start  time.Duration `json:"start_ns"` // since the beginning of the probe
	Took   time.Duration `json:"took_ns"`
	Error  string        `json:"error,omitempty"`
	depth  int           // within how many hops it lies
	done   bool
	key    string
}

// Head is the head of a request or of an answer.
type Head struct {
	Line   string  `json:"line"`
	Fields []Field `json:"fields"`
}

// Field is a header field.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// TLS is what the TLS handshake with the server agreed on.
type TLS struct {
	Version    string `json:"version"`
	Cipher     string `json:"cipher"`
	ALPN       string `json:"alpn,omitempty"`
	ServerName string `json:"server_name"`
	Curve      string `json:"curve,omitempty"`
	// Verified is false with --insecure: nobody knows who answered.
	Verified bool `json:"verified"`
}

// Certificate is one of the chain that the server showed.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Names     []string  `json:"names,omitempty"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	Key       string    `json:"key"`
	Signature string    `json:"signature"`
	SHA256    string    `json:"sha256"`
	CA        bool      `json:"ca"`
}

// Frame is a frame that passed.
type Frame struct {
	At      time.Duration `json:"at_ns"`
	Dir     string        `json:"dir"` // in or out
	Opcode  string        `json:"opcode"`
	Fin     bool          `json:"fin"`
	RSV     int           `json:"rsv,omitempty"`
	Len     int64         `json:"len"`
	Preview string        `json:"preview,omitempty"` // escaped
}

// Entry is a line of the log.
type Entry struct {
	At   time.Duration `json:"at_ns"`
	Text string        `json:"text"`
}

// Severity is how bad a finding is.
type Severity string

// From harmless to bad.
const (
	Good    Severity = "good"
	Info    Severity = "info"
	Warning Severity = "warning"
	Bad     Severity = "error"
)

func (s Severity) rank() int {
	for i, v := range []Severity{Good, Info, Warning, Bad} {
		if v == s {
			return i
		}
	}
	return 0
}

// Finding is something to know about the connection.
type Finding struct {
	ID       string   `json:"id"` // stable, for scripts
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
	Detail   string   `json:"detail,omitempty"`
	Advice   string   `json:"advice,omitempty"`
}
