package deflate_test

import (
	"bytes"
	stdflate "compress/flate"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/fairlead-ws/fairlead/deflate"
)

// corpus is what messages are made of, by kind.
func corpus(size int) map[string][]byte {
	r := rand.New(rand.NewPCG(7692, 1951))
	random := make([]byte, size)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	return map[string][]byte{
		"json":   jsonLike(r, size),
		"text":   wordsLike(r, size),
		"zeros":  make([]byte, size),
		"random": random,
		"base64": base64Like(r, size),
	}
}

func jsonLike(r *rand.Rand, size int) []byte {
	var b bytes.Buffer
	for b.Len() < size {
		fmt.Fprintf(&b, `{"id":%d,"symbol":"%c%c%c","price":%.2f,"side":%q,"time":"2026-11-%02dT%02d:%02d:%02dZ","live":%t},`,
			r.IntN(1e6), 'A'+r.IntN(26), 'A'+r.IntN(26), 'A'+r.IntN(26), r.Float64()*1000, []string{"buy", "sell"}[r.IntN(2)],
			1+r.IntN(30), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(2) == 0)
	}
	return b.Bytes()[:size]
}

func wordsLike(r *rand.Rand, size int) []byte {
	words := make([]string, 2000)
	for i := range words {
		w := make([]byte, 1+r.IntN(10))
		for j := range w {
			w[j] = "etaoinshrdlucmfwypvbgkjqxz"[int(float64(26)*r.Float64()*r.Float64())]
		}
		words[i] = string(w)
	}
	var b bytes.Buffer
	for b.Len() < size {
		b.WriteString(words[int(float64(len(words))*r.Float64()*r.Float64())])
		b.WriteByte(' ')
	}
	return b.Bytes()[:size]
}

func base64Like(r *rand.Rand, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[r.IntN(64)]
	}
	return b
}

// message compresses p with the standard library, an implementation that shares
// no code with ours, and takes the tail off.
func message(t testing.TB, level int, p []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := stdflate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = w.Write(p); err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
}

// inflate gives d one message, in pieces of at most in bytes, into buffers of at
// most out bytes.
func inflate(d *deflate.Decompressor, wire []byte, in, out int) ([]byte, error) {
	var all []byte
	buf := make([]byte, out)
	for stuck := 0; ; {
		piece := wire[:min(in, len(wire))]
		n, used, err := d.Inflate(buf, piece, len(piece) == len(wire))
		if n > len(buf) || used > len(piece) {
			return all, fmt.Errorf("filled %d of %d, used %d of %d", n, len(buf), used, len(piece))
		}
		all = append(all, buf[:n]...)
		wire = wire[used:]
		switch {
		case err == io.EOF:
			return all, nil
		case err != nil:
			return all, err
		case n > 0 || used > 0:
			stuck = 0
		default:
			if stuck++; stuck > 2 {
				return all, errors.New("no progress and no verdict")
			}
		}
	}
}
