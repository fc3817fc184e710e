package prompt

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/session"
	"github.com/fairlead-ws/fairlead/frame"
)

// commands is what may follow a slash, in the order of the help.
var commands = []struct{ name, help string }{
	{"/ping", "[TEXT]  send a Ping; without text its round trip is shown"},
	{"/pong", "[TEXT]  send a Pong"},
	{"/close", "[CODE [REASON]]  close the connection"},
	{"/binary", "HEX  send a binary message"},
	{"/file", "PATH  send a file, as text if it is that"},
	{"/frame", `JSON  send one frame: {"opcode":1,"fin":false,"rsv":0,"text":"..."}`},
	{"/headers", "show the head of the server's answer"},
	{"/help", "show this"},
	{"/quit", "close and leave"},
}

// errLocal marks what is done here and sends nothing.
var errLocal = errors.New("local")

// parse makes an action of what was typed. A message that begins with a slash is
// written with two.
func parse(line string, binary bool) (session.Action, error) {
	typ := fairlead.Text
	if binary {
		typ = fairlead.Binary
	}
	if !strings.HasPrefix(line, "/") || strings.HasPrefix(line, "//") {
		return session.Action{Type: typ, Data: []byte(strings.TrimPrefix(line, "/"))}, nil
	}
	name, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch name {
	case "/ping":
		return session.Action{Kind: session.Ping, Data: []byte(rest)}, nil
	case "/pong":
		return session.Action{Kind: session.Pong, Data: []byte(rest)}, nil
	case "/close":
		return closeAction(rest)
	case "/binary":
		data, err := session.Hex.Decode([]byte(rest))
		return session.Action{Type: fairlead.Binary, Data: data}, err
	case "/file":
		data, err := os.ReadFile(expand(rest))
		if err != nil {
			return session.Action{}, err
		}
		if utf8.Valid(data) && !binary {
			return session.Action{Type: fairlead.Text, Data: data}, nil
		}
		return session.Action{Type: fairlead.Binary, Data: data}, nil
	case "/frame":
		return session.ParseFrame([]byte(rest))
	case "/headers", "/help", "/quit":
		return session.Action{}, errLocal
	}
	return session.Action{}, fmt.Errorf("unknown command %q: /help shows all; a message that begins with a slash is written with two", name)
}

func closeAction(rest string) (session.Action, error) {
	a := session.Action{Kind: session.Close, Code: frame.StatusNormal}
	if rest == "" {
		return a, nil
	}
	code, reason, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(code, 10, 16)
	if err != nil {
		return a, errors.New("expected /close CODE REASON, for example /close 1000 bye")
	}
	a.Code, a.Reason = frame.StatusCode(n), reason
	if _, err := frame.AppendClose(nil, a.Code, a.Reason); err != nil {
		return a, err
	}
	return a, nil
}

func expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}

// complete returns what line may become: the longest common beginning, and the
// candidates if there are several.
func complete(line string) (completed string, candidates []string) {
	if prefix, ok := strings.CutPrefix(line, "/file "); ok {
		candidates = paths(prefix)
		line = prefix
		defer func() { completed = "/file " + completed }()
	} else if strings.HasPrefix(line, "/") && !strings.Contains(line, " ") {
		for _, c := range commands {
			if strings.HasPrefix(c.name, line) {
				candidates = append(candidates, c.name)
			}
		}
	}
	switch len(candidates) {
	case 0:
		return line, nil
	case 1:
		if !strings.HasSuffix(candidates[0], string(filepath.Separator)) {
			candidates[0] += " "
		}
		return candidates[0], nil
	}
	common := candidates[0]
	for _, c := range candidates[1:] {
		for !strings.HasPrefix(c, common) {
			common = common[:len(common)-1]
		}
	}
	return common, candidates
}

// paths are the files that begin with prefix, folders with a slash behind them.
func paths(prefix string) []string {
	dir, base := filepath.Split(prefix)
	entries, err := os.ReadDir(cmp.Or(expand(dir), "."))
	if err != nil {
		return nil
	}
	var all []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), base) || base == "" && strings.HasPrefix(e.Name(), ".") {
			continue
		}
		name := dir + e.Name()
		if e.IsDir() {
			name += string(filepath.Separator)
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
