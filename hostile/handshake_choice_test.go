package hostile_test

import (
	"fmt"
	"strings"

	"github.com/fairlead-ws/fairlead"
)

const protocolField, extensionField = "Sec-WebSocket-Protocol: ", "Sec-WebSocket-Extensions: "

// subprotocolCases are rows A38 to A40.
func subprotocolCases() []Case {
	offering := &fairlead.Dialer{Subprotocols: []string{"chat", "superchat"}}
	const says = "Sec-WebSocket-Protocol"
	chosen := func(id, want string, fields ...string) Case {
		return opened(id, switching(fields...)).from(offering).checked(func(o *Outcome) error {
			if o.Sub != want {
				return fmt.Errorf("Subprotocol is %q, want %q", o.Sub, want)
			}
			return nil
		})
	}
	wrong := func(id string, fields ...string) Case {
		return refused(id, switching(fields...), says).from(offering).teaches("L28")
	}
	return []Case{
		refused("A38/one", switching(protocolField+"chat"), says).teaches("L27", "L28"),
		refused("A38/empty", switching(protocolField), says).teaches("L28"),
		wrong("A39/other", protocolField+"soap"),
		wrong("A39/case", protocolField+"Chat"),
		wrong("A39/list-of-two", protocolField+"chat, superchat").teaches("L29"),
		wrong("A39/two-fields", protocolField+"chat", protocolField+"superchat").teaches("L29"),
		wrong("A39/same-twice", protocolField+"chat", protocolField+"chat").teaches("L29"),
		wrong("A39/empty", protocolField),
		wrong("A39/prefix", protocolField+"cha"),
		wrong("A39/suffix", protocolField+"chat2"),
		wrong("A39/quoted", protocolField+`"chat"`),
		wrong("A39/trailing-comma", protocolField+"chat,"),
		wrong("A39/parameter", protocolField+"chat;v=1"),
		wrong("A39/the-whole-offer", protocolField+"chat,superchat"),
		chosen("A40/none", ""),
		chosen("A40/first", "chat", protocolField+"chat"),
		chosen("A40/last", "superchat", protocolField+" \tsuperchat\t "),
	}
}

// extensionCases are rows A41 to A48.
func extensionCases() []Case {
	offering := &fairlead.Dialer{Compression: fairlead.CompressionTakeover}
	const says = "Sec-WebSocket-Extensions"
	wrong := func(id, value string) Case {
		return refused(id, switching(extensionField+value), says).from(offering)
	}
	right := func(id, value string) Case {
		return opened(id, switching(extensionField+value)).from(offering)
	}
	const pmd = "permessage-deflate"
	cases := []Case{
		refused("A41/x-other", switching(extensionField+"x-other"), says).teaches("L27"),
		refused("A41/empty", switching(extensionField), says),
		wrong("A41/x-webkit-deflate-frame", "x-webkit-deflate-frame").teaches("L27"),
		wrong("A41/permessage-bzip2", "permessage-bzip2").teaches("L27"),
		wrong("A41/case", "Permessage-Deflate").because("names of extensions are compared as they are (RFC 6455 section 9.1)"),
		refused("A42/plain", switching(extensionField+pmd), says).teaches("L27"),
		refused("A42/with-parameters", switching(extensionField+pmd+"; server_no_context_takeover"), says).teaches("L27"),
		wrong("A43/twice-in-one", pmd+", "+pmd),
		refused("A43/twice-in-two", switching(extensionField+pmd, extensionField+pmd), says).from(offering),
		wrong("A43/with-x-other", pmd+", x-other"),
		wrong("A43/behind-x-other", "x-other, "+pmd),
		wrong("A44/unknown", pmd+"; mux"),
		wrong("A44/unknown-with-value", pmd+"; max_window_bits=10"),
		wrong("A44/twice", pmd+"; server_no_context_takeover; server_no_context_takeover"),
		wrong("A44/twice-with-other-values", pmd+"; server_max_window_bits=10; server_max_window_bits=11"),
		wrong("A44/value-on-a-flag", pmd+"; server_no_context_takeover=1"),
		wrong("A44/value-on-the-other-flag", pmd+"; client_no_context_takeover=true"),
		wrong("A44/empty-value-on-a-flag", pmd+"; server_no_context_takeover="),
		wrong("A44/server-size-without-value", pmd+"; server_max_window_bits"),
		wrong("A44/client-size-without-value", pmd+"; client_max_window_bits").because("only an offer may leave the value out (RFC 7692 section 7.1.2.2)"),
		wrong("A44/case", pmd+"; Server_No_Context_Takeover"),
		wrong("A44/33-parameters", pmd+manyParams(33)),
		wrong("A44/no-name", pmd+"; =1"),
		wrong("A44/semicolon-at-the-end", pmd+";"),
		wrong("A44/33-extensions", strings.Join(repeat(33, pmd), ", ")),
		right("A44/flags", pmd+"; server_no_context_takeover; client_no_context_takeover"),
		right("A44/spaces", pmd+" ;  server_no_context_takeover\t;client_no_context_takeover ,"),
		refused("A46/nothing-offered", switching(extensionField+pmd+"; client_max_window_bits=12"), says).
			because("who offers compression offers this parameter with it; that it is refused without is held by TestAgreedDeflate of package handshake"),
		right("A46/offered", pmd+"; client_max_window_bits=12"),
		right("A47/8", pmd+"; client_max_window_bits=8").because("honoured; C19 holds what is sent then"),
		wrong("A48/unterminated", pmd+`; server_max_window_bits="10`).teaches("L90"),
		wrong("A48/only-a-quote", pmd+`; server_max_window_bits="`).teaches("L90"),
		wrong("A48/backslash-at-the-end", pmd+`; server_max_window_bits="10\`).teaches("L90"),
		wrong("A48/60-KiB-of-backslashes", pmd+`; server_max_window_bits="`+times(60<<10, `\`)).teaches("L90"),
		wrong("A48/60-KiB-of-quotes", pmd+`; server_max_window_bits=`+times(60<<10, `"`)).teaches("L90"),
		wrong("A48/60-KiB-of-commas", times(60<<10, ",")).teaches("L90"),
		wrong("A48/60-KiB-of-semicolons", pmd+times(60<<10, ";")).teaches("L90"),
		unreadable("A48/1-MiB-of-backslashes", switching(extensionField+pmd+`; server_max_window_bits="`+times(1<<20, `\`)), "head longer than").teaches("L90").decidedAt(headBytes + 1),
	}
	for _, v := range []struct{ name, value string }{
		{"negative", "-1"},
		{"0", "0"},
		{"7", "7"},
		{"08", "08"},
		{"010", "010"},
		{"16", "16"},
		{"99", "99"},
		{"empty", ""},
		{"empty-quoted", `""`},
		{"trailing-space-quoted", `"15 "`},
		{"2^64", "18446744073709551616"},
		{"2^64+10", "18446744073709551626"},
		{"2^32+10", "4294967306"},
		{"signed", "+10"},
		{"hexadecimal", "0xa"},
		{"letter", "1O"},
		{"point", "10.0"},
		{"exponent", "1e1"},
		{"quoted-16", `"16"`},
		{"quoted-08", `"08"`},
		{"underscore", "1_0"},
	} {
		cases = append(cases,
			wrong("A45/server-"+v.name, pmd+"; server_max_window_bits="+v.value).teaches("L25", "L26"),
			wrong("A45/client-"+v.name, pmd+"; client_max_window_bits="+v.value).teaches("L25", "L26"))
	}
	for _, v := range []string{"8", "9", "10", "11", "12", "13", "14", "15", `"8"`, `"15"`} {
		name := strings.ReplaceAll(v, `"`, "quoted-")
		cases = append(cases, right("A45/server-is-"+strings.TrimSuffix(name, "quoted-"), pmd+"; server_max_window_bits="+v).teaches("L25", "L26"))
	}
	return cases
}

func manyParams(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "; p%d", i)
	}
	return b.String()
}
