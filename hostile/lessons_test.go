package hostile_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestLessons: every lesson of the threat model is held by a case, a probe or a test
// that names it, or the threat model says why it is not.
func TestLessons(t *testing.T) {
	const lessons = 101
	model, err := os.ReadFile("../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	held := map[int]bool{}
	note := func(text string) {
		for _, m := range regexp.MustCompile(`\bL(\d{2,3})(?:(?:-| to )L(\d{2,3}))?\b`).FindAllStringSubmatch(text, -1) {
			first, _ := strconv.Atoi(m[1])
			last := first
			if m[2] != "" {
				last, _ = strconv.Atoi(m[2])
			}
			for n := first; n <= last; n++ {
				held[n] = true
			}
		}
	}
	for _, c := range catalogue() {
		note(strings.Join(c.Lessons, " "))
	}
	for _, p := range probes() {
		note(strings.Join(p.lessons, " "))
	}
	// Tests elsewhere name what they hold in their comments.
	err = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "hostile" || entry.Name() == ".git" || entry.Name() == "bench"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		for line := range strings.Lines(string(source)) {
			if _, comment, ok := strings.Cut(line, "// "); ok {
				note(comment)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= lessons; n++ {
		row := regexp.MustCompile(fmt.Sprintf(`(?m)^\| L%02d \|.*\|$`, n)).FindString(string(model))
		outside := strings.Contains(row, "Out of scope")
		switch {
		case row == "":
			t.Errorf("L%02d is not in docs/threat-model.md", n)
		case !held[n] && !outside:
			t.Errorf("L%02d: no case and no test names it, and the threat model does not say that it is out of scope", n)
		case held[n] && outside:
			t.Errorf("L%02d is held, and the threat model says that it is out of scope", n)
		}
	}
	for _, path := range regexp.MustCompile("`([a-z0-9_/]+(?:\\.go|/))`").FindAllStringSubmatch(string(model), -1) {
		if _, err := os.Stat(filepath.Join("..", path[1])); err != nil {
			t.Errorf("the threat model names %s: %v", path[1], err)
		}
	}
}
