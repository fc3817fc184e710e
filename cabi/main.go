// Command cabi is the library libfairlead: package chilkat, and connections of
// package fairlead, for programs in C and for whatever can call C. Python's is
// beside it, in python/.
//
//	go build -buildmode=c-shared -o libfairlead.so ./cabi
//
// fairlead.h has the functions and the rules: who owns memory, what a handle is,
// how a call that blocks is interrupted. The functions for the members of the
// classes are generated from the lists by which package chilkat is tested; see
// gen. Without cgo there is nothing here but an empty program.
package main

//go:generate go run ./gen

func main() {}
