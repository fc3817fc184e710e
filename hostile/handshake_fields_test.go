package hostile_test

import "strings"

const acceptField = "Sec-WebSocket-Accept: "

// without is the head of a 101 that has these fields besides Upgrade and
// Connection.
func without(fields ...string) string {
	return head(append([]string{status101, upgrade, connection}, fields...)...)
}

// changed is the value of the right Accept, altered by f.
func changed(id string, f func(value string) string) Case {
	c := refused(id, "", "Sec-WebSocket-Accept")
	c.Peer = peer(answerOf(func(key string) string { return without(acceptField + f(key)) }))
	return c
}

// acceptCases are rows A01 to A06.
func acceptCases() []Case {
	const says = "Sec-WebSocket-Accept"
	swapCase := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r - 'a' + 'A'
			}
			if r >= 'A' && r <= 'Z' {
				return r - 'A' + 'a'
			}
			return r
		}, s)
	}
	return []Case{
		refused("A01/absent", without(), says).teaches("L91"),
		refused("A01/empty", without(acceptField), says),
		refused("A02/other-key", without(acceptField+"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), says),
		{ID: "A02/key-itself", Peer: peer(answerKey(func(key string) string { return without(acceptField + key) })), Refused: "verify", Status: 101, Says: says},
		changed("A03/all-letters", swapCase).teaches("L29"),
		changed("A03/first-letter", swapFirst).teaches("L29"),
		opened("A04/spaces-and-tabs", without(acceptField+" \t"+acceptMark+" \t ")),
		opened("A04/no-space", without("Sec-WebSocket-Accept:"+acceptMark)),
		refused("A04/non-breaking-space", without(acceptField+"\xa0"+acceptMark), says).because("OWS is SP and HTAB only (RFC 9110 section 5.6.3)"),
		refused("A05/good-then-bad", without(accept, acceptField+"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), says).teaches("L29"),
		refused("A05/bad-then-good", without(acceptField+"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept), says).teaches("L29"),
		refused("A05/good-twice", without(accept, accept), says).teaches("L29"),
		refused("A05/good-twice-in-one", without(accept+", "+acceptMark), says).teaches("L29"),
		refused("A05/other-name-case-twice", without(accept, "SEC-WEBSOCKET-ACCEPT: "+acceptMark), says).teaches("L29"),
		changed("A06/no-padding", func(v string) string { return strings.TrimSuffix(v, "=") }),
		changed("A06/url-safe", func(v string) string {
			if safe := strings.NewReplacer("+", "-", "/", "_").Replace(v); safe != v {
				return safe
			}
			return "_" + v[1:] // nothing to replace this time
		}),
		changed("A06/trailing-byte", func(v string) string { return v + "x" }),
		changed("A06/more-padding", func(v string) string { return v + "=" }),
		changed("A06/quoted", func(v string) string { return `"` + v + `"` }),
		changed("A06/parameter", func(v string) string { return v + ";q=1" }),
		changed("A06/prefix", func(v string) string { return v[:8] }),
		changed("A06/spare-bits", spareBits).because("the last letter of 20 bytes in base64 has two bits to spare; another letter may decode alike"),
	}
}

// swapFirst changes the case of the first letter.
func swapFirst(s string) string {
	at := strings.IndexFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
	return s[:at] + string(s[at]^0x20) + s[at+1:]
}

// spareBits changes the bits of base64 that stand for nothing.
func spareBits(s string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(s) - 2
	return s[:last] + string(letters[strings.IndexByte(letters, s[last])^1]) + "="
}

// upgradeCases are rows A07 to A13, and what else a 101 may carry: A33, A52.
func upgradeCases() []Case {
	of := func(lines ...string) string { return head(append([]string{status101}, append(lines, accept)...)...) }
	const saysUpgrade, saysConnection = "Upgrade", "Connection"
	return []Case{
		refused("A07/absent", of(connection), saysUpgrade).teaches("L91"),
		refused("A07/empty", of("Upgrade:", connection), saysUpgrade),
		opened("A08/WebSocket", of("Upgrade: WebSocket", connection)),
		opened("A08/WEBSOCKET", of("upgrade: WEBSOCKET", connection)),
		opened("A08/field-names-in-capitals", head(status101, "UPGRADE: websocket", "CONNECTION: UPGRADE", "SEC-WEBSOCKET-ACCEPT: "+acceptMark)),
		opened("A08/field-names-in-small-letters", head(status101, "upgrade: websocket", "connection: upgrade", "sec-websocket-accept: "+acceptMark)),
		refused("A08/Kelvin-sign", of("Upgrade: websoc\u212aet", connection), saysUpgrade),
		refused("A09/list", of("Upgrade: websocket, h2c", connection), saysUpgrade),
		refused("A09/list-h2c-first", of("Upgrade: h2c, websocket", connection), saysUpgrade),
		refused("A09/h2c", of("Upgrade: h2c", connection), saysUpgrade),
		refused("A09/version", of("Upgrade: websocket/13", connection), saysUpgrade),
		refused("A09/twice", of(upgrade, upgrade, connection), saysUpgrade),
		refused("A09/substring", of("Upgrade: websockets", connection), saysUpgrade),
		refused("A10/absent", of(upgrade), saysConnection).teaches("L91"),
		refused("A10/close", of(upgrade, "Connection: close"), saysConnection),
		opened("A10/keep-alive-Upgrade", of(upgrade, "Connection: keep-alive, Upgrade")),
		opened("A10/two-fields", of(upgrade, "Connection: keep-alive", "Connection: upgrade")),
		opened("A10/empty-elements", of(upgrade, "Connection: , ,\tuPGRADE ,")),
		refused("A10/keep-alive", of(upgrade, "Connection: keep-alive"), saysConnection),
		refused("A11/notupgrade", of(upgrade, "Connection: notupgrade"), saysConnection),
		refused("A11/upgraded", of(upgrade, "Connection: upgraded"), saysConnection),
		refused("A11/in-quotes", of(upgrade, `Connection: "a, upgrade"`), saysConnection),
		refused("A11/with-parameter", of(upgrade, "Connection: upgrade;q=1"), saysConnection),
		{ID: "A12/200", Peer: peer(answer(head("HTTP/1.1 200 OK", upgrade, connection, accept))), Refused: "verify", Status: 200, Says: "101"},
		{ID: "A12/204", Peer: peer(answer(head("HTTP/1.1 204 No Content", upgrade, connection, accept))), Refused: "verify", Status: 204, Says: "101"},
		{ID: "A12/201", Peer: peer(answer(head("HTTP/1.1 201 Created", upgrade, connection, accept, "Content-Length: 0"))), Refused: "verify", Status: 201, Says: "101"},
		{ID: "A12/301", Peer: peer(answer(head("HTTP/1.1 301 Moved", upgrade, connection, accept, "Content-Length: 0"))), Refused: "verify", Status: 301, Says: "redirects"},
		refused("A13/no-fields", head(status101), saysUpgrade).teaches("L91"),
		refused("A33/chunked", switching("Transfer-Encoding: chunked"), "Transfer-Encoding"),
		refused("A33/identity", switching("Transfer-Encoding: identity"), "Transfer-Encoding"),
		refused("A33/empty", switching("Transfer-Encoding:"), "Transfer-Encoding"),
		opened("A52/13", switching("Sec-WebSocket-Version: 13")),
		opened("A52/other-versions", switching("Sec-WebSocket-Version: 7, 8")),
	}
}
