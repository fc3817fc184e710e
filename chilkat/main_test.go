package chilkat

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// probe is a class with nothing of its own: what it does is what the base does.
type probe struct {
	object
	events
	limit setting[int]
}

func (p *probe) base() *object {
	if p == nil {
		return nil
	}
	return &p.object
}

// clock is a time that stands until a test moves it.
type clock struct{ t time.Time }

func newClock() *clock { return &clock{time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time { return c.t }
