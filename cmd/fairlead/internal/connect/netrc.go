package connect

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

// netrcLogin looks host up in a netrc file, ~/.netrc if path is empty. A file
// that is not there has no logins, as with curl, unless it was named.
func netrcLogin(path, host string, env Env) (user, password string, found bool, err error) {
	named := path != ""
	if !named {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", "", false, nil //nolint:nilerr // no home, no file
		}
		path = filepath.Join(home, ".netrc")
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return "", "", false, nil
	}
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		env.warn("others can read the passwords in %s: chmod 600 it", path)
	}
	data, err := readFile("netrc-file", path)
	if err != nil {
		return "", "", false, err
	}
	tokens, err := netrcTokens(string(data))
	if err != nil {
		return "", "", false, exit.With(exit.Read, fmt.Errorf("--netrc-file: %s: %w", path, err))
	}
	user, password, found = lookUp(tokens, host)
	return user, password, found, nil
}

// lookUp finds the first machine that is host, or the default behind all.
func lookUp(tokens []string, host string) (user, password string, found bool) {
	in := false
	for i := 0; i < len(tokens); i++ {
		value := ""
		if i+1 < len(tokens) {
			value = tokens[i+1]
		}
		switch tokens[i] {
		case "machine", "default":
			if found {
				return user, password, true
			}
			in = tokens[i] == "default" || strings.EqualFold(value, host)
			found = in
			if tokens[i] == "machine" {
				i++
			}
		case "login", "password", "account":
			if in && tokens[i] == "login" {
				user = value
			}
			if in && tokens[i] == "password" {
				password = value
			}
			i++
		}
	}
	return user, password, found
}

// netrcTokens splits the file into words; one in double quotes may hold spaces
// and the escapes \" \\ \n \r \t. Comments and macros are left out.
func netrcTokens(text string) ([]string, error) {
	var tokens []string
	for text != "" {
		text = strings.TrimLeft(text, " \t\r\n")
		switch {
		case text == "":
		case text[0] == '#':
			_, text, _ = strings.Cut(text, "\n")
		case text[0] == '"':
			token, rest, ok := quoted(text[1:])
			if !ok {
				return nil, errors.New("a quoted word does not end")
			}
			tokens, text = append(tokens, token), rest
		default:
			end := strings.IndexAny(text, " \t\r\n")
			if end < 0 {
				end = len(text)
			}
			token := text[:end]
			text = text[end:]
			if token == "macdef" { // ends at an empty line
				_, text, _ = strings.Cut(strings.ReplaceAll(text, "\r", ""), "\n\n")
				continue
			}
			tokens = append(tokens, token)
		}
	}
	return tokens, nil
}

func quoted(text string) (token, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			return b.String(), text[i+1:], true
		case '\\':
			i++
			if i < len(text) {
				b.WriteString(strings.NewReplacer("n", "\n", "r", "\r", "t", "\t").Replace(text[i : i+1]))
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}
