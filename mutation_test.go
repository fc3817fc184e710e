//go:build mutation

package fairlead_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutated is the package whose decisions are inverted.
const mutated = "internal/protocol"

// TestMutations inverts every decision of the state machine, one at a time, and
// demands that a test of its own package fails each time. A decision is a
// condition of an if, an operand of && or ||, or a case of a switch.
func TestMutations(t *testing.T) {
	files, err := filepath.Glob(mutated + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	killed, survived := 0, 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for i := 0; ; i++ {
			where, source := mutant(t, file, i)
			if source == nil {
				break
			}
			if survives(t, file, source) {
				survived++
				t.Errorf("%s: no test fails when this is inverted", where)
			} else {
				killed++
			}
		}
	}
	t.Logf("%d decisions inverted, %d noticed, %d not", killed+survived, killed, survived)
	if killed == 0 {
		t.Error("nothing was inverted")
	}
}

// mutant is file with its i-th decision inverted, or nil when there are fewer.
func mutant(t *testing.T, file string, i int) (where string, source []byte) {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	invert := func(e *ast.Expr) {
		if n == i {
			where = fset.Position((*e).Pos()).String()
			*e = &ast.UnaryExpr{Op: token.NOT, X: &ast.ParenExpr{X: *e}}
		}
		n++
	}
	ast.Inspect(tree, func(node ast.Node) bool {
		if where != "" {
			return false
		}
		switch node := node.(type) {
		case *ast.IfStmt:
			invert(&node.Cond)
		case *ast.BinaryExpr:
			if node.Op == token.LAND || node.Op == token.LOR {
				invert(&node.X)
				invert(&node.Y)
			}
		case *ast.CaseClause:
			if len(node.List) == 0 || len(node.Body) == 0 {
				break
			}
			if n == i { // the case does nothing
				where = fset.Position(node.Pos()).String()
				node.Body = nil
			}
			n++
		}
		return true
	})
	if where == "" {
		return "", nil
	}
	var out bytes.Buffer
	if err := format.Node(&out, fset, tree); err != nil {
		t.Fatal(err)
	}
	return where, out.Bytes()
}

// survives reports whether the package's tests pass with source for file.
func survives(t *testing.T, file string, source []byte) bool {
	t.Helper()
	dir := t.TempDir()
	changed := filepath.Join(dir, "mutant.go")
	original, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	for name, content := range map[string][]byte{changed: source, overlayFile: overlay} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("go", "test", "-vet=off", "-timeout=60s", "-overlay", overlayFile, "./"+mutated).CombinedOutput()
	if bytes.Contains(out, []byte("[build failed]")) {
		t.Fatal(fmt.Sprintf("the mutant does not build:\n%s\n%s", out, source))
	}
	return err == nil
}
