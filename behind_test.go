package fairlead_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestWriteBehindOthers ends the context of a writer that owns the socket and
// writes first what others had queued, to a peer that takes nothing. The writer
// leaves, and the connection lives.
func TestWriteBehindOthers(t *testing.T) {
	large := make([]byte, 40_000)
	for _, tt := range []struct {
		name  string
		write func(ctx context.Context, c *fairlead.Conn) error
		sent  int // bytes of it that arrive
	}{
		{"Batch", func(ctx context.Context, c *fairlead.Conn) error {
			return c.Batch(ctx, func(b *fairlead.Batch) error { return b.Write(fairlead.Binary, []byte("batch")) })
		}, 0},
		{"large message", func(ctx context.Context, c *fairlead.Conn) error {
			return c.Write(ctx, fairlead.Binary, large)
		}, 0},
		{"large fragment", func(ctx context.Context, c *fairlead.Conn) error {
			_, err := c.Writer(ctx, fairlead.Binary).Write(large)
			return err
		}, len(large)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := wstest.PipeSize(1)
				defer server.Close()
				c := fairlead.NewConn(client, fairlead.ConnConfig{})
				defer c.CloseNow()
				done := make(chan error, 3)
				write := func(f func() error) {
					go func() { done <- f() }()
					synctest.Wait()
				}
				write(func() error { return c.WriteText(t.Context(), "first") })
				write(func() error { return c.WriteText(t.Context(), "second") })
				ctx, cancel := context.WithCancel(t.Context())
				write(func() error { return tt.write(ctx, c) })
				wantFrame(t, server, frame.Text, true, "first")
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				synctest.Wait() // the second is on its way
				cancel()
				synctest.Wait()
				select {
				case err := <-done:
					wantErr(t, err, context.Canceled)
				default:
					t.Fatal("the writer stays")
				}
				wantFrame(t, server, frame.Text, true, "second")
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				if tt.sent > 0 {
					if f := next(t, server); f.Fin || len(f.payload) != tt.sent {
						t.Fatalf("%+v of %d bytes arrived", f.Header, len(f.payload))
					}
				}
				go c.Ping(t.Context()) //nolint:errcheck // CloseNow ends it
				if f := next(t, server); f.Opcode != frame.Ping {
					t.Errorf("%v arrived", f.Opcode)
				}
				c.CloseNow()
				if p, err := io.ReadAll(server); err != nil || len(p) > 0 {
					t.Errorf("%x, %v", p, err)
				}
			})
		})
	}
}
