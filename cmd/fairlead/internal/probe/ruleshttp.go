package probe

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// refusals are what an answer other than 101 means.
var refusals = map[int]Finding{
	200: {"status-200", Bad, "A web page answered, not a WebSocket.", "", "Check the path of the URL, and that proxies before the server pass Upgrade and Connection on (with nginx: proxy_http_version 1.1 and both fields by proxy_set_header)."},
	400: {"status-400", Bad, "The server finds the request wrong.", "", "See the beginning of its answer; it may want a subprotocol (-s), an origin (--origin), or not get Upgrade and Connection from a proxy before it."},
	401: {"status-401", Bad, "The server wants to know who asks.", "", "Log in with -u USER:PASSWORD, --oauth2-bearer TOKEN or a header (-H)."},
	403: {"status-403", Bad, "The server refuses this client.", "", "Check the credentials, --origin (it must be one that the server allows), and what the server says in its answer."},
	404: {"status-404", Bad, "There is nothing at this path.", "", "Check the path of the URL."},
	405: {"status-405", Bad, "The path does not take GET.", "", "Check the path of the URL: a WebSocket opens with GET."},
	426: {"status-426", Bad, "The server wants another protocol or version.", "", "Its fields Upgrade and Sec-WebSocket-Version say which; this is version 13."},
	429: {"status-429", Bad, "The server has had too many requests.", "", "Wait as long as Retry-After says."},
	502: {"status-502", Bad, "A proxy before the server got no good answer from it.", "", "Check that the server behind the proxy runs, and that the proxy speaks HTTP/1.1 to it."},
	503: {"status-503", Bad, "The server is not available.", "", "Try later; Retry-After may say when."},
	504: {"status-504", Bad, "A proxy before the server waited in vain.", "", "Check that the server behind the proxy runs."},
}

func (f *facts) answer() {
	status := f.report.Status
	if f.err == nil || status == 0 || status == 101 {
		return
	}
	finding, known := refusals[status]
	switch {
	case known:
	case status >= 300 && status < 400:
		finding = Finding{"redirect", Bad, "The server redirects.", "", "Use the URL that its field Location names, or follow it with -L."}
	case status >= 500:
		finding = Finding{"status-5xx", Bad, "The server failed.", "", "Look at its log."}
	default:
		finding = Finding{"status", Bad, "The server does not open a WebSocket here.", "", "Check the path of the URL and see the server's answer."}
	}
	finding.Detail = fmt.Sprintf("It answered %s.", wstrace.Escape(statusLine(f.report)))
	if e, ok := errors.AsType[*fairlead.HandshakeError](f.err); ok && finding.ID == "redirect" && e.Header.Get("Location") != "" {
		finding.Detail += " Location: " + wstrace.Escape(wstrace.RedactTarget(e.Header.Get("Location"))) + "."
	}
	f.report.Findings = append(f.report.Findings, finding)
}

func statusLine(r *Report) string {
	if r.Response != nil {
		return r.Response.Line
	}
	return fmt.Sprint(r.Status)
}

// upgradeHeaders is about a 101 that is wrong.
func (f *facts) upgradeHeaders() {
	var wrong *handshake.Error
	if f.report.Status != 101 || !errors.As(f.err, &wrong) {
		return
	}
	advice := "The server breaks RFC 6455, section 4.2.2: have it mended."
	switch wrong.Field {
	case "Sec-WebSocket-Accept":
		advice = "The server, or a cache before it, answered another request than this one."
	case "Sec-WebSocket-Protocol":
		advice = "Offer the subprotocol that the server wants with -s NAME."
	}
	f.add("upgrade-wrong", Bad, "The answer looks like a WebSocket and breaks the rules.", wstrace.Escape(wrong.Error()), advice)
}

func (f *facts) slowAnswer() {
	for _, s := range f.steps("response") {
		if s.Took >= slowResponse && s.Error == "" {
			f.add("slow-answer", Warning, "The server is slow to answer.", fmt.Sprintf("The answer to the request took %v.", round(s.Took)), "Look what the server does before it opens a session: lookups, databases, logins.")
		}
	}
	if f.err != nil && f.phase() == fairlead.PhaseResponse {
		if e, ok := errors.AsType[*fairlead.HandshakeError](f.err); ok && e.Timeout() {
			f.add("no-answer", Bad, "The server does not answer the request.", f.report.Error, "Look at its log; --connect-timeout gives it more time.")
		}
	}
}

func (f *facts) subprotocol() {
	if f.err != nil {
		return
	}
	offered := strings.Join(f.dialer.Subprotocols, ", ")
	switch {
	case f.report.Subprotocol != "":
		f.add("subprotocol", Good, "Both sides agree on the subprotocol "+wstrace.Escape(f.report.Subprotocol)+".", "", "")
	case offered != "":
		f.add("subprotocol-none", Warning, "The server chose none of the subprotocols.", "Offered: "+wstrace.Escape(offered)+".", "It does not know them: check their spelling; many servers then close at the first message.")
	}
}

func (f *facts) compression() {
	switch {
	case f.err != nil:
	case f.report.Compression != "":
		f.add("compression", Good, "Messages are compressed.", f.report.Compression+".", "")
	default:
		f.add("compression-none", Info, "The server declined compression.", "permessage-deflate was offered.", "Where messages are long and the network is slow, switch it on in the server.")
	}
}

func (f *facts) ping() {
	switch {
	case f.err != nil || f.endedEarly != nil:
	case f.pingErr != nil:
		f.add("ping-none", Warning, "The server did not answer a ping.", wstrace.Escape(f.pingErr.Error()), "RFC 6455, section 5.5.2, says that it must: what keeps connections open by pings will not work.")
	case f.rtt >= slowPing:
		f.add("ping-slow", Warning, "The round trip is long.", fmt.Sprintf("A ping took %v.", round(f.rtt)), "Look at the network between, and at the load of the server.")
	default:
		f.add("ping", Good, fmt.Sprintf("A ping took %v.", round(f.rtt)), "", "")
	}
	if connect := f.lastConnect(); f.err == nil && f.pingErr == nil && connect > 0 && f.rtt > 10*connect && f.rtt > 20*time.Millisecond {
		f.add("far-behind", Info, "What answers pings is farther away than what takes connections.",
			fmt.Sprintf("TCP took %v, the ping %v.", round(connect), round(f.rtt)), "There is a proxy or a load balancer in between, or the server is busy.")
	}
}

func (f *facts) lastConnect() (d time.Duration) {
	for _, s := range f.steps("tcp") {
		if s.Error == "" {
			d = s.Took
		}
	}
	return d
}

func (f *facts) ending() {
	if f.err != nil {
		return
	}
	if f.endedEarly != nil {
		detail := wstrace.Escape(f.endedEarly.Error())
		switch {
		case !f.closed:
			f.add("dropped", Bad, "The server dropped the session at once.", detail, "Look at its log, and at what is between: some proxies let the opening pass and nothing else.")
		case f.code == frame.StatusNormal || f.code == frame.StatusGoingAway:
			f.add("closed", Warning, "The server closed the session at once.", detail, "It may expect a subprotocol (-s), a message (-d) or a login at the beginning.")
		default:
			f.add("closed-error", Bad, "The server closed the session at once, with an error.", detail, "Its code and reason say why: 1008 is mostly a missing login, 1002 and 1003 another protocol above WebSocket.")
		}
		return
	}
	if f.closeErr != nil {
		f.add("close-unclean", Warning, "The server did not answer the closing handshake.", wstrace.Escape(f.closeErr.Error()), "It drops connections without a Close frame: clients then cannot tell an end from a loss.")
	}
}
