package server

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"

	"github.com/fairlead-ws/fairlead/frame"
)

// Kind is what a message is made of.
type Kind string

// The kinds of messages. All but Binary are text.
const (
	Binary  Kind = "binary"
	ASCII   Kind = "ascii"
	Chinese Kind = "chinese"
)

// Payload returns size bytes of kind, the same in every process.
func Payload(kind Kind, size int) []byte {
	random := rand.New(rand.NewPCG(1, uint64(size)))
	p := make([]byte, 0, size+3)
	for len(p) < size {
		switch kind {
		case ASCII:
			p = append(p, byte(' '+random.IntN('~'-' ')))
		case Chinese:
			p = append(p, string(rune(0x4e00+random.IntN(0x5000)))...)
		default:
			p = append(p, byte(random.Uint32()))
		}
	}
	if kind == Chinese && len(p) > size {
		p = append(p[:len(p)-3], strings.Repeat(".", size-len(p)+3)...)
	}
	return p
}

// JSON returns n messages of size bytes that look like those of a feed: the same
// names, other values.
func JSON(size, n int) [][]byte {
	random := rand.New(rand.NewPCG(2, uint64(size)))
	words := strings.Fields("order trade quote cancel replace filled partial rejected open closed buy sell limit market stop")
	messages := make([][]byte, n)
	for i := range messages {
		p := []byte("[")
		for {
			r := fmt.Appendf(nil, `{"id":%d,"type":%q,"side":%q,"price":%d.%02d,"quantity":%d,"account":"%08x","time":"2026-11-%02dT%02d:%02d:%02d.%06dZ"},`,
				1000000+random.IntN(9000000), words[random.IntN(len(words))], words[random.IntN(len(words))], random.IntN(1000), random.IntN(100), random.IntN(5000),
				random.Uint32(), 1+random.IntN(28), random.IntN(24), random.IntN(60), random.IntN(60), random.IntN(1000000))
			if len(p)+len(r) > size-1 {
				break
			}
			p = append(p, r...)
		}
		p[len(p)-1] = ' '
		for len(p) < size-1 {
			p = append(p, ' ')
		}
		messages[i] = append(p, ']')
	}
	return messages
}

// StreamURL is the path for a stream of messages.
func StreamURL(kind Kind, size int) string { return fmt.Sprintf("/stream?kind=%s&size=%d", kind, size) }

// streamMessage is the frame that StreamURL asks for.
func streamMessage(query url.Values) ([]byte, error) {
	size, err := strconv.Atoi(query.Get("size"))
	if err != nil || size < 0 || size > maxMessage {
		return nil, fmt.Errorf("server: a stream of messages of %q bytes", query.Get("size"))
	}
	kind := Kind(query.Get("kind"))
	h := frame.Header{Fin: true, Opcode: frame.Text, Length: int64(size)}
	if kind == Binary {
		h.Opcode = frame.Binary
	}
	return append(frame.AppendHeader(nil, h), Payload(kind, size)...), nil
}
