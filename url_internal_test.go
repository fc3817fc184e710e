package fairlead

import "testing"

func TestParseURL(t *testing.T) {
	for raw, want := range map[string]target{
		"ws://example.com":               {false, "example.com", "example.com:80", "example.com", "/"},
		"WSS://Example.COM/a/b?c=d":      {true, "example.com", "example.com:443", "example.com", "/a/b?c=d"},
		"http://h:8080":                  {false, "h", "h:8080", "h:8080", "/"},
		"https://h:443/":                 {true, "h", "h:443", "h", "/"},
		"wss://h:80/":                    {true, "h", "h:80", "h:80", "/"},
		"ws://h:0080/":                   {false, "h", "h:80", "h", "/"},
		"ws://[::1]:9/x":                 {false, "::1", "[::1]:9", "[::1]:9", "/x"},
		"ws://[::1]/":                    {false, "::1", "[::1]:80", "[::1]", "/"},
		"ws://[fe80::1%25eth0]/":         {false, "fe80::1%eth0", "[fe80::1%eth0]:80", "[fe80::1]", "/"},
		"ws://bücher.example/ü?ü":        {false, "xn--bcher-kva.example", "xn--bcher-kva.example:80", "xn--bcher-kva.example", "/%C3%BC?%C3%BC"},
		"ws://my_service.:1/":            {false, "my_service.", "my_service.:1", "my_service.:1", "/"},
		"ws://h?x":                       {false, "h", "h:80", "h", "/?x"},
		"ws://127.0.0.1:1/%0d%0a//../a/": {false, "127.0.0.1", "127.0.0.1:1", "127.0.0.1:1", "/%0d%0a//../a/"},
	} {
		got, err := parseURL(raw)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", raw, got, err, want)
		}
	}
}
