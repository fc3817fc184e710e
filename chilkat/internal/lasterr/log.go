// Package lasterr keeps the log of one call as a tree and renders it as text,
// XML or an HTML page.
//
// [Start] begins the tree of a call, the methods of [Log] add to it, and
// [Log.Finish] seals it with the result. [Log.Text], [Log.XML] and [Log.HTML]
// then show the same tree. [Trace] feeds a tree from the events of package
// wstrace. When a debug log file is given, every line goes there at the moment
// it arises.
package lasterr

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A peer can cause lines, so their number and length are limited.
const (
	// maxEntries is how many entries of nested blocks one tree keeps. What
	// the call itself says is always kept.
	maxEntries = 2000
	// maxText is how many bytes of one value or sentence are kept.
	maxText = 2048
	// maxName is how many bytes of a key or of a block's name are kept.
	maxName = 128
)

// rootName is the name of the outermost block of every log.
const rootName = "FairleadLog"

// Config says how the log of a call begins.
type Config struct {
	// Name is the name of the method or property setter.
	Name string
	// Header is written first; it describes library and machine.
	Header []Pair
	// Verbose allows the lines that [Log.Verbose] guards.
	Verbose bool
	// File is the path of the debug log file; empty means none.
	File string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Pair is one "key: value" line.
type Pair struct{ Key, Value string }

// Log is a place in the tree of one call: the call itself, or a block inside
// it. All methods may be called by several goroutines at once. A nil *Log
// swallows everything, so that code which logs needs no question whether
// somebody listens.
type Log struct {
	tree  *tree
	block *block
}

type tree struct {
	now     func() time.Time
	verbose bool
	file    *file
	header  int // how many entries of the method describe library and machine

	mu      sync.Mutex
	method  *block
	count   int // entries kept inside nested blocks
	omitted int
	sealed  bool
	success bool
}

type block struct {
	name     string
	depth    int
	start    time.Time
	duration time.Duration
	failed   bool
	closed   bool
	entries  []entry
}

type kind uint8

const (
	valueEntry kind = iota
	sentenceEntry
	problemEntry
	adviceEntry
	blockEntry
)

type entry struct {
	kind  kind
	key   string
	text  string
	block *block
}

// calls numbers the calls of the process, so that lines of overlapping calls
// can be told apart in one debug log file.
var calls atomic.Uint64

// Start begins the log of one call. Its name is in the debug log file before
// Start returns.
func Start(cfg Config) *Log {
	t := &tree{now: cfg.Now, verbose: cfg.Verbose, header: len(cfg.Header)}
	if t.now == nil {
		t.now = time.Now
	}
	t.method = &block{name: clean(cfg.Name, maxName), depth: 1, start: t.now()}
	l := &Log{tree: t, block: t.method}
	if cfg.File != "" {
		t.file = openFile(cfg.File, t.now)
		t.file.line(t.method.depth-1, t.method.name+":")
	}
	for _, p := range cfg.Header {
		l.Value(p.Key, p.Value)
	}
	return l
}

// Verbose reports whether lines that only a debugging user wants are welcome.
func (l *Log) Verbose() bool { return l != nil && l.tree.verbose }

// Value adds a "key: value" line. Never pass a secret.
func (l *Log) Value(key string, value any) {
	if l == nil {
		return
	}
	text, ok := value.(string)
	if !ok {
		text = fmt.Sprint(value)
	}
	l.add(entry{kind: valueEntry, key: clean(key, maxName), text: clean(text, maxText)})
}

// Say adds a sentence.
func (l *Log) Say(text string) { l.addSentence(sentenceEntry, text) }

// Problem adds a sentence that says what went wrong, and marks the block.
func (l *Log) Problem(text string) { l.addSentence(problemEntry, text) }

// Advise adds a sentence that says what to do about a problem.
func (l *Log) Advise(text string) { l.addSentence(adviceEntry, text) }

func (l *Log) addSentence(k kind, text string) {
	if l == nil || text == "" {
		return
	}
	l.add(entry{kind: k, text: sentence(clean(text, maxText))})
}

// Open begins a block inside l. What belongs to it is added to the returned
// Log, and [Log.Close] ends it.
func (l *Log) Open(name string) *Log {
	if l == nil {
		return nil
	}
	b := &block{name: clean(name, maxName), depth: l.block.depth + 1, start: l.tree.now()}
	l.add(entry{kind: blockEntry, block: b})
	return &Log{tree: l.tree, block: b}
}

// Close ends the block and fixes its duration. Closing twice does nothing.
func (l *Log) Close() {
	if l == nil {
		return
	}
	t := l.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.block == t.method || l.block.closed || t.sealed {
		return
	}
	t.end(l.block)
}

// Fail ends the block like [Log.Close], after a line about the error unless
// err is nil.
func (l *Log) Fail(err error) {
	if err != nil {
		l.Problem(err.Error())
	}
	l.Close()
}

// Finish seals the tree: open blocks end, the result is written, and later
// additions are ignored.
func (l *Log) Finish(success bool) {
	if l == nil {
		return
	}
	t := l.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sealed {
		return
	}
	if t.omitted > 0 {
		e := entry{kind: sentenceEntry, text: fmt.Sprintf("%d more lines were left out of this log.", t.omitted)}
		t.method.entries = append(t.method.entries, e)
	}
	t.endAll(t.method)
	t.sealed, t.success = true, success
	t.method.failed = !success
	t.file.line(t.method.depth, result(success))
	t.file.line(t.method.depth-1, closing(t.method))
	t.file.close()
}

func (l *Log) add(e entry) {
	t := l.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sealed || l.block.closed {
		return
	}
	if e.kind == problemEntry {
		l.block.failed = true
	}
	t.file.line(l.block.depth, e.line())
	if e.kind == blockEntry || l.block != t.method {
		if t.count >= maxEntries {
			t.omitted++
			return
		}
		t.count++
	}
	l.block.entries = append(l.block.entries, e)
}

func (t *tree) end(b *block) {
	b.closed = true
	b.duration = t.now().Sub(b.start)
	t.file.line(b.depth-1, closing(b))
}

// endAll ends b after every block inside it that is still open.
func (t *tree) endAll(b *block) {
	for _, e := range b.entries {
		if e.kind == blockEntry && !e.block.closed {
			t.endAll(e.block)
		}
	}
	if b == t.method {
		b.closed = true
		b.duration = t.now().Sub(b.start)
		return
	}
	t.end(b)
}

// line is how the debug log file shows an entry as it arises: the duration of
// a block is not known yet, so it stands on the block's last line there.
func (e entry) line() string {
	switch e.kind {
	case valueEntry:
		return e.key + ": " + e.text
	case blockEntry:
		return e.block.name + ":"
	default:
		return e.text
	}
}

func closing(b *block) string {
	return fmt.Sprintf("--%s(%dms)", b.name, b.duration.Milliseconds())
}

func result(success bool) string {
	if success {
		return "Success."
	}
	return "Failed."
}
