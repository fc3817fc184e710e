package route_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/fairlead-ws/fairlead/route"
)

// deadResolver reaches no name server.
func deadResolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server here")
	}}
}

// blockedResolver waits for its name server until the context ends. It calls
// waiting once it does.
func blockedResolver(waiting func()) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		waiting()
		<-ctx.Done()
		return nil, ctx.Err()
	}}
}

// answeringResolver knows these addresses for every name.
func answeringResolver(addrs ...string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			_ = server.SetDeadline(time.Now().Add(limit))
			for answer(server, addrs) == nil {
			}
		}()
		return client, nil
	}}
}

// answer answers one query in the form of DNS over TCP (RFC 1035 section 4.2.2).
func answer(conn io.ReadWriter, addrs []string) error {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return err
	}
	query := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, query); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return err
	}
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	question := m.Questions[0]
	for _, text := range addrs {
		var body dnsmessage.ResourceBody
		switch addr := netip.MustParseAddr(text); {
		case addr.Is4() && question.Type == dnsmessage.TypeA:
			body = &dnsmessage.AResource{A: addr.As4()}
		case addr.Is6() && question.Type == dnsmessage.TypeAAAA:
			body = &dnsmessage.AAAAResource{AAAA: addr.As16()}
		default:
			continue
		}
		header := dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class}
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: body})
	}
	packed, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...))
	return err
}

func TestResolveFails(t *testing.T) {
	_, err := route.TCP{Resolver: deadResolver()}.DialContext(deadline(t), "tcp", "a.example:80")
	var routeErr *route.Error
	if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseResolve || routeErr.Addr != "a.example:80" {
		t.Errorf("error = %#v", err)
	}
	var dnsErr *net.DNSError
	if !errors.As(err, &dnsErr) || dnsErr.Name != "a.example" {
		t.Errorf("%v does not keep its cause", err)
	}
}

func TestNoSuchHost(t *testing.T) {
	_, err := route.TCP{Resolver: answeringResolver()}.DialContext(deadline(t), "tcp", "a.example:80")
	var dnsErr *net.DNSError
	if !errors.As(err, &dnsErr) || !dnsErr.IsNotFound {
		t.Errorf("error = %v", err)
	}
}

func TestResolveIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(deadline(t))
	dialer := route.TCP{Resolver: blockedResolver(cancel)}
	_, err := dialer.DialContext(ctx, "tcp", "a.example:80")
	var routeErr *route.Error
	if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseResolve || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error = %#v", err)
	}

	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	dialer = route.TCP{Resolver: blockedResolver(func() {})}
	_, err = dialer.DialContext(ctx, "tcp", "a.example:80")
	if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseResolve || !errors.Is(err, context.DeadlineExceeded) || !routeErr.Timeout() {
		t.Errorf("timed out: error = %#v", err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("a limit of 20 ms took %v", took)
	}
}

func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, dialer := range []route.Dialer{route.TCP{}, route.TCP{Resolver: deadResolver()}, route.Unix{Path: "/nowhere"}} {
		for _, addr := range []string{"127.0.0.1:1", "a.example:80"} {
			if _, err := dialer.DialContext(ctx, "tcp", addr); !errors.Is(err, context.Canceled) {
				t.Errorf("%T to %s: error = %v", dialer, addr, err)
			}
		}
	}
}
