package sshroute_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestFromConfig: how many hops there are, and where the first one is.
func TestFromConfig(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "")
	t.Setenv("HOME", t.TempDir())
	config := file(t, "config", []byte(`
Host inner
  HostName inner.example
  Port 2222
  ProxyJump a,eve@b:23
Host a
  HostName a.example
Host b
  ProxyJump a
Host direct
  ProxyJump none
Host loop
  ProxyJump loop
`))
	for host, hops := range map[string]int{"inner": 3, "a": 1, "b": 2, "direct": 1, "unheard.example": 1} {
		layers, err := sshroute.FromConfig(host, config)
		if err != nil || len(layers) != hops {
			t.Errorf("%s: %d hops, %v", host, len(layers), err)
		}
	}
	if _, err := sshroute.FromConfig("loop", config); err == nil || !strings.Contains(err.Error(), "ProxyJump") {
		t.Errorf("loop: %v", err)
	}
}

// ExampleHop connects through a bastion, which known_hosts must have.
func ExampleHop() {
	d := route.Through(sshroute.Hop("bastion.example", &sshroute.Config{User: "fay", HostKeyFingerprints: []string{"what the owner said"}}))
	_, err := d.DialContext(context.Background(), "tcp", "inner.example:443")
	fmt.Println(err)
	// Output: route: cannot establish SSH with bastion.example:22: fingerprint 1 is not "SHA256:" and 43 characters, as ssh-keygen -l prints it
}

// ExampleDial carries many connections over one SSH connection.
func ExampleDial() {
	connect := func(ctx context.Context) (net.Conn, error) {
		c, err := sshroute.Dial(ctx, route.TCP{}, "bastion.example:22", &sshroute.Config{User: "fay", Agent: "SSH_AUTH_SOCK"})
		if err != nil {
			return nil, err
		}
		return c.DialContext(ctx, "tcp", "inner.example:443")
	}
	_ = connect
}
