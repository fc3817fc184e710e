//go:build !linux

package measure

import "os/exec"

// startOn starts cmd; this system has no call that keeps it on a core.
func startOn(_ int, cmd *exec.Cmd) error { return cmd.Start() }
