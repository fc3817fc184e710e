package chilkat

import (
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"
)

// meter is what a Socket knows of the bytes that passed its connection.
type meter struct {
	mu      sync.Mutex
	in, out rate
	total   int
	log     strings.Builder
	full    bool
}

// maxSessionLog is how long a session log gets, in bytes.
const maxSessionLog = 1 << 20

func (m *meter) begin(now time.Time) { m.in.begun, m.out.begun = now, now }

func (m *meter) received(now time.Time, p []byte, live *liveSettings) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total += len(p)
	m.in.add(now, len(p))
	m.record("received", p, live)
}

func (m *meter) sent(now time.Time, p []byte, live *liveSettings) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out.add(now, len(p))
	m.record("sent", p, live)
}

// record adds a line to the session log.
func (m *meter) record(direction string, p []byte, live *liveSettings) {
	if len(p) == 0 || m.full || !live.keepLog.Load() {
		return
	}
	// One byte becomes four at most, so what does not fit is never encoded.
	room := max(0, maxSessionLog-m.log.Len()) / 4
	m.full = len(p) > room
	p = p[:min(len(p), room)]
	text := ""
	if live.hexLog.Load() {
		text = strings.ToUpper(hex.EncodeToString(p))
	} else {
		text = escape(p)
	}
	m.log.WriteString(direction + ": " + text + "\n")
	if m.full {
		m.log.WriteString("The log is full: what follows is left out.\n")
	}
}

// escape writes printable ASCII as it is, all else as C does: each byte has a form
// of its own, so the log shows the wire.
func escape(p []byte) string {
	b := make([]byte, 0, len(p))
	for _, c := range p {
		switch {
		case c == '\\':
			b = append(b, `\\`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < ' ' || c > '~':
			b = fmt.Appendf(b, `\x%02x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// rateWindow is how many seconds a rate looks back, the current one included.
const rateWindow = 5

// rate is how fast bytes went one way lately.
type rate struct {
	begun   time.Time
	newest  int // the second, counted from begun, that the newest of seconds is for
	seconds [rateWindow]int
}

func (r *rate) add(now time.Time, n int) {
	second := int(now.Sub(r.begun) / time.Second)
	for ; r.newest < second; r.newest++ {
		if second-r.newest > rateWindow {
			r.newest = second - rateWindow
		}
		r.seconds[(r.newest+1)%rateWindow] = 0
	}
	r.seconds[r.newest%rateWindow] += n
}

// perSecond is the mean of the window. The first second counts as a whole one.
func (r *rate) perSecond(now time.Time) int {
	r.add(now, 0)
	sum := 0
	for _, n := range r.seconds {
		sum += n
	}
	from := time.Duration(max(0, r.newest-rateWindow+1)) * time.Second
	covered := max(now.Sub(r.begun)-from, time.Second)
	return int(float64(sum) / covered.Seconds())
}
