package chilkat

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/fairlead-ws/fairlead/route"
)

// way is how a connection to a server is opened: what the settings of a Rest or
// a Socket came to.
type way struct {
	target target
	dialer route.Dialer // through all hops
	tls    *tls.Config
}

// open opens the connection within limitMs, 0 meaning any time. reason is the
// ConnectFailReason.
func (w way) open(ctx context.Context, limitMs int) (nc net.Conn, reason int, err error) {
	limited, cancel := within(ctx, limitMs)
	defer cancel()
	nc, err = w.dialer.DialContext(limited, "tcp", w.target.addr())
	if err == nil && w.target.tls {
		nc, err = secure(limited, nc, w.target, w.tls)
	}
	if err != nil {
		reason, err = connectFailure(ctx, err, w.target)
		return nil, reason, err
	}
	return nc, connectOK, nil
}

// within is ctx with a time limit; 0 means none.
func within(ctx context.Context, limitMs int) (context.Context, context.CancelFunc) {
	if limitMs == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, milliseconds(limitMs))
}
