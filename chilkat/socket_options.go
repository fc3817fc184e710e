package chilkat

import (
	"net"
	"net/netip"

	"github.com/fairlead-ws/fairlead/route"
)

// socketOptionSettings are those of the first connection, that of this machine.
type socketOptionSettings struct {
	noDelay, keepAlive setting[bool]
	rcvBuf, sndBuf     int
	clientIP           string
	clientPort         int
	preferIPv6         bool
	throttleUp         int
	throttleDown       int
}

// TcpNoDelay reports whether small pieces are sent at once (TCP_NODELAY); the
// default is true, as a Rest has it by itself.
func (s *Socket) TcpNoDelay() bool {
	return get(s.base(), "TcpNoDelay", func() bool { return s.settings.options.noDelay.or(true) })
}

// SetTcpNoDelay turns TCP_NODELAY on or off. Off, small pieces may wait for an
// acknowledgement of those before.
func (s *Socket) SetTcpNoDelay(on bool) {
	set(s.base(), "TcpNoDelay", on, func() error { s.settings.options.noDelay.put(on); return nil })
}

// KeepAlive reports whether the system probes a silent connection; the default
// is true.
func (s *Socket) KeepAlive() bool {
	return get(s.base(), "KeepAlive", func() bool { return s.settings.options.keepAlive.or(true) })
}

// SetKeepAlive turns the probes on or off.
func (s *Socket) SetKeepAlive(on bool) {
	set(s.base(), "KeepAlive", on, func() error { s.settings.options.keepAlive.put(on); return nil })
}

// SoRcvBuf is the size in bytes of the system's buffer for what comes; 0, the
// default, leaves it to the system.
func (s *Socket) SoRcvBuf() int {
	return get(s.base(), "SoRcvBuf", func() int { return s.settings.options.rcvBuf })
}

// SetSoRcvBuf sets the size of the buffer for what comes. The system bounds it.
func (s *Socket) SetSoRcvBuf(n int) {
	set(s.base(), "SoRcvBuf", n, func() error {
		if err := checkNotNegative("SoRcvBuf", n); err != nil {
			return err
		}
		s.settings.options.rcvBuf = n
		return nil
	})
}

// SoSndBuf is the size in bytes of the system's buffer for what goes; 0, the
// default, leaves it to the system.
func (s *Socket) SoSndBuf() int {
	return get(s.base(), "SoSndBuf", func() int { return s.settings.options.sndBuf })
}

// SetSoSndBuf sets the size of the buffer for what goes. The system bounds it.
func (s *Socket) SetSoSndBuf(n int) {
	set(s.base(), "SoSndBuf", n, func() error {
		if err := checkNotNegative("SoSndBuf", n); err != nil {
			return err
		}
		s.settings.options.sndBuf = n
		return nil
	})
}

// ClientIpAddress is the address of this machine that connections come from; "",
// the default, lets the system choose.
func (s *Socket) ClientIpAddress() string {
	return get(s.base(), "ClientIpAddress", func() string { return s.settings.options.clientIP })
}

// SetClientIpAddress sets the address that connections come from: one of this
// machine's, in digits. Only servers of the same version of IP are reached from
// it. With anything else no connection is opened.
func (s *Socket) SetClientIpAddress(text string) {
	set(s.base(), "ClientIpAddress", text, func() error {
		s.settings.options.clientIP = text
		return checkClientAddress(text)
	})
}

// ClientPort is the port of this machine that connections come from; 0, the
// default, lets the system choose.
func (s *Socket) ClientPort() int {
	return get(s.base(), "ClientPort", func() int { return s.settings.options.clientPort })
}

// SetClientPort sets the port that connections come from, 0 to 65535. One port
// can serve one connection to the same server at a time.
func (s *Socket) SetClientPort(n int) {
	set(s.base(), "ClientPort", n, func() error {
		if err := checkPort("ClientPort", n); err != nil {
			return err
		}
		s.settings.options.clientPort = n
		return nil
	})
}

// PreferIpv6 reports whether IPv6 is tried first where a host has both; the
// default is false: the system's order counts.
func (s *Socket) PreferIpv6() bool {
	return get(s.base(), "PreferIpv6", func() bool { return s.settings.options.preferIPv6 })
}

// SetPreferIpv6 makes IPv6 addresses the first to be tried. The others are still
// tried.
func (s *Socket) SetPreferIpv6(on bool) {
	set(s.base(), "PreferIpv6", on, func() error { s.settings.options.preferIPv6 = on; return nil })
}

// BandwidthThrottleUp is how many bytes are sent per second at most; 0, the
// default, means no limit.
func (s *Socket) BandwidthThrottleUp() int {
	return get(s.base(), "BandwidthThrottleUp", func() int { return s.settings.options.throttleUp })
}

// SetBandwidthThrottleUp limits what is sent. It counts for connections to come.
// A long frame goes out in pieces of up to 64 KiB, and each piece must fit into
// IdleTimeoutMs of the WebSocket: with less than 2200 bytes per second raise that.
func (s *Socket) SetBandwidthThrottleUp(n int) {
	set(s.base(), "BandwidthThrottleUp", n, func() error {
		if err := checkNotNegative("BandwidthThrottleUp", n); err != nil {
			return err
		}
		s.settings.options.throttleUp = n
		return nil
	})
}

// BandwidthThrottleDown is how many bytes are received per second at most; 0,
// the default, means no limit.
func (s *Socket) BandwidthThrottleDown() int {
	return get(s.base(), "BandwidthThrottleDown", func() int { return s.settings.options.throttleDown })
}

// SetBandwidthThrottleDown limits what is received. It counts for connections to
// come.
func (s *Socket) SetBandwidthThrottleDown(n int) {
	set(s.base(), "BandwidthThrottleDown", n, func() error {
		if err := checkNotNegative("BandwidthThrottleDown", n); err != nil {
			return err
		}
		s.settings.options.throttleDown = n
		return nil
	})
}

// MaxReadIdleMs is the longest pause in milliseconds without a byte that comes,
// while a Rest or a WebSocket waits for one; their own IdleTimeoutMs counts too,
// and the shorter of the two ends the wait. The default is 0: no limit.
func (s *Socket) MaxReadIdleMs() int {
	return get(s.base(), "MaxReadIdleMs", func() int { return int(s.live.maxReadIdleMs.Load()) })
}

// SetMaxReadIdleMs sets the longest pause, also for the connection that is open.
// A negative number is refused.
func (s *Socket) SetMaxReadIdleMs(n int) {
	set(s.base(), "MaxReadIdleMs", n, func() error {
		if err := checkNotNegative("MaxReadIdleMs", n); err != nil {
			return err
		}
		s.live.maxReadIdleMs.Store(int64(n))
		return nil
	})
}

// MaxSendIdleMs is the longest pause in milliseconds without a byte that the
// connection takes, while something is sent; after it the connection is lost. The
// default is 0: no limit.
func (s *Socket) MaxSendIdleMs() int {
	return get(s.base(), "MaxSendIdleMs", func() int { return int(s.live.maxSendIdleMs.Load()) })
}

// SetMaxSendIdleMs sets the longest pause, also for the connection that is open.
// A negative number is refused.
func (s *Socket) SetMaxSendIdleMs(n int) {
	set(s.base(), "MaxSendIdleMs", n, func() error {
		if err := checkNotNegative("MaxSendIdleMs", n); err != nil {
			return err
		}
		s.live.maxSendIdleMs.Store(int64(n))
		return nil
	})
}

func checkNotNegative(name string, n int) error {
	if n < 0 {
		return fail(name+" is negative", "Set a number above 0, or 0 for the default.")
	}
	return nil
}

func checkPort(name string, port int) error {
	if port < 0 || port > 65535 {
		return fail(name+" is not from 0 to 65535", "Set the number of a port.")
	}
	return nil
}

func checkHopPort(name string, port int) error {
	if port == 0 {
		return fail(name+" is 0", "Set the number of the port that the proxy listens on.")
	}
	return checkPort(name, port)
}

func checkClientAddress(address string) error {
	if _, err := netip.ParseAddr(address); address != "" && err != nil {
		return fail("ClientIpAddress is not an IP address", `Set an address of this machine in digits, such as "192.0.2.7", or "".`)
	}
	return nil
}

// dialer reaches the first hop.
func (o socketOptionSettings) dialer() (route.TCP, error) {
	tcp := route.TCP{
		Nagle:       !o.noDelay.or(true),
		ReadBuffer:  o.rcvBuf,
		WriteBuffer: o.sndBuf,
	}
	if !o.keepAlive.or(true) {
		tcp.KeepAlive = &net.KeepAliveConfig{}
	}
	if o.preferIPv6 {
		tcp.Prefer = route.PreferIPv6
	}
	addr, _ := netip.ParseAddr(o.clientIP) // "" is the zero address
	tcp.LocalAddr = netip.AddrPortFrom(addr, uint16(o.clientPort))
	return tcp, checkClientAddress(o.clientIP)
}
