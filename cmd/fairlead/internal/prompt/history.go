package prompt

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	maxHistory = 1000    // entries that are remembered; the file may have twice as many
	maxEntry   = 8 << 10 // bytes of one in the file
)

// history is the lines that were sent, the newest last. In its file each is a
// JSON string on a line of its own.
type history struct {
	path    string // "" for none
	entries []string
	lines   int // of the file
}

// historyPath is fairlead/history in the folder of states.
func historyPath(getenv func(string) string) string {
	dir := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "fairlead", "history")
}

func loadHistory(path string) *history {
	h := &history{path: path}
	file, err := os.Open(path)
	if err != nil {
		return h
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 8*maxEntry)
	for lines.Scan() {
		h.lines++
		var entry string
		if json.Unmarshal(lines.Bytes(), &entry) == nil {
			h.remember(entry)
		}
	}
	return h
}

func (h *history) remember(entry string) {
	if n := len(h.entries); n > 0 && h.entries[n-1] == entry {
		return
	}
	h.entries = append(h.entries, entry)
	if len(h.entries) > maxHistory {
		h.entries = h.entries[1:]
	}
}

// secrets are lines that look as if they held one.
var secrets = regexp.MustCompile(`(?i)pass(word|wd|phrase)|secret|token|bearer|authori[sz]ation|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|credential|cookie|session[-_ ]?id|\beyJ[\w-]{10,}\.`)

// add remembers a line, and writes it to the file unless it begins with a space
// or looks like a secret. For those the memory of this session has to do.
func (h *history) add(line string) error {
	if strings.TrimSpace(line) == "" {
		return nil
	}
	h.remember(line)
	if h.path == "" || private(line) {
		return nil
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	if err := h.shrink(); err != nil {
		return err
	}
	file, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// The file may be older than this rule.
	if err = file.Chmod(0o600); err == nil {
		_, err = file.Write(append(text, '\n'))
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// private reports whether a line must not get into the file, or is too long for
// it.
func private(line string) bool {
	return strings.HasPrefix(line, " ") || len(line) > maxEntry || secrets.MatchString(line)
}

// shrink writes the file anew, with the entries that are remembered, when it has
// grown too long.
func (h *history) shrink() error {
	h.lines++ // the one that follows
	if h.lines <= 2*maxHistory {
		return nil
	}
	var b strings.Builder
	h.lines = 1
	for _, entry := range h.entries[:len(h.entries)-1] { // the last one follows
		if text, err := json.Marshal(entry); err == nil && !private(entry) {
			b.Write(text)
			b.WriteByte('\n')
			h.lines++
		}
	}
	return os.WriteFile(h.path, []byte(b.String()), 0o600)
}

// search returns the index of the newest entry before limit that contains text,
// or -1.
func (h *history) search(text string, limit int) int {
	for i := min(limit, len(h.entries)) - 1; i >= 0; i-- {
		if strings.Contains(h.entries[i], text) {
			return i
		}
	}
	return -1
}
