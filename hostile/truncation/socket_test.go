package truncation_test

import (
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

// TestSocket: the same over sockets, which are read past package net, with a FIN
// and a real RST.
func TestSocket(t *testing.T) {
	s := newSession(one, largeSize)
	srv := s.listen(t, false)
	d := s.dialer()
	d.Route = route.TCP{}
	for _, e := range []end{eof, reset} {
		for _, v := range verbs {
			t.Run(v.name+"/"+e.String(), func(t *testing.T) {
				walk(t, "+socket", s.offsets(463, 1), func(cut int) error {
					return s.run(d, "ws://"+srv.addr+path(cut, e), v, cut, e, e == reset)
				})
			})
		}
	}
}
