package sshroute

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/skeema/knownhosts"
)

// hostsFiles are files of known_hosts. OpenSSH compares host names in lower case
// (match_hostname in match.c), the library by the letter: of a file that has
// capital letters in them it reads a copy without.
type hostsFiles struct {
	copies map[string]string // path of a copy to that of the user's file
}

// open reads the files.
func (h *hostsFiles) open(files []string) (*knownhosts.HostKeyDB, error) {
	h.copies = map[string]string{}
	defer func() {
		for path := range h.copies {
			_ = os.Remove(path)
		}
	}()
	paths := make([]string, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if paths[i] = file; !lowerHosts(text) {
			continue
		}
		if paths[i], err = h.copy(file, text); err != nil {
			return nil, fmt.Errorf("%s has capital letters in host names, and its copy without cannot be written: %w", file, err)
		}
	}
	db, err := knownhosts.NewDB(paths...)
	for path, file := range h.copies {
		if err != nil {
			err = errors.New(strings.ReplaceAll(err.Error(), path, file))
		}
	}
	return db, err
}

func (h *hostsFiles) copy(file string, text []byte) (path string, err error) {
	f, err := os.CreateTemp("", "known_hosts")
	if err != nil {
		return "", err
	}
	h.copies[f.Name()] = file
	_, err = f.Write(text)
	return f.Name(), errors.Join(err, f.Close())
}

// name is the one by which the user knows path.
func (h *hostsFiles) name(path string) string {
	if file, ok := h.copies[path]; ok {
		return file
	}
	return path
}

// lowerHosts puts the host names in a text of known_hosts in lower case, and
// reports whether that changed any. A hash is one of a name in lower case already,
// and its own letters count.
func lowerHosts(text []byte) (changed bool) {
	const blank = " \t"
	for line := range bytes.Lines(text) {
		line = bytes.TrimLeft(line, blank)
		if marker := bytes.IndexAny(line, blank); marker > 0 && line[0] == '@' {
			line = bytes.TrimLeft(line[marker:], blank)
		}
		if len(line) == 0 || line[0] == '#' || line[0] == '|' {
			continue
		}
		hosts := line[:max(bytes.IndexAny(line, blank), 0)]
		for i, c := range hosts {
			if 'A' <= c && c <= 'Z' {
				hosts[i] = c - 'A' + 'a'
				changed = true
			}
		}
	}
	return changed
}
