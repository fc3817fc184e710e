package hostile_test

import (
	"fmt"
	"regexp"
	"testing"
)

// rowsOf is how many rows the catalogue has by section, as far as they are
// written out here.
var rowsOf = map[string]int{"A": 55, "B": 52, "C": 22}

// TestCatalogue: every row is there, every ID is one, and there are enough.
func TestCatalogue(t *testing.T) {
	const atLeast = 600
	id := regexp.MustCompile(`^[A-L]-?[0-9][0-9]/[!-~]+$`)
	lesson := regexp.MustCompile(`^L[0-9]{2,3}$`)
	seen, rows := map[string]bool{}, map[string]bool{}
	for _, c := range catalogue() {
		if !id.MatchString(c.ID) || titles[c.section()] == "" {
			t.Errorf("%q is no ID", c.ID)
		}
		if seen[c.ID] {
			t.Errorf("%s twice", c.ID)
		}
		seen[c.ID], rows[c.row()] = true, true
		for _, l := range c.Lessons {
			if !lesson.MatchString(l) {
				t.Errorf("%s: %q is no lesson", c.ID, l)
			}
		}
		if c.Live > 0 && c.Virtual {
			t.Errorf("%s: samples of the heap take real time", c.ID)
		}
	}
	for section, n := range rowsOf {
		for i := 1; i <= n; i++ {
			row := fmt.Sprintf("%s%02d", section, i)
			if !rows[row] {
				t.Errorf("row %s has no case", row)
			}
		}
	}
	if len(seen) < atLeast {
		t.Errorf("%d cases, at least %d are wanted", len(seen), atLeast)
	}
}
