package sshroute_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// Numbers of packets that a server sends in the clear (RFC 4253 section 12).
const (
	msgIgnore  = 2
	msgKexInit = 20
	msgNewKeys = 21
)

// between stands between a client and the server: each packet that the server
// sends in the clear passes change, which returns what goes on, or nil to let
// nothing pass any more.
func between(t testing.TB, server string, change func(packet []byte) []byte) *sshDouble {
	t.Helper()
	d := &sshDouble{}
	d.addr = d.listen(t, func(client net.Conn) {
		up, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_, _ = io.Copy(up, client)
			_ = up.Close()
		}()
		if held := relay(client, bufio.NewReader(up), change); !held {
			_ = client.Close()
		}
		<-gone
	})
	return d
}

// relay tells whether it ended because a packet is held back.
func relay(client net.Conn, server *bufio.Reader, change func([]byte) []byte) (held bool) {
	version, err := server.ReadBytes('\n')
	if err != nil {
		return false
	}
	_, _ = client.Write(version)
	for kind := byte(0); kind != msgNewKeys; {
		packet := make([]byte, 4)
		if _, err := io.ReadFull(server, packet); err != nil {
			return false
		}
		packet = append(packet, make([]byte, binary.BigEndian.Uint32(packet))...)
		if _, err := io.ReadFull(server, packet[4:]); err != nil {
			return false
		}
		kind = packet[5]
		if packet = change(packet); packet == nil {
			return true
		}
		_, _ = client.Write(packet)
	}
	_, _ = io.Copy(client, server)
	return false
}

// plainPacket is a packet before the first SSH_MSG_NEWKEYS (RFC 4253 section 6).
func plainPacket(payload ...byte) []byte {
	padding := 8 - (5+len(payload))%8
	if padding < 4 {
		padding += 8
	}
	p := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+padding))
	p = append(append(p, byte(padding)), payload...)
	return append(p, make([]byte, padding)...)
}

// TestTerrapin: H06 and L73, somebody who changes what is sent in the clear ends
// the connection before we have said who we are.
func TestTerrapin(t *testing.T) {
	server := (&sshDouble{config: ssh.ServerConfig{PasswordCallback: acceptPassword}}).start(t)
	before := func(number byte) func([]byte) []byte {
		return func(packet []byte) []byte {
			if packet[5] == number {
				return append(plainPacket(msgIgnore, 0, 0, 0, 0), packet...)
			}
			return packet
		}
	}
	for name, change := range map[string]func([]byte) []byte{
		"strictness taken away": func(packet []byte) []byte {
			return bytes.Replace(packet, []byte("kex-strict-s"), []byte("kex-strict-x"), 1)
		},
		"packet before KEXINIT": before(msgKexInit),
		"packet before NEWKEYS": before(msgNewKeys),
	} {
		t.Run(name, func(t *testing.T) {
			attempts := server.attempts.Load()
			addr := between(t, server.addr, change).addr
			cfg := trusting()
			cfg.Password = secret
			_, err := dial(t, addr, cfg, "a.example:1")
			failsIn(t, err, route.PhaseSSH, addr)
			if n := server.attempts.Load() - attempts; n != 0 {
				t.Errorf("%d attempts to authenticate, %v", n, err)
			}
		})
	}
	addr := between(t, server.addr, func(packet []byte) []byte { return packet }).addr
	cfg := trusting()
	cfg.Password = secret
	conn, err := dial(t, addr, cfg, echo(t, "tcp", "127.0.0.1:0"))
	talks(t, conn, err)
}

// TestNewKeysDoNotCome: H08, the server goes quiet when it has proved its key.
func TestNewKeysDoNotCome(t *testing.T) {
	const cancels = 1000
	reached := make(chan struct{}, cancels)
	front := between(t, (&sshDouble{}).start(t).addr, func(packet []byte) []byte {
		if packet[5] == msgNewKeys {
			reached <- struct{}{}
			return nil
		}
		return packet
	})
	dialer := route.Through(sshroute.Hop(front.addr, trusting()))
	var took []time.Duration
	for range cancels {
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := dialer.DialContext(ctx, "tcp", "a.example:1")
			failed <- err
		}()
		<-reached
		start := time.Now()
		cancel()
		err := <-failed
		took = append(took, time.Since(start))
		failsIn(t, err, route.PhaseSSH, front.addr)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("error = %v", err)
		}
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("H08: %d cancels before the new keys, p50 %v, p99 %v", cancels, took[len(took)/2], p99)
	if p99 > 50*time.Millisecond {
		t.Errorf("p99 = %v", p99)
	}
	eventually(t, func() bool { return front.open() == 0 }, "connections stay")
}
