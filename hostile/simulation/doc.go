// Package simulation has no code: its tests play random sessions between a
// fairlead.Conn and a scripted server, over a link in memory that is slow, stalls,
// gives short reads and is cut, under the clock of testing/synctest. A seed decides
// everything that happens, and what must always hold is checked after each step.
package simulation
