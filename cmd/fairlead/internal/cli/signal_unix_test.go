//go:build unix

package cli

import (
	"bytes"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/fairlead-ws/fairlead/wstest"
)

// TestSignal interrupts a session that would wait for long.
func TestSignal(t *testing.T) {
	for _, tt := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, 130}, {syscall.SIGTERM, 143}} {
		t.Run(tt.signal.String(), func(t *testing.T) {
			asked := make(chan struct{})
			var once sync.Once
			silent := wstest.Listen(wstest.Request(func(*wstest.HTTPRequest) error {
				once.Do(func() { close(asked) })
				return nil
			}), wstest.ExpectEOF())
			defer silent.Close()
			go func() {
				<-asked
				_ = syscall.Kill(syscall.Getpid(), tt.signal)
			}()
			var out, errs bytes.Buffer
			code := Run(t.Context(), []string{"demo", silent.URL()}, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
			if code != tt.code || !strings.Contains(errs.String(), "stopped by signal") {
				t.Errorf("exit code %d, want %d; stderr %q", code, tt.code, errs.String())
			}
		})
	}
}
