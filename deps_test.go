package fairlead_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const modulePath = "github.com/fairlead-ws/fairlead"

// arrows says who may import whom. ARCHITECTURE.md prints the same text.
const arrows = `
# "a -> b": package a may import b directly. Every b has a line of its own
# above a, so arrows point down only. "fairlead" is the module root, "x/..."
# is x and all below it, "public" is every package above without an internal
# element. A name with a dot is a third-party module; what no line names,
# nobody imports. Standard library imports are free, except where "!" forbids.

internal/fuzzlimit       ->
frame                    ->
internal/http1           ->
internal/protocol        -> frame
wstrace                  -> frame
handshake                -> internal/http1
deflate                  -> frame, github.com/klauspost/compress
auth                     -> github.com/icholy/digest, github.com/Azure/go-ntlmssp, github.com/dghubble/oauth1, github.com/aws/aws-sdk-go-v2
route                    -> internal/http1, wstrace, auth
route/sshroute           -> route, wstrace, golang.org/x/crypto/ssh, github.com/skeema/knownhosts, github.com/kevinburke/ssh_config
route/clientcert         -> software.sslmate.com/src/go-pkcs12
fairlead                 -> frame, internal/protocol, internal/http1, handshake, deflate, route, auth, wstrace, golang.org/x/net/idna
wstest                   -> frame, handshake, deflate, internal/http1
wstest/conformance       -> frame, handshake, deflate, wstest
wstest/conntest          ->
chilkat/internal/lasterr -> wstrace
chilkat                  -> fairlead, handshake, frame, route, route/sshroute, route/clientcert, auth, wstrace, internal/http1, chilkat/internal/lasterr, golang.org/x/net/idna, golang.org/x/text
interop                  -> public
interop/autobahn         -> public
hostile/model            ->
hostile/...              -> public
cmd/fairlead/...         -> public, cmd/fairlead/..., github.com/spf13/cobra, github.com/spf13/pflag, github.com/pelletier/go-toml/v2, golang.org/x/net/publicsuffix, golang.org/x/term, github.com/itchyny/gojq, charm.land/bubbletea/v2, charm.land/bubbles/v2, charm.land/lipgloss/v2, golang.org/x/sys, github.com/HdrHistogram/hdrhistogram-go, github.com/charmbracelet/x/ansi, github.com/tidwall/pretty
bench/...                -> public, bench/..., github.com/gorilla/websocket, github.com/coder/websocket, github.com/gobwas/ws, github.com/gobwas/httphead, github.com/lxzan/gws, github.com/klauspost/compress/flate, golang.org/x/net/websocket

# Tests may import what their package may, and:
tests of *               -> github.com/google/go-cmp, go.uber.org/goleak, pgregory.net/rapid, internal/fuzzlimit
tests of fairlead        -> wstest, wstest/conformance
tests of route           -> wstest, wstest/conntest, golang.org/x/net/dns/dnsmessage
tests of wstest          -> wstest/conntest, golang.org/x/net/nettest
tests of wstest/conntest -> wstest
tests of hostile/model   -> public
tests of route/sshroute  -> wstest, wstest/conntest
tests of chilkat         -> wstest, deflate, golang.org/x/crypto/ssh
tests of hostile/...     -> golang.org/x/crypto/ssh
tests of cmd/fairlead/... -> github.com/rogpeppe/go-internal/testscript, github.com/creack/pty

# The pure packages take what they need as arguments.
frame                    !  net, net/..., time, context, os, sync, log/slog
internal/protocol        !  net, net/..., time, context, os, sync, log/slog
handshake                !  net, net/..., time, context, os, sync, log/slog
`

// maxLines is the length that no Go file exceeds.
const maxLines = 600

func TestImportArrows(t *testing.T) {
	r := parseArrows(t, arrows)
	files := readTree(t, os.DirFS("."))
	if len(files) == 0 {
		t.Fatal("no Go files found")
	}
	for _, c := range r.check(files) {
		t.Error(c)
	}
}

func TestArrowsAreInArchitecture(t *testing.T) {
	doc, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), "\n```"+arrows+"```\n") {
		t.Error("ARCHITECTURE.md does not contain the text of arrows, word for word, as a fenced block")
	}
}

func TestFileLength(t *testing.T) {
	for _, c := range tooLong(readTree(t, os.DirFS("."))) {
		t.Error(c)
	}
}

// TestImportArrowsComplain feeds the checker trees that break one rule each.
func TestImportArrowsComplain(t *testing.T) {
	const mod = "module x\n"
	src := func(imports ...string) string {
		s := "package p\n"
		for _, i := range imports {
			s += fmt.Sprintf("import _ %q\n", i)
		}
		return s
	}
	in := func(p string) string { return modulePath + "/" + p }
	tests := []struct {
		name string
		tree map[string]string
		want string // part of the only complaint; "" means none
	}{
		{"allowed", map[string]string{"conn.go": src("net", in("frame"), in("internal/protocol"))}, ""},
		{"upward", map[string]string{"frame/a.go": src(in("handshake"))}, "frame/a.go: frame may not import handshake"},
		{"root from below", map[string]string{"route/a.go": src(modulePath)}, "route may not import fairlead"},
		{"forbidden standard package", map[string]string{"frame/a.go": src("io", "time")}, "frame may not import time"},
		{"forbidden tree", map[string]string{"handshake/a.go": src("net/http")}, "handshake may not import net/http"},
		{"forbidden in a test is free", map[string]string{"frame/a_test.go": src("time", "os")}, ""},
		{"other system's file", map[string]string{"frame/a_plan9.go": src("net")}, "frame/a_plan9.go: frame may not import net"},
		{"wstest from fairlead", map[string]string{"conn.go": src(in("wstest"))}, "fairlead may not import wstest"},
		{"wstest from fairlead's tests", map[string]string{"conn_test.go": src(in("wstest"), modulePath)}, ""},
		{"fairlead from wstest", map[string]string{"wstest/a.go": src(modulePath)}, "wstest may not import fairlead"},
		{"fairlead from wstest's tests", map[string]string{"wstest/a_test.go": src(modulePath)}, "wstest may not import fairlead"},
		{"wstest from chilkat", map[string]string{"chilkat/a.go": src(in("wstest"))}, "chilkat may not import wstest"},
		{"wstest from chilkat's tests", map[string]string{"chilkat/a_test.go": src(in("wstest"))}, ""},
		{"third party where named", map[string]string{"chilkat/a.go": src("golang.org/x/text/encoding/htmlindex")}, ""},
		{"third party elsewhere", map[string]string{"route/a.go": src("golang.org/x/text/encoding")}, "route may not import golang.org/x/text/encoding"},
		{"third party with the same beginning", map[string]string{"chilkat/a.go": src("golang.org/x/textual")}, "may not import golang.org/x/textual"},
		{"test library in production", map[string]string{"frame/a.go": src("pgregory.net/rapid")}, "frame may not import pgregory.net/rapid"},
		{"test library in a test", map[string]string{"frame/a_test.go": src("pgregory.net/rapid")}, ""},
		{"unlisted package", map[string]string{"helper/a.go": src()}, "helper/a.go: package helper has no line in arrows"},
		{"import of an unlisted package", map[string]string{"conn.go": src(in("internal/new"))}, "fairlead may not import internal/new"},
		{"nested module, public", map[string]string{"cmd/fairlead/go.mod": mod, "cmd/fairlead/internal/cli/a.go": src(in("wstest"), in("cmd/fairlead/internal/demo"))}, ""},
		{"nested module, internal", map[string]string{"cmd/fairlead/go.mod": mod, "cmd/fairlead/main.go": src(in("internal/http1"))}, "a nested module may not import internal/http1"},
		{"nested module, deeper internal", map[string]string{"cmd/fairlead/go.mod": mod, "cmd/fairlead/main.go": src(in("chilkat/internal/lasterr"))}, "a nested module may not import chilkat/internal/lasterr"},
		{"internal from the tests of interop", map[string]string{"interop/a_test.go": src(in("internal/http1"))}, "interop may not import internal/http1"},
		{"testdata is not ours", map[string]string{"frame/testdata/a.go": src("net")}, ""},
	}
	r := parseArrows(t, arrows)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name, text := range tt.tree {
				fsys[name] = &fstest.MapFile{Data: []byte(text)}
			}
			got := r.check(readTree(t, fsys))
			switch {
			case tt.want == "" && len(got) != 0:
				t.Errorf("complaints %q, want none", got)
			case tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)):
				t.Errorf("complaints %q, want one that contains %q", got, tt.want)
			}
		})
	}
}

func TestArrowsThatPointUp(t *testing.T) {
	for _, text := range []string{
		"a -> b\nb ->\n",  // b stands below a
		"a -> a\n",        // a circle of one
		"a ->\na ->\n",    // twice
		"a ->\na b c\n",   // no arrow
		"tests of a -> b", // neither exists
		"a ! net\n",       // forbids something to nobody
	} {
		if _, err := newRules(text); err == nil {
			t.Errorf("newRules(%q) finds no mistake", text)
		}
	}
}

func TestFileLengthComplains(t *testing.T) {
	text := "package p\n" + strings.Repeat("//\n", maxLines-1)
	for _, tt := range []struct {
		text string
		want int
	}{{text, 0}, {text + "//", 1}, {text + "//\n", 1}} {
		got := tooLong(readTree(t, fstest.MapFS{"a_test.go": {Data: []byte(tt.text)}}))
		if len(got) != tt.want {
			t.Errorf("complaints %q, want %d", got, tt.want)
		}
	}
}

// A goFile is what the rules need to know about one file.
type goFile struct {
	name    string // path from the module root
	pkg     string // folder, or "fairlead" for the module root
	test    bool
	nested  string // folder of the nested module that it belongs to, or ""
	imports []string
	lines   int
}

// readTree reads every Go file, whatever its build constraints say: a rule that
// holds on one system only is none.
func readTree(t *testing.T, fsys fs.FS) []goFile {
	t.Helper()
	var files []goFile
	var nested []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		switch {
		case d.IsDir() && name != "." && (base == "testdata" || base[0] == '.' || base[0] == '_'):
			return fs.SkipDir
		case d.IsDir():
			if _, err := fs.Stat(fsys, path.Join(name, "go.mod")); err == nil && name != "." {
				nested = append(nested, name)
			}
		case strings.HasSuffix(name, ".go"):
			f, err := readFile(fsys, name)
			if err != nil {
				return err
			}
			for _, n := range nested {
				if isWithin(name, n) {
					f.nested = n
				}
			}
			files = append(files, f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readFile(fsys fs.FS, name string) (goFile, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return goFile{}, err
	}
	tree, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ImportsOnly)
	if err != nil {
		return goFile{}, err
	}
	f := goFile{name: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go")}
	if f.pkg == "." {
		f.pkg = "fairlead"
	}
	f.lines = bytes.Count(data, []byte("\n"))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		f.lines++
	}
	for _, spec := range tree.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return goFile{}, err
		}
		f.imports = append(f.imports, p)
	}
	return f, nil
}

func tooLong(files []goFile) (complaints []string) {
	for _, f := range files {
		if f.lines > maxLines {
			complaints = append(complaints, fmt.Sprintf("%s has %d lines; %d is the limit", f.name, f.lines, maxLines))
		}
	}
	return complaints
}

// rules is arrows, parsed.
type rules struct {
	names []string            // left sides in their order
	may   map[string][]string // left side -> patterns
	tests map[string][]string // the same for tests; "*" is every package
	never map[string][]string
}

func parseArrows(t *testing.T, text string) *rules {
	t.Helper()
	r, err := newRules(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newRules(text string) (*rules, error) {
	r := &rules{may: map[string][]string{}, tests: map[string][]string{}, never: map[string][]string{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := r.add(line); err != nil {
			return nil, fmt.Errorf("%w in line %q", err, line)
		}
	}
	return r, nil
}

func (r *rules) add(line string) error {
	if name, list, ok := strings.Cut(line, "!"); ok {
		name = strings.TrimSpace(name)
		r.never[name] = split(list)
		return r.known(name)
	}
	name, list, ok := strings.Cut(line, "->")
	if !ok {
		return fmt.Errorf("no arrow")
	}
	name = strings.TrimSpace(name)
	if of, ok := strings.CutPrefix(name, "tests of "); ok {
		r.tests[of] = r.expand(split(list))
		if of != "*" {
			return r.known(append(r.tests[of], of)...)
		}
		return nil
	}
	if r.known(name) == nil {
		return fmt.Errorf("%s twice", name)
	}
	targets := r.expand(split(list))
	// A subtree may use itself: the compiler refuses circles inside it.
	above := slices.DeleteFunc(slices.Clone(targets), func(p string) bool { return p == name && strings.HasSuffix(p, "/...") })
	if err := r.known(above...); err != nil {
		return err
	}
	r.names = append(r.names, name)
	r.may[name] = targets
	return nil
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' })
}

// expand puts the packages in place of "public".
func (r *rules) expand(list []string) []string {
	i := slices.Index(list, "public")
	if i < 0 {
		return list
	}
	list = slices.Delete(list, i, i+1)
	for _, n := range r.names {
		if !isInternal(n) {
			list = append(list, n)
		}
	}
	return list
}

// known reports the first name that has no line so far.
func (r *rules) known(names ...string) error {
	for _, n := range names {
		if !isThirdParty(n) && !slices.Contains(r.names, n) {
			return fmt.Errorf("%s has no line above", n)
		}
	}
	return nil
}

func (r *rules) check(files []goFile) (complaints []string) {
	for _, f := range files {
		line := r.lineOf(f.pkg)
		if line == "" {
			complaints = append(complaints, fmt.Sprintf("%s: package %s has no line in arrows", f.name, f.pkg))
			continue
		}
		for _, imp := range f.imports {
			if why := r.refuse(f, line, imp); why != "" {
				complaints = append(complaints, f.name+": "+why)
			}
		}
	}
	return complaints
}

// refuse says why f may not import imp, or "".
func (r *rules) refuse(f goFile, line, imp string) string {
	ours := isWithin(imp, modulePath)
	if imp == modulePath {
		imp = "fairlead"
	}
	imp = strings.TrimPrefix(imp, modulePath+"/")
	refused := fmt.Sprintf("%s may not import %s", f.pkg, imp)
	allowed := slices.Clone(r.may[line])
	if f.test {
		allowed = append(allowed, f.pkg)
		allowed = append(allowed, r.tests[line]...)
		allowed = append(allowed, r.tests["*"]...)
	}
	switch {
	case f.nested != "" && ours && isInternal(imp) && !isWithin(imp, f.nested):
		return fmt.Sprintf("a nested module may not import %s", imp)
	case matches(allowed, imp):
		return ""
	case ours || isThirdParty(imp):
		return refused
	case !f.test && matches(r.never[line], imp):
		return refused
	}
	return "" // standard library
}

// lineOf is the left side that speaks of pkg, or "".
func (r *rules) lineOf(pkg string) string {
	for _, n := range r.names {
		if n == pkg || strings.HasSuffix(n, "/...") && matches([]string{n}, pkg) {
			return n
		}
	}
	return ""
}

func matches(patterns []string, imp string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if tree, ok := strings.CutSuffix(p, "/..."); ok {
			return isWithin(imp, tree)
		}
		return p == imp || isThirdParty(p) && isWithin(imp, p)
	})
}

func isWithin(name, tree string) bool {
	return name == tree || strings.HasPrefix(name, tree+"/")
}

func isInternal(pkg string) bool {
	return slices.Contains(strings.Split(pkg, "/"), "internal")
}

// isThirdParty follows the go command: the first element has a dot.
func isThirdParty(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return strings.Contains(first, ".")
}
