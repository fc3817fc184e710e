package hostile_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
	"github.com/fairlead-ws/fairlead/wstest"
)

const (
	socksHello         = "\x05\x01\x00"
	socksHelloPassword = "\x05\x02\x00\x02"
	socksAsk           = "\x05\x01\x00\x03\x09peer.test\x00\x50"
	socksGranted       = "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"
	socksPassword      = "\x01\x04user\x23" + canary
	socksAsk4          = "\x04\x01\x00\x50\x00\x00\x00\x01user\x00peer.test\x00"
	socksGranted4      = "\x00\x5a\x00\x00\x00\x00\x00\x00"
)

func throughSocks(kind, user string) func(route.Dialer) route.Dialer {
	return func(peer route.Dialer) route.Dialer {
		if kind == "socks4a" {
			return route.Socks4a("proxy.test:1080", user)(peer)
		}
		opts := &route.SocksOptions{Username: user}
		if user != "" {
			opts.Password = canary
		}
		return route.Socks5h("proxy.test:1080", opts)(peer)
	}
}

// dialogue is what a SOCKS client must send and what it gets, by turns.
func dialogue(turns ...string) []wstest.Step {
	var steps []wstest.Step
	for i, t := range turns {
		if i%2 == 0 {
			steps = append(steps, wstest.Expect([]byte(t)))
		} else {
			steps = append(steps, send([]byte(t)))
		}
	}
	return steps
}

func throughOpens(id, kind, user string, turns ...string) Case {
	c := opened(id, switching())
	c.Route, c.Peer = throughSocks(kind, user), append(dialogue(turns...), c.Peer...)
	return c
}

func throughFails(id, kind, user, says string, is error, turns ...string) Case {
	c := Case{ID: id, Route: throughSocks(kind, user), Peer: append(dialogue(turns...), wstest.Shut()), Refused: route.PhaseProxy, Says: says, Lag: 500 * time.Millisecond}
	if is != nil {
		c.Is = []error{is}
	}
	c.Check = func(o *Outcome) error {
		if _, ok := errors.AsType[*route.ProxyError](o.Err); !ok || strings.Contains(o.Err.Error(), canary) {
			return fmt.Errorf("want a *route.ProxyError without a secret: %w", o.Err)
		}
		return nil
	}
	return c
}

// socksCases are G01 to G03, G05 to G08, G10, G12, G13, G15 and G16.
func socksCases() []Case {
	const s5, s4 = "socks5h", "socks4a"
	cases := []Case{
		throughOpens("G08/no-password-asked", s5, "", socksHello, "\x05\x00", socksAsk, socksGranted),
		throughOpens("G08/password", s5, "user", socksHelloPassword, "\x05\x02", socksPassword, "\x01\x00", socksAsk, socksGranted),
		throughOpens("G08/password-not-needed", s5, "user", socksHelloPassword, "\x05\x00", socksAsk, socksGranted),
		throughOpens("G13/SOCKS4a", s4, "user", socksAsk4, socksGranted4),
		throughOpens("G13/address-does-not-count", s4, "user", socksAsk4, "\x00\x5a\xff\xff\xff\xff\xff\xff"),
		throughFails("G01/0", s5, "", "the answer is not SOCKS5", nil, socksHello, "\x00\x00"),
		throughFails("G01/4", s5, "", "a SOCKS4 proxy answers", nil, socksHello, "\x04\x00"),
		throughFails("G01/H", s5, "", "an HTTP server or proxy answers", nil, socksHello, "HTTP/1.1 400 Bad Request\r\n\r\n"),
		throughFails("G01/4-in-the-reply", s5, "", "the answer is not SOCKS5", nil, socksHello, "\x05\x00", socksAsk, "\x04\x00"),
		throughFails("G02/none-acceptable", s5, "user", "neither", auth.ErrNotOffered, socksHelloPassword, "\x05\xff"),
		throughFails("G02/GSSAPI", s5, "user", "method 1", auth.ErrNotOffered, socksHelloPassword, "\x05\x01"),
		throughFails("G02/private", s5, "", "method 128", auth.ErrNotOffered, socksHello, "\x05\x80"),
		throughFails("G05/reserved-byte", s5, "", "reserved byte", nil, socksHello, "\x05\x00", socksAsk, "\x05\x00\x01\x01\x7f\x00\x00\x01\x00\x50"),
		throughFails("G12/none-given", s5, "", "asks for credentials", auth.ErrNotOffered, socksHello, "\x05\xff"),
		throughFails("G12/password-though-none-given", s5, "", "asks for credentials", auth.ErrNotOffered, socksHello, "\x05\x02"),
		throughFails("G15/HTTP", s5, "", "an HTTP server or proxy answers", nil, socksHello, "HTTP/1.0 501 x\r\n"),
		throughFails("G15/TLS", s5, "", "the port speaks TLS", nil, socksHello, "\x15\x03\x01\x00\x02\x02\x46"),
		throughFails("G15/SSH", s5, "", "an SSH server answers", nil, socksHello, "SSH-2.0-OpenSSH_9.2p1\r\n"),
		throughFails("G15/HTTP-SOCKS4a", s4, "user", "an HTTP server or proxy answers", nil, socksAsk4, "HTTP/1.0 501 x\r\n"),
		throughFails("G15/SOCKS5-SOCKS4a", s4, "user", "a SOCKS5 proxy answers", nil, socksAsk4, "\x05\xff"),
		throughFails("G15/terminal-codes", s5, "", `begins with "\x1b`, nil, socksHello, "\x1b]0;owned\x07"+times(100, "x")).teaches("L40"),
		throughFails("G16/no-secret", s5, "user", "does not accept", auth.ErrRefused, socksHelloPassword, "\x05\x02", socksPassword, "\x01\x01").teaches("L41"),
	}
	glued := throughOpens("G07/frames-with-the-answer-behind-the-reply", s5, "", socksHello, "\x05\x00", socksAsk, socksGranted)
	glued.Peer = append(dialogue(socksHello, "\x05\x00", socksAsk, socksGranted), answer(switching()+string(text("hello"))+string(bye())))
	early := throughFails("G07/bytes-with-the-reply", s5, "", "", nil, socksHello, "\x05\x00", socksAsk, socksGranted+"SSH-2.0-x\r\n")
	early.Refused, early.Says, early.Check, early.Unsent = "response", "not HTTP", nil, true
	early4 := throughFails("G07/bytes-with-the-reply-of-SOCKS4a", s4, "user", "", nil, socksAsk4, socksGranted4+"SSH-2.0-x\r\n")
	early4.Refused, early4.Says, early4.Check, early4.Unsent = "response", "not HTTP", nil, true
	cases = append(cases, glued, early, early4)
	for _, n := range []int{0, 1, 255} {
		cases = append(cases, throughOpens(fmt.Sprintf("G06/name-of-%d", n), s5, "", socksHello, "\x05\x00", socksAsk, "\x05\x00\x00\x03"+string([]byte{byte(n)})+times(n, "n")+"\x00\x50"))
	}
	cases = append(cases, throughOpens("G06/IPv6", s5, "", socksHello, "\x05\x00", socksAsk, "\x05\x00\x00\x04"+times(18, "\x00")))
	cut := func(name, kind, user string, turns ...string) {
		for i := 1; i < len(turns); i += 2 {
			for n := range turns[i] {
				short := append(append([]string{}, turns[:i]...), turns[i][:n])
				cases = append(cases, throughFails(fmt.Sprintf("G03/%s-answer-%d-cut-after-%d", name, i/2+1, n), kind, user, "closed the connection", io.ErrUnexpectedEOF, short...))
			}
		}
		var slow []wstest.Step
		for i, t := range turns {
			if i%2 == 0 {
				slow = append(slow, wstest.Expect([]byte(t)))
			} else {
				slow = append(slow, wstest.Chunks(1, []byte(t)))
			}
		}
		c := throughOpens("G03/"+name+"-byte-by-byte", kind, user)
		c.Peer = append(slow, c.Peer...)
		cases = append(cases, c)
	}
	cut("SOCKS5", s5, "user", socksHelloPassword, "\x05\x02", socksPassword, "\x01\x00", socksAsk, socksGranted)
	cut("SOCKS4a", s4, "user", socksAsk4, socksGranted4)
	return cases
}

// socksCodeCases are G04 and what of G05, G08 and G13 is a byte: every value of it.
func socksCodeCases() []Case {
	const s5, s4 = "socks5h", "socks4a"
	var cases []Case
	coded := func(c Case, code int) Case {
		c.Check = func(o *Outcome) error {
			if pe, ok := errors.AsType[*route.ProxyError](o.Err); !ok || pe.Code != code {
				return fmt.Errorf("want a *route.ProxyError with code %d: %w", code, o.Err)
			}
			return nil
		}
		return c
	}
	for code := 1; code < 256; code++ {
		b := string([]byte{byte(code)})
		cases = append(cases,
			coded(throughFails(fmt.Sprintf("G04/%d", code), s5, "", fmt.Sprintf("answered %d", code), nil, socksHello, "\x05\x00", socksAsk, "\x05"+b), code),
			throughFails(fmt.Sprintf("G08/status-%d", code), s5, "user", "does not accept", auth.ErrRefused, socksHelloPassword, "\x05\x02", socksPassword, "\x01"+b),
			throughFails(fmt.Sprintf("G13/version-%d", code), s4, "user", "the answer is not SOCKS4", nil, socksAsk4, b+"\x5a"),
		)
		if code != 1 {
			cases = append(cases, throughFails(fmt.Sprintf("G08/version-%d", code), s5, "user", "instead of 1", nil, socksHelloPassword, "\x05\x02", socksPassword, b+"\x00"))
		}
		if code != 90 {
			cases = append(cases, coded(throughFails(fmt.Sprintf("G13/%d", code), s4, "user", fmt.Sprintf("answered %d", code), nil, socksAsk4, "\x00"+b+"\x00\x00\x00\x00\x00\x00"), code))
		}
		if code != 1 && code != 3 && code != 4 {
			cases = append(cases, throughFails(fmt.Sprintf("G05/type-%d", code), s5, "", "none of RFC 1928", nil, socksHello, "\x05\x00", socksAsk, "\x05\x00\x00"+b+"\x00\x00\x00\x00\x00\x00"))
		}
	}
	return cases
}

// socksLimitCases are G09, G10 and the rest of G13: what no request has room for is
// refused before the dial, and never falls back to a look-up here.
func socksLimitCases() []Case {
	long := func(n int) string { return times(n, "x") }
	with := func(id, user, password, says string) Case {
		return Case{ID: id, Refused: route.PhaseProxy, Says: says, Check: nothingDialled, Route: func(peer route.Dialer) route.Dialer {
			return route.Socks5h("proxy.test:1080", &route.SocksOptions{Username: user, Password: password})(peer)
		}}
	}
	id4 := func(id, url, user, says string) Case {
		return Case{ID: id, URL: url, Refused: route.PhaseProxy, Says: says, Check: nothingDialled, Route: throughSocks("socks4a", user)}
	}
	most := opened("G09/255-bytes", switching())
	most.Route = func(peer route.Dialer) route.Dialer {
		return route.Socks5h("proxy.test:1080", &route.SocksOptions{Username: long(255), Password: long(255)})(peer)
	}
	most.Peer = append(dialogue(socksHelloPassword, "\x05\x02", "\x01\xff"+long(255)+"\xff"+long(255), "\x01\x00", socksAsk, socksGranted), most.Peer...)
	name := strings.Repeat(times(62, "n")+".", 4) + "n" // 253 bytes, the longest that a URL may have
	longest := opened("G10/253-bytes", switching())
	longest.URL, longest.Route = "ws://"+name+"/", throughSocks("socks5h", "")
	longest.Peer = append(dialogue(socksHello, "\x05\x00", "\x05\x01\x00\x03\xfd"+name+"\x00\x50", socksGranted), longest.Peer...)
	return []Case{
		most, longest,
		with("G09/user-of-256", long(256), "x", "longer than 255"), with("G09/password-of-256", "x", long(256), "longer than 255"), with("G09/no-user", "", "x", "needs both"), with("G09/no-password", "x", "", "needs both"),
		{ID: "G10/256-bytes", URL: "ws://" + times(64, "abc.") + "/", Refused: "url", Route: throughSocks("socks5h", ""), Check: nothingDialled, Note: "the URL is refused first"},
		id4("G13/NUL-in-the-user", "ws://peer.test/", "a\x00b", "control character"), id4("G13/IPv6", "ws://[::1]/", "user", "IPv6"),
	}
}

// throughSSH is the way through an SSH server that nobody knows.
func throughSSH(peer route.Dialer) route.Dialer {
	return sshroute.Hop("bastion.test:22", &sshroute.Config{User: "user", HostKeyFingerprints: []string{"SHA256:" + times(43, "A")}})(peer)
}

// sshHelloCases are H06 and H07: what an SSH server says before its keys.
func sshHelloCases() []Case {
	fails := func(id, wire string) Case {
		return Case{ID: id, Route: throughSSH, Peer: peer(send([]byte(wire)), wstest.Shut()), Refused: route.PhaseSSH, Unsent: true, Lag: 500 * time.Millisecond}
	}
	flood := func(id, wire string) Case {
		c := fails(id, wire)
		c.Peer = peer(wstest.Repeat(64, send([]byte(wire)))) // the client has had enough long before
		return c.teaches("L81")
	}
	return []Case{
		fails("H06/SSH-1", "SSH-1.5-old\r\n"), fails("H06/SSH-3", "SSH-3.0-new\r\n"), fails("H07/HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"), fails("H07/TLS", "\x15\x03\x01\x00\x02\x02\x46"), fails("H07/nothing", ""),
		fails("H07/half-a-version", "SSH-2.0"), fails("H07/control-characters", "SSH-2.0-\x1b]0;owned\x07\r\n"), fails("H07/packet-of-4-GiB", "SSH-2.0-x\r\n\xff\xff\xff\xff\x04\x14"), fails("H07/packet-of-0", "SSH-2.0-x\r\n\x00\x00\x00\x00"), fails("H07/junk-after-the-version", "SSH-2.0-x\r\n"+times(64, "\xa5")),
		flood("H07/endless-version", "SSH-2.0-"+times(16<<10, "x")), flood("H07/endless-line", times(16<<10, "x")), flood("H07/lines-before-the-version", times(1<<10, "welcome, stranger\r\n")), flood("H07/empty-lines", times(8<<10, "\r\n")), flood("H07/zeros", times(16<<10, "\x00")),
	}
}
