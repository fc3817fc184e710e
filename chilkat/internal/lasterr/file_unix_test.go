//go:build unix

package lasterr_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// Opening a pipe that nobody reads would block the call for ever.
func TestAPipeIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	lasterr.Start(lasterr.Config{Name: "Connect", File: path}).Finish(true)
	lasterr.RecordGet(path, nil, "Version", "string")
}
