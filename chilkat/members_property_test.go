package chilkat_test

import (
	"reflect"
	"strings"
	"testing"
)

// property is what a property that can be written must do.
type property struct {
	name      string
	byDefault any
	good      []any
	bad       []any // LastErrorText says so
	// keeps says that a bad value is stored: a connection is not opened then.
	keeps  bool
	secret bool
}

const canary = "canary-in-a-property"

var properties = map[string][]property{
	"Socket": {
		{name: "AlpnProtocol", byDefault: "", good: []any{"http/1.1", ""}, bad: []any{"h2", strings.Repeat("x", 256)}},
		{name: "BandwidthThrottleDown", byDefault: 0, good: []any{1000, 0}, bad: []any{-1}},
		{name: "BandwidthThrottleUp", byDefault: 0, good: []any{1000, 0}, bad: []any{-1}},
		{name: "ClientIpAddress", byDefault: "", good: []any{"127.0.0.1", "::1", ""}, bad: []any{"localhost", "1.2.3"}, keeps: true},
		{name: "ClientPort", byDefault: 0, good: []any{65535, 0}, bad: []any{-1, 65536}},
		{name: "HeartbeatMs", byDefault: 1000, good: []any{5, 0}, bad: []any{-1}},
		{name: "HttpProxyAuthMethod", byDefault: "", good: []any{"Basic", "digest", "NTLM", ""}, bad: []any{"Kerberos"}, keeps: true},
		{name: "HttpProxyDomain", byDefault: "", good: []any{"CORP", ""}},
		{name: "HttpProxyForHttp", byDefault: false, good: []any{true, false}},
		{name: "HttpProxyHostname", byDefault: "", good: []any{"proxy.example", "::1", ""}, bad: []any{"http://u:" + canary + "@proxy:1", "a b"}, keeps: true, secret: true},
		{name: "HttpProxyPassword", byDefault: "", good: []any{canary, ""}, secret: true},
		{name: "HttpProxyPort", byDefault: 0, good: []any{3128, 0}, bad: []any{-1, 65536}},
		{name: "HttpProxyUsername", byDefault: "", good: []any{"alice", ""}},
		{name: "KeepAlive", byDefault: true, good: []any{false, true}},
		{name: "KeepSessionLog", byDefault: false, good: []any{true, false}},
		{name: "MaxReadIdleMs", byDefault: 0, good: []any{1000, 0}, bad: []any{-1}},
		{name: "MaxSendIdleMs", byDefault: 0, good: []any{1000, 0}, bad: []any{-1}},
		{name: "PreferIpv6", byDefault: false, good: []any{true, false}},
		{name: "RequireSslCertVerify", byDefault: true, good: []any{false, true}},
		{name: "SessionLogEncoding", byDefault: "esc", good: []any{"hex", "esc"}, bad: []any{"base64", ""}},
		{name: "SniHostname", byDefault: "", good: []any{"example.com", ""}, bad: []any{"https://example.com", "a b"}},
		{name: "SoRcvBuf", byDefault: 0, good: []any{65536, 0}, bad: []any{-1}},
		{name: "SoSndBuf", byDefault: 0, good: []any{65536, 0}, bad: []any{-1}},
		{name: "SocksHostname", byDefault: "", good: []any{"socks.example", ""}, bad: []any{"socks5://u:" + canary + "@proxy"}, keeps: true, secret: true},
		{name: "SocksPassword", byDefault: "", good: []any{canary, ""}, secret: true},
		{name: "SocksPort", byDefault: 1080, good: []any{9050}, bad: []any{0, -1, 65536}},
		{name: "SocksUsername", byDefault: "", good: []any{"alice", ""}},
		{name: "SocksVersion", byDefault: 0, good: []any{4, 5, 0}, bad: []any{3, -1}, keeps: true},
		{name: "SshHostKeyFingerprint", byDefault: "", good: []any{"SHA256:x", ""}},
		{name: "SshKnownHostsPath", byDefault: "", good: []any{"/tmp/known_hosts", ""}},
		{name: "SslAllowedCiphers", byDefault: "", good: []any{"TLS_AES_256_GCM_SHA384, tls_aes_128_gcm_sha256", ""}, bad: []any{"TLS_RSA_WITH_RC4_128_SHA"}, keeps: true},
		{name: "SslProtocol", byDefault: "default", good: []any{"TLS 1.2", "TLS 1.3", "tls 1.2 or higher", "TLS 1.0 or higher", "TLS 1.3 or higher", "default"}, bad: []any{"SSL 3.0", "TLS 1.1", "", "default or higher"}, keeps: true},
		{name: "TcpNoDelay", byDefault: true, good: []any{false, true}},
		{name: "TlsPinSet", byDefault: "", good: []any{"sha256, base64, 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", ""}, bad: []any{"sha256, base64", "sha1, base64, x", "sha256, base64, x"}, keeps: true},
	},
	"SshKey": {{name: "Password", byDefault: "", good: []any{canary, ""}, secret: true}},
	"OAuth1": {
		{name: "ConsumerKey", byDefault: "", good: []any{"key", ""}},
		{name: "ConsumerSecret", byDefault: "", good: []any{canary, ""}, secret: true},
		{name: "Realm", byDefault: "", good: []any{"realm", ""}},
		{name: "SignatureMethod", byDefault: "HMAC-SHA1", good: []any{"HMAC-SHA256", "HMAC-SHA1"}, bad: []any{"PLAINTEXT", ""}},
		{name: "Token", byDefault: "", good: []any{canary, ""}, secret: true},
		{name: "TokenSecret", byDefault: "", good: []any{canary, ""}, secret: true},
	},
	"OAuth2": {{name: "AccessToken", byDefault: "", good: []any{canary, ""}, secret: true}},
	"AuthAws": {
		{name: "AccessKey", byDefault: "", good: []any{"key", ""}},
		{name: "Region", byDefault: "", good: []any{"eu-central-1", ""}},
		{name: "SecretKey", byDefault: "", good: []any{canary, ""}, secret: true},
		{name: "ServiceName", byDefault: "", good: []any{"execute-api", ""}},
		{name: "SessionToken", byDefault: "", good: []any{canary, ""}, secret: true},
	},
}

// TestMembers has a test for each member of the classes beside WebSocket, by its
// name.
func TestMembers(t *testing.T) {
	tests := map[string]map[string]func(*testing.T){"Rest": restMembers, "Socket": socketMembers, "SshKey": sshKeyMembers}
	for class, list := range properties {
		if tests[class] == nil {
			tests[class] = map[string]func(*testing.T){}
		}
		for _, p := range list {
			tests[class][p.name] = func(t *testing.T) { p.check(t, classTypes[class].Elem()) }
		}
	}
	for _, m := range listedMembers(t) {
		if m.class != "WebSocket" && tests[m.class][m.name] == nil {
			t.Errorf("%s.%s has no test", m.class, m.name)
		}
	}
	for class, members := range tests {
		t.Run(class, func(t *testing.T) {
			for name, test := range members {
				t.Run(name, test)
			}
		})
	}
}

func (p property) check(t *testing.T, class reflect.Type) {
	object := reflect.New(class)
	log := object.Interface().(logger)
	get := func(object reflect.Value) any { return object.MethodByName(p.name).Call(nil)[0].Interface() }
	set := func(object reflect.Value, v any) {
		object.MethodByName("Set" + p.name).Call([]reflect.Value{reflect.ValueOf(v)})
	}
	if got := get(object); got != p.byDefault {
		t.Errorf("the default is %#v, want %#v", got, p.byDefault)
	}
	for _, v := range p.good {
		set(object, v)
		if got := get(object); got != v || log.LastError() != nil {
			t.Errorf("after %#v the value is %#v:\n%s", v, got, log.LastErrorText())
		}
		wantLog(t, log, "  Set"+p.name+"(")
		if p.secret && strings.Contains(log.LastErrorText(), canary) {
			t.Errorf("the log has the secret:\n%s", log.LastErrorText())
		}
	}
	for _, v := range p.bad {
		before := get(object)
		set(object, v)
		mustFail(t, false, log, p.name)
		if p.secret && strings.Contains(log.LastErrorText(), canary) {
			t.Errorf("the log has the secret:\n%s", log.LastErrorText())
		}
		if got := get(object); p.keeps && got != v || !p.keeps && got != before {
			t.Errorf("after the bad %#v the value is %#v", v, got)
		}
	}
	null := reflect.Zero(reflect.PointerTo(class))
	set(null, p.good[0])
	if got := get(null); got != reflect.Zero(reflect.TypeOf(got)).Interface() {
		t.Errorf("a nil object has %#v", got)
	}
	object = reflect.New(class)
	object.MethodByName("Dispose" + class.Name()).Call(nil)
	set(object, p.good[0])
	mustFail(t, false, object.Interface().(logger), "The object was disposed.")
	if got := get(object); got != p.byDefault {
		t.Errorf("a disposed object has %#v", got)
	}
}
