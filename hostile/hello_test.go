package hostile_test

import (
	"crypto/tls"
	endian "encoding/binary"
	"fmt"
	"slices"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/wstest"
)

// serverHello is a record with a ServerHello written by hand (RFC 5246 section
// 7.4.1.3).
func serverHello(version uint16, random string, cipher uint16, extensions ...[]byte) []byte {
	all := slices.Concat(extensions...)
	body := endian.BigEndian.AppendUint16(nil, version)
	body = append(body, random...)
	body = append(body, 0) // no session
	body = endian.BigEndian.AppendUint16(body, cipher)
	body = append(body, 0) // no compression
	body = endian.BigEndian.AppendUint16(body, uint16(len(all)))
	body = append(body, all...)
	message := append([]byte{2, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	return append([]byte{0x16, 3, 3, byte(len(message) >> 8), byte(len(message))}, message...)
}

func extension(kind uint16, body string) []byte {
	e := endian.BigEndian.AppendUint16(nil, kind)
	e = endian.BigEndian.AppendUint16(e, uint16(len(body)))
	return append(e, body...)
}

// helloCases are D22, D23 and what of D25 no library says: a server that is too old,
// one that somebody between has made look old, one that picks what nobody offered.
func helloCases() []Case {
	plain := times(32, "r")
	const sentinel12, sentinel11 = "DOWNGRD\x01", "DOWNGRD\x00" // RFC 8446 section 4.1.3
	const gcm = tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
	alpn := func(names ...string) []byte {
		var list string
		for _, n := range names {
			list += string([]byte{byte(len(n))}) + n
		}
		return extension(16, string([]byte{byte(len(list) >> 8), byte(len(list))})+list)
	}
	raw := func(id, says string, hello []byte, protos ...string) Case {
		return Case{
			ID: id, URL: "wss://peer.test/", Peer: peer(wstest.Send(hello)), Refused: fairlead.PhaseTLS, Says: says,
			Dialer: fairlead.Dialer{TLS: &tls.Config{NextProtos: protos}},
		}
	}
	cases := []Case{
		raw("D22/SSL-3", "unsupported", serverHello(0x0300, plain, gcm)),
		raw("D22/TLS-1.0", "unsupported", serverHello(0x0301, plain, gcm)),
		raw("D22/TLS-1.1", "unsupported", serverHello(0x0302, plain, gcm)),
		raw("D22/no-such-version", "unsupported", serverHello(0x0399, plain, gcm)),
		raw("D23/TLS-1.2-with-the-sentinel", "downgrade", serverHello(0x0303, plain[:24]+sentinel12, gcm)),
		raw("D23/TLS-1.2-with-that-of-1.1", "downgrade", serverHello(0x0303, plain[:24]+sentinel11, gcm)),
		raw("D23/TLS-1.1-with-the-sentinel", "unsupported", serverHello(0x0302, plain[:24]+sentinel11, gcm)),
		raw("D25/h2-though-none-named", "unrequested ALPN", serverHello(0x0303, plain, gcm, alpn("h2"))),
		raw("D25/h2-though-http-1.1-named", "ALPN", serverHello(0x0303, plain, gcm, alpn("h2")), "http/1.1"),
		raw("D25/unknown-though-http-1.1-named", "ALPN", serverHello(0x0303, plain, gcm, alpn("gopher")), "http/1.1"),
		raw("D25/two", "", serverHello(0x0303, plain, gcm, alpn("http/1.1", "h2")), "http/1.1"),
		raw("D25/empty", "", serverHello(0x0303, plain, gcm, alpn("")), "http/1.1"),
		raw("D22/weak-cipher", "", serverHello(0x0303, plain, 0x0004)), // RC4 and MD5
		raw("D22/no-cipher", "", serverHello(0x0303, plain, 0x0000)),
		raw("D22/HelloRequest-for-ever", "", slices.Concat([]byte("\x16\x03\x03\x00\x04"), []byte("\x00\x00\x00\x00"))),
		raw("D28/empty-records-before-the-hello", "", []byte(times(64, "\x16\x03\x03\x00\x00"))).teaches("L80"),
		raw("D28/warnings-before-the-hello", "", []byte(times(64, "\x15\x03\x03\x00\x02\x01\x5a"))).teaches("L80"),
		raw("D28/close-notify-in-the-handshake", "", []byte("\x15\x03\x03\x00\x02\x01\x00")).teaches("L80"),
		raw("D28/huge-handshake-message", "", []byte("\x16\x03\x03\x00\x04\x02\xff\xff\xff")).teaches("L80"),
	}
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		cases = append(cases, Case{
			ID: fmt.Sprintf("D22/only-%s", tls.VersionName(version)), TLS: true, Refused: fairlead.PhaseTLS, Says: "protocol version",
			Server: own(func(cfg *tls.Config) { cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS10, version }),
		}, Case{
			ID: fmt.Sprintf("D22/%s-asked-for", tls.VersionName(version)), TLS: true, Refused: fairlead.PhaseTLS,
			Note:   "a client that allows it gets TLS 1.2 all the same (RFC 8996)",
			Server: own(func(cfg *tls.Config) { cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS10, version }),
			Dialer: fairlead.Dialer{TLS: &tls.Config{RootCAs: authority().Pool(), MinVersion: version}},
		})
	}
	return cases
}
