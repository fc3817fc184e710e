// Package torture_test makes every call to the network go wrong, one after the
// other, for every verb and every route (hostile-peers K06 to K09, L82): the
// n-th call fails, blocks, falls short, or the context ends at that moment, and n
// grows until the scenario ends without having met the fault.
//
// In memory the calls are those of a connection's methods, and time is that of a
// testing/synctest bubble, so that a hang is seen exactly. Over sockets a gauntlet
// between client and server does the same to what passes it.
//
// The verdict is the same each time: no call hangs, no goroutine and no
// connection is left, no message arrives twice, in part or changed.
//
// The short form takes some of the calls. The long one, with FAIRLEAD_LONG set,
// takes them all.
package torture_test
