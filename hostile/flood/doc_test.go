// Package flood_test sends a client what never ends or grows when it is opened,
// and holds it to what that may cost: memory of 4 times the limit in force and
// 1 MiB, and 100 ms of processor time from the byte on which the verdict depends.
//
// Processor time is that of the process, which a busy machine does not stretch;
// most peers are in memory and cost next to nothing. Memory is the growth of the
// heap at its highest, garbage included, while the collector is told to be quick.
//
// go test ./hostile/flood runs the short form in seconds. FAIRLEAD_LONG=1 makes
// floods last; make hostile prints one line about them.
package flood_test
