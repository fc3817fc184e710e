package simulation_test

import (
	"math"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/handshake"
)

// config makes up the settings of the connection.
func (s *session) config() fairlead.ConnConfig {
	pick := func(d ...time.Duration) time.Duration { return d[s.chance.IntN(len(d))] }
	s.limits = fairlead.Limits{MessageBytes: int64([]int{0, 200_000, -1}[s.chance.IntN(3)])}
	s.writeLimit = pick(0, 0, 2*time.Second, -1)
	s.closing = pick(0, 0, 700*time.Millisecond)
	cfg := fairlead.ConnConfig{Limits: s.limits, WriteTimeout: s.writeLimit, CloseTimeout: s.closing}
	if s.writeLimit == 0 {
		s.writeLimit = fairlead.DefaultWriteTimeout
	}
	if s.closing == 0 {
		s.closing = fairlead.DefaultCloseTimeout
	}
	if s.chance.IntN(4) == 0 {
		cfg.Policy = s.policy()
	}
	if s.chance.IntN(6) == 0 {
		cfg.IdleTimeout = s.pause()
	}
	s.setIdle(cfg.IdleTimeout)
	if s.chance.IntN(7) == 0 {
		bits := func() int { return 8 + s.chance.IntN(8) }
		d := handshake.Deflate{ClientMaxWindowBits: bits(), ServerMaxWindowBits: bits(), ClientNoContextTakeover: s.chance.IntN(4) > 0, ServerNoContextTakeover: s.chance.IntN(4) > 0}
		cfg.Compression = &d
		s.compress(d)
	}
	return cfg
}

func (s *session) compress(d handshake.Deflate) {
	s.server.z = deflate.NewCompressor(d.ServerMaxWindowBits, !d.ServerNoContextTakeover)
	s.wire.z = deflate.NewDecompressor(d.ClientMaxWindowBits, !d.ClientNoContextTakeover)
	s.logf("compression %+v", d)
}

func (s *session) policy() *fairlead.Policy {
	coin := func() bool { return s.chance.IntN(2) == 0 }
	p := fairlead.Policy{AnswerPing: coin(), SwallowPong: coin(), AnswerClose: coin()}
	s.answers = s.answers && p.AnswerPing
	return &p
}

func (s *session) pause() time.Duration {
	all := []time.Duration{time.Millisecond, 10 * time.Millisecond, 60 * time.Millisecond, 300 * time.Millisecond, time.Second, 3 * time.Second, 8 * time.Second, 40 * time.Second}
	return all[s.chance.IntN(len(all))]
}

// limit is the size of a message that is too large by one.
func (s *session) limit() int64 {
	switch s.limits.MessageBytes {
	case 0:
		return fairlead.DefaultMessageBytes
	case -1:
		return math.MaxInt64
	}
	return s.limits.MessageBytes
}
