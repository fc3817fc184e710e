package lasterr_test

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that stands until a test moves it.
type clock struct{ t time.Time }

func newClock() *clock { return &clock{time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time         { return c.t }
func (c *clock) pass(d time.Duration)   { c.t = c.t.Add(d) }
func (c *clock) config() lasterr.Config { return lasterr.Config{Name: "Connect", Now: c.now} }
func (c *clock) verbose() lasterr.Config {
	return lasterr.Config{Name: "Connect", Now: c.now, Verbose: true}
}

var errRefused = errors.New("connection refused")

// refusedHandshake is the log that the specification shows.
func refusedHandshake() *lasterr.Log {
	c := newClock()
	l := lasterr.Start(lasterr.Config{
		Name:   "ValidateServerHandshake",
		Now:    c.now,
		Header: []lasterr.Pair{{Key: "FairleadVersion", Value: "0.1.0"}, {Key: "VerboseLogging", Value: "false"}},
	})
	b := l.Open("openingHandshake")
	b.Value("statusLine", "HTTP/1.1 403 Forbidden")
	b.Problem("the server refused to switch protocols")
	b.Close()
	c.pass(2 * time.Millisecond)
	l.Advise("Check path and credentials.")
	l.Finish(false)
	return l
}
