package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestEveryFlagIsTested: each flag is in a script, or in the tests of
// internal/connect, and in the reference.
func TestEveryFlagIsTested(t *testing.T) {
	var tests, doc strings.Builder
	for _, pattern := range []string{"testdata/*.txtar", "*_test.go", "../connect/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(data)
		}
	}
	data, err := os.ReadFile("../../../../docs/command.md")
	if err != nil {
		t.Fatal(err)
	}
	doc.Write(data)
	var c connection
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	c.register(fs)
	fs.VisitAll(func(f *pflag.Flag) {
		name := `--` + regexp.QuoteMeta(f.Name) + `\b`
		short := ""
		if f.Shorthand != "" {
			short = `|[" ]-` + f.Shorthand + `[" ]`
		}
		if !regexp.MustCompile(name + short).MatchString(tests.String()) {
			t.Errorf("--%s is in no test", f.Name)
		}
		if !regexp.MustCompile("`[^`]*" + name).MatchString(doc.String()) {
			t.Errorf("--%s is not in docs/command.md", f.Name)
		}
	})
}
