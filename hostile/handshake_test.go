package hostile_test

import (
	"slices"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// handshakeCases is section A: the answer to the opening handshake.
func handshakeCases() []Case {
	return slices.Concat(
		acceptCases(),
	)
}

// refused is an answer that opens no WebSocket, by what it says.
func refused(id, answerText string) Case {
	return Case{ID: id, Peer: peer(answer(answerText)), Refused: fairlead.PhaseVerify, Status: 101}
}

// opened is an answer that does, followed by a message and a Close.
func opened(id, answerText string) Case {
	return Case{
		ID: id, Peer: peer(answer(answerText), send(text("hello"), bye())),
		Closed: frame.StatusNormal, Messages: []string{"hello"},
	}
}

func acceptCases() []Case {
	const field = "Sec-WebSocket-Accept: "
	with := func(lines ...string) string {
		return head(append([]string{status101, upgrade, connection}, lines...)...)
	}
	return []Case{
		refused("A01/absent", with()),
		refused("A02/other-key", with(field+"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")),
		opened("A04/space", with(field+" \t"+acceptMark+" \t ")),
	}
}
