package deflate_test

import "errors"

// puff is a plain inflater, bit by bit, that shares nothing with the one under
// test. It returns what wire holds behind history, and the largest distance.
func puff(history, wire []byte) (out []byte, farthest int, err error) {
	p := &puffer{in: wire, out: append([]byte(nil), history...)}
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("puff: bad data")
		}
	}()
	for p.pos < 8*len(wire) {
		p.block()
	}
	return p.out[len(history):], p.farthest, nil
}

type puffer struct {
	in       []byte
	pos      int
	out      []byte
	farthest int
}

func (p *puffer) bits(n int) int {
	v := 0
	for i := range n {
		v |= int(p.in[p.pos/8]>>(p.pos%8)&1) << i
		p.pos++
	}
	return v
}

func (p *puffer) align() { p.pos = (p.pos + 7) &^ 7 }

type puffCode struct{ count, symbols []int }

func newPuffCode(lengths []int) puffCode {
	c := puffCode{count: make([]int, 16)}
	for n := 1; n < 16; n++ {
		for s, l := range lengths {
			if l == n {
				c.count[n]++
				c.symbols = append(c.symbols, s)
			}
		}
	}
	return c
}

func (p *puffer) symbol(c puffCode) int {
	code, first, index := 0, 0, 0
	for n := 1; n < 16; n++ {
		code |= p.bits(1)
		if code-first < c.count[n] {
			return c.symbols[index+code-first]
		}
		index += c.count[n]
		first = (first + c.count[n]) << 1
		code <<= 1
	}
	panic("no such code")
}

func (p *puffer) block() {
	final := p.bits(1) == 1
	switch p.bits(2) {
	case 0:
		p.align()
		n := p.bits(16)
		if p.bits(16) != n^0xffff {
			panic("length")
		}
		for range n {
			p.out = append(p.out, byte(p.bits(8)))
		}
	case 1:
		lengths := make([]int, 288)
		for i := range lengths {
			lengths[i] = 8
			if i >= 144 && i < 256 {
				lengths[i] = 9
			} else if i >= 256 && i < 280 {
				lengths[i] = 7
			}
		}
		dist := make([]int, 30)
		for i := range dist {
			dist[i] = 5
		}
		p.codes(newPuffCode(lengths), newPuffCode(dist))
	case 2:
		nlit, ndist, n := p.bits(5)+257, p.bits(5)+1, p.bits(4)+4
		lengths := make([]int, 19)
		for _, i := range []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}[:n] {
			lengths[i] = p.bits(3)
		}
		code := newPuffCode(lengths)
		var all []int
		for len(all) < nlit+ndist {
			s, value, times := p.symbol(code), 0, 0
			switch s {
			case 16:
				value, times = all[len(all)-1], 3+p.bits(2)
			case 17:
				times = 3 + p.bits(3)
			case 18:
				times = 11 + p.bits(7)
			default:
				value, times = s, 1
			}
			for range times {
				all = append(all, value)
			}
		}
		p.codes(newPuffCode(all[:nlit]), newPuffCode(all[nlit:nlit+ndist]))
	default:
		panic("type")
	}
	if final {
		p.align()
	}
}

func (p *puffer) codes(lit, dist puffCode) {
	for {
		s := p.symbol(lit)
		switch {
		case s < 256:
			p.out = append(p.out, byte(s))
			continue
		case s == 256:
			return
		}
		length, extra := s-257+3, 0
		if s >= 265 && s < 285 {
			extra = (s - 261) / 4
			length = (s-257-8)%4<<extra + 3 + 8<<(extra-1)
		}
		length += p.bits(extra)
		if s == 285 {
			length = 258
		}
		d := p.symbol(dist)
		distance := d + 1
		if d >= 4 {
			extra = d/2 - 1
			distance = (2+d%2)<<extra + 1 + p.bits(extra)
		}
		p.farthest = max(p.farthest, distance)
		for range length {
			p.out = append(p.out, p.out[len(p.out)-distance])
		}
	}
}
