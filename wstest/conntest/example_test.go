package conntest_test

import (
	"net"
	"testing"

	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstest/conntest"
)

// A test of a connection of your own, here the one in memory of wstest.
func ExampleTestConn() {
	test := func(t *testing.T) {
		conntest.TestConn(t, func() (client, server net.Conn, stop func(), err error) {
			client, server = wstest.Pipe()
			return client, server, nil, nil
		})
	}
	_ = test // go test calls it
}
