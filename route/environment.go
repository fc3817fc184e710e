package route

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// FromEnvironment returns a dialer through the proxy that the environment names
// for a connection to addr, "host:port", or nil and nil when none applies.
// Secure is true for wss. The variables, the first that is set and not empty
// counts, in lower case before upper case:
//
//   - wss_proxy, https_proxy, all_proxy for wss;
//   - ws_proxy, http_proxy, all_proxy for ws. Where REQUEST_METHOD is set, as it
//     is for a CGI program, HTTP_PROXY is passed over: there it is a field of
//     the request, chosen by whoever sent it.
//
// The value is a URL as [FromURLs] takes it; without a scheme it is that of an
// HTTP proxy. Other than with curl its default port is 80.
//
// A server on this machine (localhost, a name below it, a loopback address) is
// never reached through a proxy: so does net/http, while curl wants it listed.
// Further exceptions are in no_proxy or NO_PROXY, separated by commas or spaces:
//
//   - a name, for itself and all names below it; with a leading dot or "*." for
//     the names below it only;
//   - an IP address, IPv6 with or without brackets, or a range such as
//     10.0.0.0/8. They concern servers that the URL names by address: nothing is
//     looked up. A zone of an IPv6 address makes no difference;
//   - either of them with a port, for that port only;
//   - "*" for all.
//
// The environment is read at each call. The error names the variable, never its
// value, which may hold a password.
func FromEnvironment(secure bool, addr string) (Dialer, error) {
	layer, err := LayerFromEnvironment(secure, addr)
	if layer == nil || err != nil {
		return nil, err
	}
	return Through(layer), nil
}

// LayerFromEnvironment is [FromEnvironment] for routes that reach the proxy in a
// way of their own. It returns nil and nil when no proxy applies.
func LayerFromEnvironment(secure bool, addr string) (Layer, error) {
	target, err := parseHostPort(addr)
	if err != nil {
		return nil, &Error{Phase: PhaseProxy, Addr: "of the environment", Err: &badTargetError{err}}
	}
	names := []string{"ws_proxy", "WS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}
	if secure {
		names = []string{"wss_proxy", "WSS_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}
	}
	variable, value := firstSet(names...)
	if value == "" {
		return nil, nil //nolint:nilnil // documented
	}
	_, exceptions := firstSet("no_proxy", "NO_PROXY")
	if target.isLocal() || noProxy(exceptions, target) {
		return nil, nil //nolint:nilnil // documented
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	layer, scheme, err := fromURL(value)
	if err != nil {
		return nil, fmt.Errorf("route: the proxy in the environment variable %s%s: %w", variable, scheme, err)
	}
	return layer, nil
}

// NoProxy reports whether exceptions, a list as the variable no_proxy has it, name
// addr, "host:port". What cannot be understood excepts nothing.
func NoProxy(exceptions, addr string) bool {
	target, err := parseHostPort(addr)
	return err == nil && noProxy(exceptions, target)
}

// firstSet returns the first variable that is set.
func firstSet(names ...string) (name, value string) {
	_, cgi := os.LookupEnv("REQUEST_METHOD")
	for _, name := range names {
		// Windows does not tell the one from the other.
		if cgi && (name == "HTTP_PROXY" || name == "http_proxy" && runtime.GOOS == "windows") {
			continue
		}
		if value := strings.TrimSpace(os.Getenv(name)); value != "" {
			return name, value
		}
	}
	return "", ""
}
