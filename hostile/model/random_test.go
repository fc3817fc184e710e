package model_test

import (
	"math/rand/v2"
	"os"
	"testing"
)

// TestModel plays random scripts: mostly sessions that make sense.
func TestModel(t *testing.T) {
	scripts := 1_500
	if os.Getenv("FAIRLEAD_LONG") != "" {
		scripts = 100_000
	}
	ends := map[int]int{}
	for seed := range scripts {
		chance := rand.New(rand.NewPCG(7692, uint64(seed)))
		script, n := randomScript(chance), randomSetting(chance)
		chunk := uint8(chance.IntN(4) * chance.IntN(60))
		ends[compare(t, script, n, chunk).Code]++
		if t.Failed() {
			t.Fatalf("seed %d: {%q, %#x, %d}", seed, script, n, chunk)
		}
	}
	t.Logf("%d scripts, by how they end: %v", scripts, ends)
}

func randomSetting(chance *rand.Rand) uint32 {
	n := chance.Uint32()
	n &^= 1 << 2
	if chance.IntN(4) > 0 {
		n |= 1 << 2 // compression
	}
	if chance.IntN(3) > 0 {
		n &^= 7 << 7 // no limit to the size
	}
	if chance.IntN(3) > 0 {
		n &^= 3 << 10 // nor to the count
	}
	if chance.IntN(2) == 0 {
		n |= 7 << 4 // 15 bits
	}
	return n
}

// randomScript makes frames in the grammar of wireOf.
func randomScript(chance *rand.Rand) (script []byte) {
	pick := func(all string) byte { return all[chance.IntN(len(all))] }
	open := false
	for range 1 + chance.IntN(12) {
		if !open && chance.IntN(2) == 0 {
			script = append(script, randomFragments(chance)...)
			continue
		}
		first := pick("\x81\x82\xC1\xC2\x01\x02\x41\x42")
		if open {
			first = pick("\x00\x00\x80")
		}
		switch chance.IntN(24) {
		case 0, 1, 2, 3, 4:
			first = pick("\x89\x8A")
		case 5:
			first = pick("\x89\x88\x09\x83\x91\xC9\x80\x00\x81")
		case 6:
			return append(script, "\x88\x05\x0f\xa0bye"...)
		default:
			open = first < 0x80
		}
		how := chance.IntN(30)
		switch chance.IntN(30) {
		case 0:
			how = 200 + chance.IntN(56)
		case 1, 2:
			how = chance.IntN(200)
		default:
			if first&0x40 != 0 && chance.IntN(8) > 0 {
				how = 220 + chance.IntN(15)
			}
		}
		if first&0xB0 == 0x80 && first&8 != 0 {
			how = chance.IntN(130) // of a control frame
		}
		script = append(script, first, byte(how))
		size := how
		if how >= 200 {
			size = chance.IntN(150)
			script = append(script, byte(size))
		}
		script = append(script, randomText(chance, size)...)
	}
	return script
}

// randomText is mostly UTF-8.
func randomText(chance *rand.Rand, size int) (p []byte) {
	all := []string{"a", "b", "aaaa", " ", "\u00e9", "\u6c34", "\U0001F600"}
	if chance.IntN(20) == 0 {
		all = append(all, "\xff", "\xed\xa0\x80", "\xe6\xb0", "\x00", "\x06", "\x03\xe8")
	}
	for len(p) < size {
		next := all[chance.IntN(len(all))]
		if len(p)+len(next) > size {
			next = "."
		}
		p = append(p, next...)
	}
	return p
}

// randomFragments is a compressed message in several frames.
func randomFragments(chance *rand.Rand) (script []byte) {
	first := 0x41 + byte(chance.IntN(2))
	for wire := compress(randomText(chance, chance.IntN(600)), chance.IntN(12)); ; first = 0 {
		n := min(chance.IntN(200), len(wire))
		if n == len(wire) {
			first |= 0x80
		}
		script = append(append(script, first, byte(n)), wire[:n]...)
		if wire = wire[n:]; first&0x80 != 0 {
			return script
		}
		if chance.IntN(3) == 0 {
			script = append(script, "\x89\x01p"...)
		}
	}
}
