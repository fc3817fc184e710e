package wstest

import (
	"errors"
	"testing"
	"time"
)

// What a client cannot see the moment of.

func TestPauseEndsWithTheServer(t *testing.T) {
	stopped := make(chan struct{})
	c := newChaos(Chaos{Delay: 1000 * time.Hour}, 0, stopped)
	close(stopped)
	s := session{chaos: c, msg: make([]byte, 20)}
	if err := s.sendMessage(); err == nil {
		t.Error("an echo although the server is closing")
	}
}

func TestChoppyPassesErrorsOn(t *testing.T) {
	errFault := errors.New("fault")
	a, b := Pipe()
	defer a.Close()
	defer b.Close()
	c := choppy{Conn: Faulty(a, Fault{On: OnWrite, Call: 2, Err: errFault}), piece: 2, left: -1}
	if n, err := c.Write([]byte("abc")); n != 2 || !errors.Is(err, errFault) {
		t.Errorf("Write = %d, %v", n, err)
	}
}
