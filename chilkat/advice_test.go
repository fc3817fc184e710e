package chilkat

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// imperative finds a verb that tells the reader to do something, at the begin of
// a sentence or of a part of one.
var imperative = regexp.MustCompile(`(?:^|[.:;,] |\band |\bor )(?i:add|ask|begin|call|change|check|choose|close|connect|correct|encode|fetch|leave|make|nothing needs|pass|raise|read|send|set|take|try|update|use|wait|write)\b`)

// TestEveryFailureAdvises reads the source: whatever makes an error of a call says
// what to do next.
func TestEveryFailureAdvises(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var trees []*ast.File
	texts := map[string]string{} // of string constants
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		trees = append(trees, tree)
		ast.Inspect(tree, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
				for i, name := range spec.Names {
					if text := textOf(spec.Values[i], texts); text != "" {
						texts[name.Name] = text
					}
				}
			}
			return true
		})
	}
	advice := map[string]int{"fail": 1, "failFor": 2, "aborted": 1} // which argument it is
	count := 0
	for _, tree := range trees {
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, _ := call.Fun.(*ast.Ident)
			if name == nil || advice[name.Name] == 0 {
				return true
			}
			arg := call.Args[advice[name.Name]]
			if v, ok := arg.(*ast.Ident); ok && texts[v.Name] == "" {
				return true // handed on by a function whose callers are looked at
			}
			if _, ok := arg.(*ast.IndexExpr); ok {
				return true // of a table below
			}
			count++
			if text := textOf(arg, texts); !imperative.MatchString(text) {
				t.Errorf("%s: %q does not say what to do", fset.Position(call.Pos()), text)
			}
			return true
		})
	}
	for reason, about := range connectAdvice {
		if !imperative.MatchString(about[1]) {
			t.Errorf("connectAdvice[%d]: %q does not say what to do", reason, about[1])
		}
	}
	for phase, about := range hopAdvice {
		if !imperative.MatchString(about[1]) {
			t.Errorf("hopAdvice[%q]: %q does not say what to do", phase, about[1])
		}
	}
	if count < 100 {
		t.Errorf("only %d failures were found", count)
	}
}

// textOf is what is known of a string: its literal parts.
func textOf(e ast.Expr, texts map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.Ident:
		return texts[e.Name]
	case *ast.BinaryExpr:
		return textOf(e.X, texts) + textOf(e.Y, texts)
	}
	return ""
}

func TestExplainAlwaysAdvises(t *testing.T) {
	for _, err := range []error{errors.New("odd"), &Error{Text: "odd"}, fail("odd", "Wait for wind.")} {
		l := lasterr.Start(lasterr.Config{Name: "Sail"})
		explain(l, err)
		l.Finish(false)
		if got := l.Text(); !strings.Contains(got, "Odd.\n    "+unknownAdvice) && !strings.Contains(got, "Odd.\n    Wait for wind.\n") {
			t.Errorf("no advice:\n%s", got)
		}
	}
}
