//go:build race

package interop_test

// raceDetector is true where the race detector makes everything slow.
const raceDetector = true
