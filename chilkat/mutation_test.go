//go:build mutation

package chilkat_test

import (
	"bytes"
	"encoding/json"
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

// TestEmptiedMembers empties the body of each member of WebSocket that the
// reference has, one at a time, setters included, and demands that the test named
// after the member fails each time.
func TestEmptiedMembers(t *testing.T) {
	list, err := os.ReadFile("testdata/members.txt")
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]string{} // method to the test that is named after it
	for line := range strings.Lines(string(list)) {
		words := strings.Fields(line)
		if len(words) < 4 || words[0] == "#" {
			continue
		}
		members[words[1]] = words[1]
		if words[0] == "property" && words[3] == "set" {
			members["Set"+words[1]] = words[1]
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for method, source := range emptied(t, file, members) {
			if survives(t, file, source, "^Test"+members[method]+"$") {
				t.Errorf("%s: Test%s passes without it", method, members[method])
			} else {
				killed++
			}
			delete(members, method)
		}
	}
	for method := range members {
		t.Errorf("%s was not found", method)
	}
	t.Logf("%d members emptied and noticed", killed)
}

// emptied is the source of file for each of the methods in it, with that one
// returning zero values at once.
func emptied(t *testing.T, file string, methods map[string]string) map[string][]byte {
	t.Helper()
	sources := map[string][]byte{}
	for i := 0; ; i++ {
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if i == len(tree.Decls) {
			return sources
		}
		f, ok := tree.Decls[i].(*ast.FuncDecl)
		if !ok || f.Recv == nil || methods[f.Name.Name] == "" || receiver(f) != "WebSocket" {
			continue
		}
		var zero []ast.Expr
		if f.Type.Results != nil {
			zero = []ast.Expr{zeroOf(f.Type.Results.List[0].Type)}
		}
		early := &ast.IfStmt{Cond: ast.NewIdent("true"), Body: &ast.BlockStmt{List: []ast.Stmt{&ast.ReturnStmt{Results: zero}}}}
		f.Body.List = append([]ast.Stmt{early}, f.Body.List...)
		var out bytes.Buffer
		if err := format.Node(&out, fset, tree); err != nil {
			t.Fatal(err)
		}
		sources[f.Name.Name] = out.Bytes()
	}
}

func receiver(f *ast.FuncDecl) string {
	if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
		if name, ok := star.X.(*ast.Ident); ok {
			return name.Name
		}
	}
	return ""
}

func zeroOf(typ ast.Expr) ast.Expr {
	if name, ok := typ.(*ast.Ident); ok {
		switch name.Name {
		case "bool":
			return ast.NewIdent("false")
		case "int":
			return ast.NewIdent("0")
		case "string":
			return ast.NewIdent(`""`)
		}
	}
	return ast.NewIdent("nil")
}

// survives reports whether the tests that pattern names pass with source for file.
func survives(t *testing.T, file string, source []byte, pattern string) bool {
	t.Helper()
	dir := t.TempDir()
	changed, overlayFile := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	original, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{changed: source, overlayFile: overlay} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("go", "test", "-vet=off", "-timeout=60s", "-overlay", overlayFile, "-run", pattern, ".").CombinedOutput()
	if bytes.Contains(out, []byte("[build failed]")) {
		t.Fatalf("the mutant does not build:\n%s", out)
	}
	return err == nil
}
