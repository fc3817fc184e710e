package exit

import (
	"errors"
	"net/http"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
)

// Advice returns one sentence that says what to do about err, or "".
func Advice(err error) string {
	var dial *fairlead.HandshakeError
	code := Code(err)
	switch code {
	case Refused:
		if errors.As(err, &dial) {
			return adviceByStatus(dial)
		}
	case Login:
		return adviceByLogin(err)
	case Closed:
		return adviceByClose(err)
	case Protocol:
		if errors.Is(err, fairlead.ErrTooLarge) {
			return "Raise the limit with --max-message."
		}
	}
	return sentences[code]
}

var sentences = map[int]string{
	URL:          "Write the URL as ws://host:port/path or wss://host/path.",
	ResolveProxy: "Check the host of the proxy, and the name servers of this machine.",
	Resolve:      "Check the host name, or name an address with --resolve HOST:PORT:ADDRESS.",
	Connect:      "Check that the server runs, that host and port are right, and that no firewall is in between.",
	Timeout:      "Give it more time with --connect-timeout or --max-time, or look with -v which step hangs.",
	TLS:          "Check that this port speaks TLS (ws:// is without), and the versions with --tlsv1.2 and --tls-max; a server that wants to know who you are needs --cert.",
	Redirects:    "Look with -v where the redirects lead; --max-redirs allows up to 10, never from wss to ws.",
	ClientCert:   "Check the files and the password given with --cert, --key and --pass.",
	Certificate:  "If you trust the server, name the authority that signed its certificate with --cacert FILE, or the host that the certificate is for with --servername; -k goes on without knowing who answers.",
	CAFile:       "Check the file of --cacert or the folder of --capath: certificates in PEM form are expected.",
	SSH:          "Log in to the SSH server with ssh first, so that its key is in known_hosts, or look with -v which hop refuses.",
	Proxy:        "Check the address of the proxy and what it allows; -v shows its answer, --noproxy '*' goes without.",
	Dropped:      "Look at the server's log or at what is between; --reconnect tries again, --ping-interval keeps the way open.",
	Protocol:     "Look with -vv at what the server sends: it breaks the rules of WebSocket, or speaks something else.",
	PongTimeout:  "The connection is dead or the server does not answer pings; see --ping-interval and --pong-timeout.",
	Reconnect:    "The server stayed away; raise --reconnect-max or see why with -v.",
}

func adviceByStatus(e *fairlead.HandshakeError) string {
	switch {
	case e.Status == http.StatusUnauthorized:
		return "Log in with -u user:password, --oauth2-bearer TOKEN or a header (-H)."
	case e.Status == http.StatusForbidden:
		return "The server knows the way but refuses you: check the credentials, --origin and the path."
	case e.Status == http.StatusNotFound:
		return "There is no WebSocket at this path: check the path of the URL."
	case e.Status >= 300 && e.Status < 400:
		return "It is a redirect: follow it with -L."
	case e.Status == http.StatusUpgradeRequired:
		return "The server wants another protocol or another version of WebSocket: look at its headers with -i."
	case e.Status == http.StatusTooManyRequests, e.Status == http.StatusServiceUnavailable:
		return "The server is busy: try later, or let --reconnect do it."
	case e.Status >= 500:
		return "The server failed: look at its log; -v shows its answer."
	}
	return "Check that the path is one of a WebSocket; -v shows the answer."
}

func adviceByLogin(err error) string {
	var hop *route.Error
	if !errors.As(err, &hop) {
		return "Check user, password or token, and the kind of login (--basic, --digest, --ntlm)."
	}
	if hop.Phase == route.PhaseSSHAuth {
		return "Check user, key and password of the ssh:// URL, or the keys of the SSH agent."
	}
	if errors.Is(err, auth.ErrNotOffered) {
		return "The proxy wants another kind of login; look at its answer with -v."
	}
	return "Check user and password of the proxy (--proxy-user user:password)."
}

func adviceByClose(err error) string {
	code, _ := fairlead.CloseCode(err)
	switch code {
	case frame.StatusPolicyViolation:
		return "The server refuses you or what was sent: check credentials and messages."
	case frame.StatusUnsupportedData:
		return "The server does not take this kind of message: try text instead of --binary, or the other way round."
	case frame.StatusInvalidPayload:
		return "The server could not read a message: check its encoding and its format."
	case frame.StatusTooBig:
		return "A message was too large for the server: send smaller ones."
	case frame.StatusServiceRestart, frame.StatusTryAgainLater:
		return "Try again later, or let --reconnect do it."
	}
	return "See the reason, and the server's documentation of the code; --close-codes-ok makes a code a success."
}
