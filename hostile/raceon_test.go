//go:build race

package hostile_test

// raceDetector is true where the race detector makes everything slow.
const raceDetector = true
