package hostile_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

const mib = 1 << 20

// A bomb is a compressed message of so many MiB: its first block, the block
// for each further MiB, and the last.
type bomb struct{ first, more, last []byte }

// bombs are made of a MiB that repeats.
var bombs = sync.OnceValue(func() map[string]bomb {
	random := make([]byte, 256)
	for i, r := 0, rand.New(rand.NewPCG(1, 2)); i < len(random); i++ {
		random[i] = byte(r.Uint32())
	}
	all := map[string]bomb{}
	for name, block := range map[string][]byte{
		"zeros": make([]byte, mib), "repeated-block": bytes.Repeat(random, mib/256),
	} {
		z := deflate.NewCompressor(15, true)
		all[name] = bomb{z.Append(nil, block, false), z.Append(nil, block, false), z.Append(nil, block, true)}
	}
	stored := bytes.Repeat(append([]byte("\x00\x00\x80\xff\x7f"), make([]byte, 0x8000)...), mib/0x8000)
	all["stored"] = bomb{stored, stored, append(stored[:len(stored):len(stored)], 0)}
	return all
})

func (b bomb) of(n int) string {
	return string(b.first) + times(n-2, string(b.more)) + string(b.last)
}

// bombCases are rows C01, C02 and C04.
func bombCases() []Case {
	var cases []Case
	exploding := func(id string, wire []byte, limit int64) Case {
		c := corrupt(id, tooBig, wire).limited(limit, 0).teaches("L09", "L10", "L11", "L12")
		// All that a growing buffer leaves behind is counted; at any time no more
		// than a third of it is live.
		c.Is, c.Heap, c.Within, c.Do, c.Unsent, c.Lag = []error{fairlead.ErrTooLarge}, 8*limit+small, 2*time.Second, keepNone, true, -1
		return c
	}
	for name, b := range bombs() {
		size := 256
		if name == "stored" {
			size = 8
		}
		whole := b.of(size)
		plain := exploding(fmt.Sprintf("C01/%s-%d-MiB", name, size), zframe(frame.Binary, true, whole), mib)
		plain.Heap, plain.Live = 4*mib+small, 4*mib
		cases = append(cases, plain,
			exploding("C02/"+name+"-in-fragments-of-1000", zcut(whole, 1000), mib),
			exploding("C02/"+name+"-without-takeover", zframe(frame.Binary, true, whole), mib).agreeing(noTakeover),
		)
		over := exploding("C02/"+name+"-after-a-message", join(zframe(frame.Binary, true, b.of(2)), zframe(frame.Binary, true, whole)), 2*mib)
		cases = append(cases, over)
		for _, v := range verbs {
			c := exploding("C01/"+name+"-by-"+v.name, zframe(frame.Binary, true, whole), mib)
			c.Do = v.all
			cases = append(cases, c)
		}
	}
	zeros := bombs()["zeros"]
	endless := Case{
		ID: "C02/fragments-for-ever", Lessons: []string{"L09", "L14"}, Peer: after(send(zframe(frame.Binary, false, string(zeros.first))), forever(string(next(string(zeros.more))))),
		Failed: tooBig, Unsent: true, Do: keepNone, Live: 4*mib + small,
	}.agreeing(takeover).limited(mib, 0)
	byDefault := exploding("C01/the-default-limit", zframe(frame.Binary, true, zeros.of(256)), defaultBytes).limited(0, 0)
	byDefault.Heap, byDefault.Live = 0, 4*defaultBytes+small
	tiny := exploding("C01/limit-1", zframe(frame.Binary, true, zeros.of(256)), 1)
	closes := exploding("C01/thrown-away-by-Close", zframe(frame.Binary, true, zeros.of(256)), mib)
	closes.Do, closes.Failed, closes.Is, closes.Says, closes.Peer = hangUp, 0, nil, "", append(closes.Peer, wstest.ExpectClose(frame.StatusNormal), send(bye()), wstest.Shut())
	closes.Says = "more than 1048576 bytes"
	within := func(id string, n int, limit int64, do caller) Case {
		c := inflated(id, zframe(frame.Binary, true, zeros.of(n))).limited(limit, 0).teaches("L11")
		c.Do, c.Live, c.Within = do, 4*int64(n)*mib+small, 2*time.Second
		return c
	}
	stream := within("C04/64-MiB-unlimited-as-a-stream", 64, -1, drained).teaches("L08")
	stream.Live = small
	return append(cases, endless, byDefault, tiny, closes, stream,
		within("C04/16-MiB-at-the-limit", 16, 0, keepNone),
		within("C04/16-MiB-at-a-limit-of-16-MiB", 16, 16*mib, keepNone),
		exploding("C04/16-MiB-and-a-limit-one-lower", zframe(frame.Binary, true, zeros.of(16)), 16*mib-1),
		inflated("C04/at-the-limit", ztext(zHello), "Hello").limited(5, 0).teaches("L11"),
		corrupt("C04/over-the-limit", tooBig, ztext(zHello)).limited(4, 0).teaches("L11"),
	)
}

// paddingCases is row C03: nothing comes out, whatever goes in.
func paddingCases() []Case {
	const most = 64 << 10 // what may go in for nothing
	var cases []Case
	for _, p := range []struct{ name, block string }{
		{"stored", "\x00\x00\x00\xff\xff"}, {"final", "\x01\x00\x00\xff\xff"}, {"fixed", string(bits(times(4, "0 10 0000000")))},
	} {
		one := corrupt("C03/10^6-"+p.name, tooBig, zframe(frame.Binary, true, times(1_000_000, p.block)))
		one.Decides, one.Unsent, one.Do, one.Heap = most+16<<10, true, keepNone, small
		cut := corrupt("C03/"+p.name+"-in-fragments-for-ever", tooBig, zframe(frame.Binary, false, ""))
		cut.Peer = append(cut.Peer, forever(string(next(times(200, p.block)))))
		cut.Decides, cut.Unsent, cut.Do, cut.Heap = most+16<<10, true, keepNone, small
		some := inflated("C03/1000-"+p.name+"-are-no-harm", ztext(times(1000, p.block)+zHello), "Hello")
		cases = append(cases, one.teaches("L12"), cut.teaches("L12", "L14"), some)
	}
	blocks := corrupt("C03/a-message-then-nothing", tooBig, zframe(frame.Binary, true, zHello+"\x00\x00\xff\xff"+times(1_000_000, "\x00\x00\x00\xff\xff")))
	blocks.Decides, blocks.Unsent, blocks.Do, blocks.Heap = most+16<<10, true, keepNone, small
	return append(cases, blocks.teaches("L12"))
}
