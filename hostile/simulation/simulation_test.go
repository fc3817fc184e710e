package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// How many seeds are played: so many by go test, and with FAIRLEAD_LONG=1.
const (
	fewSeeds  = 5_000
	manySeeds = 100_000
)

// TestSimulation plays seeds from 0 on, the same ones each time. With
// FAIRLEAD_SIMULATE, a duration, it plays others for so long.
func TestSimulation(t *testing.T) {
	if lasting := os.Getenv("FAIRLEAD_SIMULATE"); lasting != "" {
		d, err := time.ParseDuration(lasting)
		if err != nil {
			t.Fatalf("FAIRLEAD_SIMULATE: %v", err)
		}
		playOn(t, rand.Uint64()>>16, time.Now().Add(d))
		return
	}
	seeds := uint64(fewSeeds)
	switch {
	case os.Getenv("FAIRLEAD_LONG") != "":
		seeds = manySeeds
	case raceEnabled:
		seeds /= 5
	}
	playAll(t, 0, seeds).report(t)
}

// playOn plays seeds from first on until the time has come.
func playOn(t *testing.T, first uint64, stop time.Time) {
	const round = 20_000
	var all counts
	for from := first; time.Now().Before(stop) && !t.Failed(); from += round {
		all.add(playAll(t, from, from+round))
	}
	all.report(t)
}

// TestSeed plays one seed, that of FAIRLEAD_SEED, and prints what happened.
func TestSeed(t *testing.T) {
	text := os.Getenv("FAIRLEAD_SEED")
	if text == "" {
		t.Skip("FAIRLEAD_SEED names no seed")
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("FAIRLEAD_SEED: %v", err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s := playSeed(t, seed)
	t.Logf("seed %d:\n%s", seed, &s.log)
	if s.firstBroken != "" {
		t.Errorf("seed %d: %s", seed, s.firstBroken)
	}
}

// playSeed plays the session of a seed. What brings the whole process down is
// printed with what led to it.
func playSeed(t *testing.T, seed uint64) *session {
	s := newSession(seed)
	defer func() {
		if r := recover(); r != nil {
			fmt.Printf("seed %d:\n%s%v\n", seed, &s.log, r)
			panic(r)
		}
	}()
	synctest.Test(t, func(*testing.T) { s.play() })
	return s
}

// TestReplay plays seeds twice, with others between, and demands the same course
// of events to the last letter.
func TestReplay(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	if raceEnabled {
		t.Skip("the race detector shuffles goroutines")
	}
	const seeds = 300
	first := make([]string, seeds)
	for seed := range first {
		first[seed] = playSeed(t, uint64(seed)).log.String()
	}
	runtime.GC() // empties the pools
	for seed := range first {
		if again := playSeed(t, uint64(seed)).log.String(); again != first[seed] {
			t.Fatalf("seed %d went\n%s\nand then\n%s", seed, first[seed], again)
		}
	}
}
