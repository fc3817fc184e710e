// Package truncation_test ends a session after every byte that a server sends, in
// every way that a connection can end: a message that is not whole must never be
// delivered, and no such end may pass for a clean one (hostile-peers L101, A36, A37).
//
// The short form takes the offsets around every seam and some between them. The
// long one, with FAIRLEAD_LONG set, takes them all.
package truncation_test
