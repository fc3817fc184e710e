package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
)

// TestEveryFlagOfASubcommandIsTested: each flag of its own is in a script of
// testdata/load, and in a guide.
func TestEveryFlagOfASubcommandIsTested(t *testing.T) {
	scripts := readAll(t, "../../testdata/load/*.txt")
	guides := readAll(t, "../../../../docs/command-*.md")
	shared := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(connect.Flags).Register(shared, "")
	for _, cmd := range newRoot().Commands() {
		switch cmd.Name() {
		case "echo", "bench", "record", "replay", "export", "probe":
		default:
			continue
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if s := shared.Lookup(f.Name); s != nil && s.Usage == f.Usage {
				return
			}
			name := `(--` + regexp.QuoteMeta(f.Name)
			if f.Shorthand != "" {
				name += `|-` + f.Shorthand
			}
			name += `)\b`
			used := regexp.MustCompile(`(?m)(fairlead ` + cmd.Name() + `|serve \w+)( .*)? ` + name)
			if !used.MatchString(scripts) {
				t.Errorf("%s --%s is in no script", cmd.Name(), f.Name)
			}
			if cmd.Name() != "echo" && !regexp.MustCompile("[`| ]"+name).MatchString(guides) {
				t.Errorf("%s --%s is in no guide", cmd.Name(), f.Name)
			}
		})
	}
}

func readAll(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", pattern, err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
