package route

// ProxyOf returns kind and address of the proxy that dialer asks.
func ProxyOf(dialer Dialer) string {
	switch d := dialer.(type) {
	case *httpProxy:
		return d.kind + " " + d.addr.String()
	case *socksProxy:
		return d.kind + " " + d.addr.String()
	case Unix:
		return "unix " + d.Path
	}
	return "direct"
}
