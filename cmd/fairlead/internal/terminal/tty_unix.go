//go:build !windows

package terminal

const ttyPath = "/dev/tty"
