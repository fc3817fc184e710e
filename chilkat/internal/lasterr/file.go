package lasterr

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// file is the debug log file during one call. Every line is one append
// without a buffer in this process, so what was under way can be read after a
// hang or a crash. A nil file, and one that cannot be written, is silent.
type file struct {
	f    *os.File
	now  func() time.Time
	call uint64
}

func openFile(path string, now func() time.Time) *file {
	// Opening a pipe for writing waits until somebody reads it.
	if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil
	}
	return &file{f: f, now: now, call: calls.Add(1)}
}

func (f *file) line(depth int, text string) {
	if f == nil {
		return
	}
	stamp := f.now().UTC().Format("2006-01-02T15:04:05.000Z")
	_, _ = fmt.Fprintf(f.f, "%s #%d %s%s\n", stamp, f.call, strings.Repeat("  ", depth), text)
}

func (f *file) close() {
	if f != nil {
		_ = f.f.Close()
	}
}

// RecordGet writes into the debug log file that a property was read: its name
// and the kind of its value, never the value. It starts no tree.
func RecordGet(path string, now func() time.Time, name, kind string) {
	if path == "" {
		return
	}
	if now == nil {
		now = time.Now
	}
	f := openFile(path, now)
	f.line(0, "get "+name+" ("+kind+")")
	f.close()
}
