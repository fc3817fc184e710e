//go:build race

package flood_test

const raceEnabled = true
