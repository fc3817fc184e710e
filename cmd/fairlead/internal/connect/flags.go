// Package connect turns the flags of a connection, which are those of curl, into
// a Dialer. Register the flags of a Flags, parse, and call Build.
package connect

import (
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Flags are the flags of a connection. The zero value is ready for Register.
type Flags struct {
	profile string

	header     []string
	userAgent  string
	referer    string
	origin     string
	protocols  []string
	user       string
	bearer     string
	basic      bool
	digest     bool
	ntlm       bool
	anyAuth    bool
	awsSigV4   string
	netrc      bool
	netrcFile  string
	cookies    []string
	cookieJar  string
	insecure   bool
	caCert     []string
	caPath     string
	cert       string
	key        string
	pass       string
	serverName string
	alpn       []string
	tls12      bool
	tls13      bool
	tlsMax     string
	ciphers    string
	pinned     string

	proxy       string
	proxyUser   string
	proxyHeader []string
	noProxy     string
	via         []string
	resolve     []string
	connectTo   []string
	ipv4, ipv6  bool
	iface       string
	unix        string
	abstract    string
	limitRate   Size

	compression string
	location    bool
	maxRedirs   int
	dialTimeout Duration
	maxTime     Duration
	maxMessage  Size

	set *pflag.FlagSet
}

// Register defines the flags on into. The letters in reserved are left to the
// command: flags that have one of them are there by their long name only.
func (f *Flags) Register(into *pflag.FlagSet, reserved string) {
	f.set = into
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	defer func() {
		fs.VisitAll(func(flag *pflag.Flag) {
			if strings.Contains(reserved, flag.Shorthand) {
				flag.Shorthand = ""
			}
			into.AddFlag(flag)
		})
	}()
	fs.StringVar(&f.profile, "profile", "", "take flags from the table `NAME` of the profiles file")
	f.registerRequest(fs)
	f.registerTLS(fs)
	f.registerRoute(fs)
	fs.StringVar(&f.compression, "compression", "off", "offer permessage-deflate: `off|no-takeover|takeover`")
	fs.BoolVarP(&f.location, "location", "L", false, "follow redirects")
	fs.IntVar(&f.maxRedirs, "max-redirs", 10, "with -L, follow at most `N` redirects, at most 10")
	fs.Var(&f.dialTimeout, "connect-timeout", "longest `TIME` until the session is open, as 5s or in seconds (default 30s)")
	fs.VarP(&f.maxTime, "max-time", "m", "longest `TIME` of the whole run")
	f.maxMessage = 64 << 20
	fs.Var(&f.maxMessage, "max-message", "largest message that is received, in `BYTES`")
}

func (f *Flags) registerRequest(fs *pflag.FlagSet) {
	fs.StringArrayVarP(&f.header, "header", "H", nil, "add a field `'Name: value'`, or those in a @file; may be repeated")
	fs.StringVarP(&f.userAgent, "user-agent", "A", "", "set the field User-Agent to `TEXT`")
	fs.StringVarP(&f.referer, "referer", "e", "", "set the field Referer to `URL`")
	fs.StringVarP(&f.origin, "origin", "O", "", "set the field Origin to `ORIGIN`")
	fs.StringArrayVarP(&f.protocols, "subprotocol", "s", nil, "offer the subprotocol `NAME`; may be repeated")
	fs.StringVarP(&f.user, "user", "u", "", "log in with `USER:PASSWORD` or what is in a @file; asks for a missing password")
	fs.StringVar(&f.bearer, "oauth2-bearer", "", "log in with the `TOKEN`, or the one in a @file")
	fs.BoolVar(&f.basic, "basic", false, "log in by Basic (default)")
	fs.BoolVar(&f.digest, "digest", false, "log in by Digest")
	fs.BoolVar(&f.ntlm, "ntlm", false, "log in by NTLM")
	fs.BoolVar(&f.anyAuth, "anyauth", false, "log in by the strongest scheme that the server offers")
	fs.StringVar(&f.awsSigV4, "aws-sigv4", "", "sign with AWS Signature V4, `aws:amz:REGION:SERVICE`; -u has key id and secret")
	fs.BoolVar(&f.netrc, "netrc", false, "take user and password from ~/.netrc")
	fs.StringVar(&f.netrcFile, "netrc-file", "", "take user and password from `FILE`")
	fs.StringArrayVarP(&f.cookies, "cookie", "b", nil, "send the cookies `'NAME=VALUE; ...'` or those in a file; may be repeated")
	fs.StringVarP(&f.cookieJar, "cookie-jar", "c", "", "write all cookies to `FILE` in the end")
}

func (f *Flags) registerTLS(fs *pflag.FlagSet) {
	fs.BoolVarP(&f.insecure, "insecure", "k", false, "do not verify who the server is; DANGEROUS")
	fs.StringArrayVar(&f.caCert, "cacert", nil, "trust only the authorities in `FILE` (PEM)")
	fs.StringVar(&f.caPath, "capath", "", "trust only the authorities in the files of `DIR` (PEM)")
	fs.StringVar(&f.cert, "cert", "", "our certificate, `FILE[:PASSWORD]` in PEM or PFX form")
	fs.StringVar(&f.key, "key", "", "the private key of --cert, where it is in a `FILE` of its own")
	fs.StringVar(&f.pass, "pass", "", "`PASSWORD` of a PFX file, or @file")
	fs.StringVar(&f.serverName, "servername", "", "the `NAME` that is sent as SNI and must be in the certificate")
	fs.StringSliceVar(&f.alpn, "alpn", nil, "offer the `PROTOCOL` by ALPN; may be repeated")
	fs.BoolVar(&f.tls12, "tlsv1.2", false, "TLS 1.2 or later (default)")
	fs.BoolVar(&f.tls13, "tlsv1.3", false, "TLS 1.3 or later")
	fs.StringVar(&f.tlsMax, "tls-max", "", "highest `VERSION` of TLS: 1.2 or 1.3")
	fs.StringVar(&f.ciphers, "ciphers", "", "`LIST` of cipher suites for TLS 1.2, separated by colons")
	fs.StringVar(&f.pinned, "pinnedpubkey", "", "accept only a server with one of these keys: `sha256//BASE64;...` or a file")
}

func (f *Flags) registerRoute(fs *pflag.FlagSet) {
	fs.StringVarP(&f.proxy, "proxy", "x", "", "reach the server through the proxy `URL`: http, https, socks4, socks4a, socks5, socks5h, ssh")
	fs.StringVar(&f.proxyUser, "proxy-user", "", "log in to the proxy with `USER:PASSWORD` or what is in a @file")
	fs.StringArrayVar(&f.proxyHeader, "proxy-header", nil, "add a field `'Name: value'` to the request to the proxy")
	fs.StringVar(&f.noProxy, "noproxy", "", "no proxy for the hosts in `LIST`, * for all; besides those of no_proxy")
	fs.StringArrayVar(&f.via, "via", nil, "pass the hop `URL` (as --proxy has it); may be repeated, in the order that the bytes pass")
	fs.StringArrayVar(&f.resolve, "resolve", nil, "use an address for a host: `HOST:PORT:ADDRESS[,ADDRESS]`")
	fs.StringArrayVar(&f.connectTo, "connect-to", nil, "connect to another host: `HOST1:PORT1:HOST2:PORT2`")
	fs.BoolVarP(&f.ipv4, "ipv4", "4", false, "IPv4 only")
	fs.BoolVarP(&f.ipv6, "ipv6", "6", false, "IPv6 only")
	fs.StringVar(&f.iface, "interface", "", "connect from this `INTERFACE` or address")
	fs.StringVar(&f.unix, "unix-socket", "", "connect through the Unix socket at `PATH`")
	fs.StringVar(&f.abstract, "abstract-unix-socket", "", "connect through the abstract Unix socket `NAME`")
	fs.Var(&f.limitRate, "limit-rate", "at most `BYTES` a second in each direction; k, M and G are 1024-fold")
}

// Duration is a flag that takes a Go duration or bare seconds.
type Duration time.Duration

func (d *Duration) String() string {
	if *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}

// Type names the flag's type.
func (d *Duration) Type() string { return "duration" }

// Set parses text.
func (d *Duration) Set(text string) error {
	v, err := ParseDuration(text)
	if err == nil {
		*d = Duration(v)
	}
	return err
}
