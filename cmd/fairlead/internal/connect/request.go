package connect

import (
	"net/http"
	"strings"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

// fields returns the header fields of the flags.
func (f *Flags) fields() (http.Header, error) {
	header := http.Header{}
	if err := addFields(header, "header", f.header); err != nil {
		return nil, err
	}
	for _, short := range []struct{ name, flag, value string }{
		{"User-Agent", "user-agent", f.userAgent}, {"Referer", "referer", f.referer}, {"Origin", "origin", f.origin},
	} {
		if short.value == "" {
			continue
		}
		if len(header[short.name]) > 0 {
			return nil, exit.Usagef("both --%s and --header set the field %s: choose one", short.flag, short.name)
		}
		header.Set(short.name, short.value)
	}
	return header, nil
}

// addFields adds lines of the form "Name: value", and those of files. As with
// curl, "Name;" is a field without a value.
func addFields(header http.Header, flag string, lines []string) error {
	for _, line := range lines {
		path, isFile := strings.CutPrefix(line, "@")
		if !isFile {
			if err := addField(header, flag, line); err != nil {
				return err
			}
			continue
		}
		data, err := readFile(flag, path)
		if err != nil {
			return err
		}
		for text := range strings.Lines(string(data)) {
			if text = strings.TrimSpace(text); text == "" || strings.HasPrefix(text, "#") {
				continue
			}
			if err := addField(header, flag, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// addField does not repeat the line in an error: it may hold a password.
func addField(header http.Header, flag, line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		if name, ok = strings.CutSuffix(line, ";"); !ok {
			return exit.Usagef("--%s: expected 'Name: value', 'Name;' or @file", flag)
		}
	}
	name = strings.TrimSpace(name)
	if name == "" || strings.ContainsAny(name, " \t\r\n") || strings.ContainsAny(value, "\r\n") {
		return exit.Usagef("--%s: expected 'Name: value' on one line", flag)
	}
	header.Add(name, strings.TrimSpace(value))
	return nil
}
