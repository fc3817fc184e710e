package chilkat

import (
	"context"
	"net"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/route"
)

// Connect opens a connection to a server. hostname is a name or an address, not
// a URL; an IPv6 address may stand in brackets. With autoReconnect a request
// that finds the connection lost, closed or given to a WebSocket opens it again.
// A connection that is open is closed first, but only when the arguments are
// right. ConnectFailReason tells why Connect failed.
func (r *Rest) Connect(hostname string, port int, tls, autoReconnect bool) bool {
	return r.connect(context.Background(), hostname, port, tls, autoReconnect).status()
}

// ConnectAsync makes a task that calls Connect.
func (r *Rest) ConnectAsync(hostname string, port int, tls, autoReconnect bool) *Task {
	return newTask(r, "Connect", func(ctx context.Context) result {
		return r.connect(ctx, hostname, port, tls, autoReconnect)
	})
}

func (r *Rest) connect(ctx context.Context, hostname string, port int, tls, autoReconnect bool) result {
	return r.base().call("Connect", func(l *lasterr.Log) error {
		return r.during(ctx, l, func(ctx context.Context) error {
			l.Value("port", port)
			l.Value("tls", tls)
			t, reason, err := newTarget(hostname, port, tls, autoReconnect)
			if err != nil {
				r.setFailReason(reason)
				return err
			}
			l.Value("hostname", t.host)
			if old := r.take(); old != nil {
				old.hangUp()
			}
			r.mu.Lock()
			r.target, r.socket, r.exchange = t, nil, exchange{}
			r.mu.Unlock()
			_, err = r.dial(ctx, t)
			return err
		})
	})
}

// dial opens the connection to t and makes it that of r.
func (r *Rest) dial(ctx context.Context, t target) (*link, error) {
	r.mu.Lock()
	socket, limit := r.socket, r.connectTimeoutMs.or(defaultTimeoutMs)
	way := way{target: t, dialer: route.TCP{}, tls: r.tlsConfig}
	r.mu.Unlock()
	var nc net.Conn
	var reason int
	var err error
	if socket == nil {
		nc, reason, err = way.open(ctx, limit)
	} else {
		nc, reason, err = socket.openAgain(ctx, t, limit)
	}
	if err != nil {
		r.setFailReason(reason)
		return nil, err
	}
	k := newLink(nc, t)
	r.mu.Lock()
	disposed := r.disposed
	if !disposed {
		r.link, r.failReason = k, connectOK
	}
	r.mu.Unlock()
	if disposed {
		k.hangUp()
		return nil, errDisposed
	}
	return k, nil
}

// UseConnection makes the connection of socket that of this Rest, and Connect
// needless. The socket must be connected, and no other Rest may use the
// connection. With autoReconnect a request that finds the connection lost, closed
// or given to a WebSocket lets the socket open it again, the way that its
// properties say then. The connection now belongs to this Rest; the socket still
// tells of it.
//
// A connection through an HTTP proxy is only taken when HttpProxyForHttp of the
// socket is true. What is sent goes through a tunnel in the proxy all the same, as
// a WebSocket needs it (RFC 6455 section 4.1).
func (r *Rest) UseConnection(socket *Socket, autoReconnect bool) bool {
	return r.base().call("UseConnection", func(l *lasterr.Log) error {
		l.Value("autoReconnect", autoReconnect)
		if err := checkArgument("socket", "Socket", socket); err != nil {
			return err
		}
		if err := r.reserve(); err != nil {
			return err
		}
		defer r.working.Unlock()
		w, err := socket.lend()
		if err != nil {
			return err
		}
		if old := r.take(); old != nil {
			old.hangUp()
		}
		t := w.target
		t.autoReconnect = autoReconnect
		l.Value("hostname", t.host)
		l.Value("port", t.port)
		l.Value("tls", t.tls)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.target, r.socket, r.exchange = t, socket, exchange{}
		r.link, r.failReason = newLink(w, t), connectOK
		return nil
	}).status()
}

// Disconnect closes the connection. It breaks a request that is under way. Over
// TLS the server is told, which may take maxWaitMs milliseconds; 0 does not tell
// it. It fails when there is no connection, as after a WebSocket took it over.
func (r *Rest) Disconnect(maxWaitMs int) bool {
	return r.disconnect(maxWaitMs).status()
}

// DisconnectAsync makes a task that calls Disconnect.
func (r *Rest) DisconnectAsync(maxWaitMs int) *Task {
	return newTask(r, "Disconnect", func(context.Context) result { return r.disconnect(maxWaitMs) })
}

func (r *Rest) disconnect(maxWaitMs int) result {
	return r.base().call("Disconnect", func(l *lasterr.Log) error {
		l.Value("maxWaitMs", maxWaitMs)
		if maxWaitMs < 0 {
			return fail("the argument maxWaitMs is negative", "Pass milliseconds, or 0 to close the connection at once.")
		}
		k := r.take()
		if k == nil || k.ended() {
			return fail("there is no connection to close", "Nothing needs to be done; a connection that a WebSocket uses is closed by the WebSocket.")
		}
		k.close(milliseconds(maxWaitMs))
		return nil
	})
}

// ConnectFailReason tells why the last attempt to connect failed: 0 it did not,
// 1 the host name is empty, 2 it was not found, 3 the name servers did not
// answer in time, 4 aborted, 6 no connection within ConnectTimeoutMs, 7 refused
// or anything else. About TLS: 103 the handshake broke off, 106 the server's
// certificate was not verified, 107 no common version, 109 the handshake failed,
// 110 the server wants another client certificate, which it may say as late as
// in place of a response. After UseConnection it has the reasons of the Socket,
// when that opens a connection again.
func (r *Rest) ConnectFailReason() int {
	return get(r.base(), "ConnectFailReason", func() int { return r.failReason })
}

func (r *Rest) setFailReason(reason int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failReason = reason
}
