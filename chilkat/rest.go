package chilkat

import (
	"crypto/tls"
	"sync"
)

// Rest is an HTTP/1.1 connection to a server. It opens the connection that a
// [WebSocket] uses and carries the request of the opening handshake, with
// whatever headers and credentials the server wants.
//
// Begin with Connect, or with UseConnection of a [Socket] that has connected
// through a proxy or an SSH tunnel. FullRequestNoBody sends a request and reads the answer;
// SendReqNoBody, ReadResponseHeader and ReadRespBodyString do the same in steps.
// One call at a time can use the connection; properties can always be used.
//
// What a server can make grow has limits: 64 KiB and 128 fields for a response
// head, 8 interim responses, 16 MiB for a body.
//
// The server's certificate is verified against the authorities of the system, or
// of the file that the environment variable SSL_CERT_FILE names; SetTLSConfig
// sets others. The zero value is ready.
type Rest struct {
	object
	events

	// working is held by the one call that uses the connection.
	working sync.Mutex

	// Guarded by object.mu.
	idleTimeoutMs    setting[int]
	connectTimeoutMs setting[int]
	uncommon         string
	options          restOptions
	tlsConfig        *tls.Config
	head             requestHead
	target           target
	socket           *Socket // opens connections, nil if this Rest does
	link             *link
	failReason       int
	exchange         exchange
}

// NewRest makes a Rest that is not connected.
func NewRest() *Rest { return &Rest{} }

// DisposeRest ends the object's life and closes its connection, unless that
// belongs to a WebSocket whose handshake was validated. It may be called twice.
func (r *Rest) DisposeRest() {
	r.base().dispose("DisposeRest", func() {
		if k := r.take(); k != nil {
			k.hangUp()
		}
	})
}

// take gives the connection away: r has none afterwards.
func (r *Rest) take() *link {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.link
	r.link = nil
	return k
}

// current is the connection, nil when there is none or it is closed.
func (r *Rest) current() *link {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.link == nil || r.link.ended() {
		return nil
	}
	return r.link
}

// reserve makes the caller the one that uses the connection. It never waits.
func (r *Rest) reserve() error {
	if !r.working.TryLock() {
		return fail("another call is using the connection of this Rest", "Wait until it has returned, or use a second Rest.")
	}
	return nil
}

var errNotConnected = fail("the Rest is not connected", "Call Connect first, with autoReconnect true if lost connections are to be opened again.")
