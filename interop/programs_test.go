package interop_test

import "testing"

func TestScratch(t *testing.T) {
	for name, f := range map[string]func(){
		"squid": func() { squid.get(t) }, "tiny": func() { tinyproxy.get(t) }, "apache": func() { apache.get(t) },
		"haproxy": func() { haproxy.get(t) }, "danted": func() { danted.get(t) }, "dantedpw": func() { dantedPassword.get(t) }, "micro": func() { microsocks.get(t) },
	} {
		f()
		t.Log(name, atWork.get(t).dir)
	}
}
