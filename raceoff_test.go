//go:build !race

package fairlead_test

// raceDetector is true where the race detector makes everything slow.
const raceDetector = false
