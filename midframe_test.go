package fairlead_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// TestMessagesAfterHalfAFrame has every message verb refused while a frame of
// ReadFrame's is half there. Nothing of it may be lost.
func TestMessagesAfterHalfAFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		put(t, server, frameOf(frame.Binary, true, "halves")[:5])
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err := c.ReadFrame(ctx)
		wantErr(t, err, context.DeadlineExceeded)

		for m, err := range c.Messages(t.Context()) {
			if !errors.Is(err, fairlead.ErrMidMessage) {
				t.Errorf("Messages: %q, %v", m.Data, err)
			}
		}
		_, _, err = c.Read(t.Context())
		wantErr(t, err, fairlead.ErrMidMessage)
		_, _, err = c.ReadAppend(t.Context(), nil)
		wantErr(t, err, fairlead.ErrMidMessage)
		_, err = c.Reader(t.Context())
		wantErr(t, err, fairlead.ErrMidMessage)

		put(t, server, []byte("ves"))
		if _, p, err := c.ReadFrame(t.Context()); err != nil || string(p) != "halves" {
			t.Errorf("ReadFrame = %q, %v", p, err)
		}
	})
}
