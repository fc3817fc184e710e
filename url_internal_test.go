package fairlead

import "testing"

// TestParseURL: E26 to E29, what is accepted of them, in its one form.
func TestParseURL(t *testing.T) {
	for raw, want := range map[string]target{
		"ws://example.com":               {false, "example.com", "example.com:80", "example.com", "/", nil},
		"WSS://Example.COM/a/b?c=d":      {true, "example.com", "example.com:443", "example.com", "/a/b?c=d", nil},
		"http://h:8080":                  {false, "h", "h:8080", "h:8080", "/", nil},
		"https://h:443/":                 {true, "h", "h:443", "h", "/", nil},
		"wss://h:80/":                    {true, "h", "h:80", "h:80", "/", nil},
		"ws://h:0080/":                   {false, "h", "h:80", "h", "/", nil},
		"ws://[::1]:9/x":                 {false, "::1", "[::1]:9", "[::1]:9", "/x", nil},
		"ws://[::1]/":                    {false, "::1", "[::1]:80", "[::1]", "/", nil},
		"ws://[fe80::1%25eth0]/":         {false, "fe80::1%eth0", "[fe80::1%eth0]:80", "[fe80::1]", "/", nil},
		"ws://bücher.example/ü?ü":        {false, "xn--bcher-kva.example", "xn--bcher-kva.example:80", "xn--bcher-kva.example", "/%C3%BC?%C3%BC", nil},
		"ws://my_service.:1/":            {false, "my_service.", "my_service.:1", "my_service.:1", "/", nil},
		"ws://h?x":                       {false, "h", "h:80", "h", "/?x", nil},
		"ws://127.0.0.1:1/%0d%0a//../a/": {false, "127.0.0.1", "127.0.0.1:1", "127.0.0.1:1", "/%0d%0a//../a/", nil},
	} {
		got, err := parseURL(raw)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", raw, got, err, want)
		}
	}
}
