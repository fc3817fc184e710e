package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

// withSignals returns a context that SIGINT, SIGTERM and SIGHUP end. The first one
// also gives the signals their usual effect back. Until stop, SIGPIPE has none: a
// write to a pipe that nobody reads is an error.
func withSignals(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case s := <-signals:
			signal.Stop(signals)
			if number, ok := s.(syscall.Signal); ok {
				cancel(exit.SignalError{Number: number})
			}
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		signal.Reset(syscall.SIGPIPE)
		cancel(nil)
		<-watched
	}
}
