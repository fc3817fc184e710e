package hostile_test

import (
	"slices"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// handshakeCases is section A: the answer to the opening handshake.
func handshakeCases() []Case {
	return slices.Concat(
		acceptCases(), upgradeCases(), statusLineCases(), fieldCases(), headLimitCases(), interimCases(), glueCases(),
		splitHeadCases(), cutHeadCases(), subprotocolCases(), extensionCases(), bodyCases(), cookieCases(),
	)
}

// refused is an answer that opens no WebSocket, by what its fields say.
func refused(id, answerText, says string) Case {
	return Case{ID: id, Peer: peer(answer(answerText)), Refused: fairlead.PhaseVerify, Status: 101, Says: says}
}

// unreadable is an answer that is no answer.
func unreadable(id, answerText, says string) Case {
	return Case{ID: id, Peer: peer(answer(answerText)), Refused: fairlead.PhaseResponse, Says: says}
}

// opened is an answer that opens one, followed by a message and a Close.
func opened(id, answerText string) Case {
	return Case{
		ID: id, Peer: peer(answer(answerText), send(text("hello"), bye())),
		Closed: frame.StatusNormal, Messages: []string{"hello"},
	}
}

// The cases of a family differ in few fields: these set them.

func (c Case) teaches(lessons ...string) Case {
	c.Lessons = append(slices.Clone(c.Lessons), lessons...)
	return c
}

func (c Case) because(note string) Case {
	c.Note = note
	return c
}

func (c Case) from(d *fairlead.Dialer) Case {
	c.Dialer = *d
	return c
}

func (c Case) allocating(bytes int64) Case {
	c.Heap = bytes
	return c
}

func (c Case) decidedAt(n int64) Case {
	c.Decides = n
	return c
}

func (c Case) checked(check func(o *Outcome) error) Case {
	c.Check = check
	return c
}
