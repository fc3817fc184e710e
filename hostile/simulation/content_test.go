package simulation_test

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead"
)

const fillerSize = 160 << 10

var (
	prose = []byte(strings.Repeat("The quick brown fox, ein Übergang, 水と火, \U0001F600 and so on. ", fillerSize/60))
	noise = func() []byte {
		p := make([]byte, fillerSize)
		chance := rand.NewChaCha8([32]byte{1})
		_, _ = chance.Read(p) // never fails
		return p
	}()
)

// message is one that somebody sends: it says who it is from and which one it is.
type message struct {
	typ  fairlead.MessageType
	data []byte
	end  int // behind its last byte, in what the server sends
}

func newMessage(from string, number int, typ fairlead.MessageType, size int) message {
	filler := noise
	if typ == fairlead.Text {
		filler = prose
	}
	p := append(make([]byte, 0, size+16), from...)
	p = strconv.AppendInt(p, int64(number), 10)
	p = append(p, '|')
	start := number * 37 % 4096
	for typ == fairlead.Text && !utf8.RuneStart(filler[start]) {
		start++
	}
	end := start + size
	for typ == fairlead.Text && !utf8.RuneStart(filler[end]) {
		end--
	}
	return message{typ: typ, data: append(p, filler[start:max(start, end)]...)}
}

// signature is who p is from and which one it is.
func signature(p []byte) (from string, number int, ok bool) {
	head, _, ok := bytes.Cut(p[:min(len(p), 16)], []byte("|"))
	if !ok || len(head) < 2 {
		return "", 0, false
	}
	number, err := strconv.Atoi(string(head[1:]))
	return string(head[:1]), number, err == nil
}

var sizes = []int{0, 1, 10, 60, 113, 114, 120, 125, 130, 300, 700, 2000, 4090, 4096, 5000, 9000}

// size is one of a message: mostly small, seldom larger than what shares a write.
func size(chance *rand.Rand) int {
	switch chance.IntN(60) {
	case 0:
		return 30_000 + chance.IntN(10_000)
	case 1:
		return 60_000 + chance.IntN(80_000)
	}
	return sizes[chance.IntN(len(sizes))]
}

func typeOf(chance *rand.Rand) fairlead.MessageType {
	if chance.IntN(2) == 0 {
		return fairlead.Text
	}
	return fairlead.Binary
}
