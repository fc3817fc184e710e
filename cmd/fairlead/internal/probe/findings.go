package probe

import (
	"cmp"
	"crypto/x509"
	"net"
	"slices"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/frame"
)

// facts are what findings are made of.
type facts struct {
	report *Report
	dialer *fairlead.Dialer
	secure bool
	now    time.Time

	err        error // of the dial
	first      []byte
	chain      []*x509.Certificate
	rtt        time.Duration
	pingErr    error
	endedEarly error // before we closed
	closeErr   error
	code       frame.StatusCode
	reason     string
	closed     bool // a Close came
}

// rules are asked in this order. Each knows one subject.
var rules = []func(f *facts){
	(*facts).dns, (*facts).tcp, (*facts).proxies, (*facts).otherProtocol, (*facts).certificate, (*facts).tlsVersion,
	(*facts).inTheClear, (*facts).answer, (*facts).upgradeHeaders, (*facts).slowAnswer, (*facts).subprotocol,
	(*facts).compression, (*facts).ping, (*facts).ending,
}

// find fills in the findings and the verdict.
func (f *facts) find() {
	if f.err == nil {
		f.add("open", Good, "The session was opened.", f.report.URL, "")
	}
	for _, rule := range rules {
		rule(f)
	}
	if f.err != nil && !slices.ContainsFunc(f.report.Findings, func(x Finding) bool { return x.Severity == Bad }) {
		f.add("failed", Bad, "The connection did not come to be.", f.report.Error, exit.Advice(f.err))
	}
	slices.SortStableFunc(f.report.Findings, func(a, b Finding) int { return cmp.Compare(b.Severity.rank(), a.Severity.rank()) })
	f.report.Verdict = f.report.Findings[0].Severity
}

func (f *facts) add(id string, severity Severity, title, detail, advice string) {
	f.report.Findings = append(f.report.Findings, Finding{id, severity, title, detail, advice})
}

// step returns the steps with that name.
func (f *facts) steps(name string) (all []Step) {
	for _, s := range f.report.Steps {
		if s.Name == name {
			all = append(all, s)
		}
	}
	return all
}

func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}
