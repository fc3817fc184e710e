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
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// emptiedBy is the environment variable that names the method to empty, as
// "Socket.Connect".
const emptiedBy = "FAIRLEAD_TEST_EMPTIED"

// TestEmptiedMembers empties the body of each member in the lists, one at a time,
// setters included, and demands that the test named after the member fails each
// time. One test binary has all mutants: each member asks whether it is the one
// that is emptied.
func TestEmptiedMembers(t *testing.T) {
	tests := map[string]string{} // "Class.Method" to the pattern of its test
	for _, m := range listedMembers(t) {
		pattern := "^Test" + m.name + "$"
		if m.class != "WebSocket" {
			pattern = "^TestMembers$/^" + m.class + "$/^" + m.name + "$"
		}
		tests[m.class+"."+m.name] = pattern
		if m.kind == "property" && m.second == "set" {
			tests[m.class+".Set"+m.name] = pattern
		}
	}
	binary := buildMutants(t, tests)
	var noticed atomic.Int64
	var wg sync.WaitGroup
	turns := make(chan struct{}, 2*runtime.GOMAXPROCS(0)) // most runs wait for something
	for method, pattern := range tests {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			switch {
			case !passes(binary, pattern, "nothing"):
				t.Errorf("%s fails with all members in place", pattern)
			case passes(binary, pattern, method):
				t.Errorf("%s passes without %s", pattern, method)
			default:
				noticed.Add(1)
			}
		})
	}
	wg.Wait()
	t.Logf("%d members emptied, %d noticed", len(tests), noticed.Load())
}

// passes reports whether the tests that pattern names pass with method emptied.
func passes(binary, pattern, method string) bool {
	cmd := exec.Command(binary, "-test.run", pattern, "-test.timeout", "60s")
	cmd.Env = append(os.Environ(), emptiedBy+"="+method)
	return cmd.Run() == nil
}

// buildMutants compiles the tests with a package whose methods can be emptied. All
// of them must be found.
func buildMutants(t *testing.T, tests map[string]string) (binary string) {
	t.Helper()
	dir := t.TempDir()
	overlay := map[string]map[string]string{"Replace": {}}
	put := func(file string, source []byte) {
		original, err := filepath.Abs(file)
		changed := filepath.Join(dir, file)
		if err == nil {
			err = os.WriteFile(changed, source, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		overlay["Replace"][original] = changed
	}
	put("zz_emptied.go", []byte("package chilkat\n\nimport \"os\"\n\nvar emptiedMember = os.Getenv(\""+emptiedBy+"\")\n"))
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			if source := withMutants(t, file, tests, found); source != nil {
				put(file, source)
			}
		}
	}
	for method := range tests {
		if !found[method] {
			t.Fatalf("%s was not found", method)
		}
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	overlayFile, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "mutants.test")
	if err := os.WriteFile(overlayFile, list, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlayFile, "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("the mutants do not build: %v\n%s", err, out)
	}
	return binary
}

// withMutants is the source of file in which each of the methods returns zero
// values when it is the one to be emptied; nil if there is none in it.
func withMutants(t *testing.T, file string, tests map[string]string, found map[string]bool) []byte {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	any := false
	for _, d := range tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil {
			continue
		}
		method := receiver(f) + "." + f.Name.Name
		if tests[method] == "" {
			continue
		}
		var zero []ast.Expr
		if f.Type.Results != nil {
			zero = []ast.Expr{zeroOf(f.Type.Results.List[0].Type)}
		}
		asked := &ast.BinaryExpr{
			X: ast.NewIdent("emptiedMember"), Op: token.EQL,
			Y: &ast.BasicLit{Kind: token.STRING, Value: `"` + method + `"`},
		}
		early := &ast.IfStmt{Cond: asked, Body: &ast.BlockStmt{List: []ast.Stmt{&ast.ReturnStmt{Results: zero}}}}
		f.Body.List = append([]ast.Stmt{early}, f.Body.List...)
		found[method], any = true, true
	}
	if !any {
		return nil
	}
	var out bytes.Buffer
	if err := format.Node(&out, fset, tree); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
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
