//go:build linux || darwin

package load

import (
	"strings"
	"testing"
)

func TestCheckFiles(t *testing.T) {
	if warning := CheckFiles(1); warning != "" {
		t.Errorf("one connection: %s", warning)
	}
	// More than any system lets a process have, also one of root's.
	if warning := CheckFiles(2_000_000_000); !strings.Contains(warning, "ulimit -n") {
		t.Errorf("two billion connections: %q", warning)
	}
}
