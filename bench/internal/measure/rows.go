package measure

import (
	"fmt"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
)

// Kind is what an operation of a row is.
type Kind string

// The kinds of rows.
const (
	Echo    Kind = "echo"    // a message and its echo
	Receive Kind = "receive" // a message of an endless stream
	Send    Kind = "send"    // a message, with a call of its own
	Shared  Kind = "shared"  // the same by 8 goroutines on one connection
	Batch   Kind = "batch"   // a message of a batch, by one call each where there is no batch
	Dial    Kind = "dial"    // a connection opened and dropped
	Hold    Kind = "idle"    // a connection that is there and waits in a read
)

// Senders is how many goroutines send in a Shared row.
const Senders = 8

// Of says what a bar is a ratio to.
type Of string

// What bars are measured by.
const (
	OfRaw      Of = "x raw"
	OfBestPeer Of = "x the best peer"
	KiB        Of = "KiB" // no ratio: heap and stack per connection
)

// Bar is what Fairlead is to reach in a row, in both forms.
type Bar struct {
	Limit float64 // 0 means none: only the rank counts
	Lean  float64 // the limit of the fast form where it is another; 0 means Limit
	Of    Of
	// Allocs is the largest number of allocations for each operation, -1 for no
	// limit.
	Allocs float64
}

// Row is a line of the table.
type Row struct {
	Name    string
	Kind    Kind
	Payload server.Kind // of the messages; "json" has its own corpus
	Size    int         // bytes of a message
	TLS     bool
	Deflate client.Deflate
	Count   int // operations of a measurement; 0 means as many as fit in its time
	Bar     Bar
}

// json is the payload of the compressed rows.
const json server.Kind = "json"

func upTo(limit float64) Bar         { return Bar{Limit: limit, Of: OfRaw, Allocs: -1} }
func (b Bar) allocs(n float64) Bar   { b.Allocs = n; return b }
func lessThanPeers(x float64) Bar    { return Bar{Limit: x, Of: OfBestPeer, Allocs: -1} }
func memory(deft, fast float64) Bar  { return Bar{Limit: deft, Lean: fast, Of: KiB, Allocs: -1} }
func rankOnly() Bar                  { return Bar{Of: OfRaw, Allocs: -1} }
func (r Row) text() bool             { return r.Payload != server.Binary }
func (r Row) secure(suffix Bar) Row  { r.TLS, r.Name, r.Bar = true, "TLS "+r.Name, suffix; return r }
func (r Row) numbered(count int) Row { r.Count = count; return r }

var sizes = []struct {
	name                string
	bytes               int
	echo, receive, send float64
}{
	{"64 B", 64, 1.05, 2, 1.1},
	{"1 KiB", 1 << 10, 1.05, 1.1, 1.1},
	{"64 KiB", 64 << 10, 1.05, 1, 1.1},
	{"1 MiB", 1 << 20, 1, 1, 0.85},
}

// Rows returns the table. In the short form the largest counts are smaller.
func Rows(short bool) []Row {
	million, conns, secureConns := 1_000_000, 10_000, 1_000
	if short {
		million, conns, secureConns = 100_000, 2_000, 200
	}
	var rows, secure []Row
	add := func(r Row) { rows = append(rows, r) }
	for _, s := range sizes {
		for _, kind := range []server.Kind{server.Binary, server.ASCII} {
			name := map[server.Kind]string{server.Binary: "binary", server.ASCII: "text"}[kind]
			r := Row{Name: fmt.Sprintf("echo %s, %s", s.name, name), Kind: Echo, Payload: kind, Size: s.bytes, Bar: upTo(s.echo).allocs(0)}
			if s.bytes == 1<<20 {
				r.Bar.Allocs = -1
			}
			add(r)
			if kind == server.Binary {
				secure = append(secure, r.secure(rankOnly()))
			}
		}
	}
	for _, s := range sizes {
		r := Row{Name: "receive " + s.name, Kind: Receive, Payload: server.Binary, Size: s.bytes, Bar: upTo(s.receive)}
		add(r)
		secure = append(secure, r.secure(rankOnly()))
		if s.bytes <= 1<<10 {
			r.Name, r.Payload = r.Name+", text", server.ASCII
			add(r)
		}
	}
	add(Row{Name: "receive 64 KiB, Chinese text", Kind: Receive, Payload: server.Chinese, Size: 64 << 10, Bar: upTo(4.5)})
	for _, s := range sizes {
		add(Row{Name: "send " + s.name, Kind: Send, Payload: server.Binary, Size: s.bytes, Bar: upTo(s.send)})
	}
	for _, s := range sizes[:2] {
		add(Row{Name: fmt.Sprintf("send %s, %d goroutines", s.name, Senders), Kind: Shared, Payload: server.Binary, Size: s.bytes, Bar: upTo(0.3)})
	}
	add(Row{Name: "a million of 64 B, one call each", Kind: Send, Payload: server.Binary, Size: 64, Bar: upTo(1.1)}.numbered(million))
	add(Row{Name: "a million of 64 B, batched", Kind: Batch, Payload: server.Binary, Size: 64, Bar: upTo(1.6)}.numbered(million))
	for _, s := range []struct {
		name  string
		bytes int
	}{{"1 KiB", 1 << 10}, {"64 KiB", 64 << 10}} {
		add(Row{Name: "compressed echo " + s.name, Kind: Echo, Payload: json, Size: s.bytes, Deflate: client.NoTakeover, Bar: lessThanPeers(0.8)})
		add(Row{Name: "compressed echo " + s.name + ", takeover", Kind: Echo, Payload: json, Size: s.bytes, Deflate: client.Takeover, Bar: lessThanPeers(0.8)})
	}
	add(Row{Name: "dial", Kind: Dial, Payload: server.Binary, Size: 64, Bar: upTo(1.05).allocs(25)})
	rows = append(rows, secure...)
	add(Row{Name: fmt.Sprintf("idle, %d connections", conns), Kind: Hold, Payload: server.Binary, Size: 64, Bar: memory(4.5, 4)}.numbered(conns))
	add(Row{Name: fmt.Sprintf("TLS idle, %d connections", secureConns), Kind: Hold, Payload: server.Binary, Size: 64, TLS: true, Bar: Bar{Of: KiB, Allocs: -1}}.numbered(secureConns))
	return rows
}

// Takes reports whether c stands in the row.
//
// Raw has no place where bytes depend on the compressor.
func (r Row) Takes(c client.Contender) bool {
	switch r.Deflate {
	case client.NoTakeover:
		return c.Deflates
	case client.Takeover:
		return c.TakesOver
	}
	return true
}
