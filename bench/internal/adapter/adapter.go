// Package adapter has the contenders: one file for each library and form, each
// written as the library's own documentation shows.
package adapter

import (
	"fmt"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// All returns the contenders of a run. Raw and Fairlead are there twice: the
// second of each shows how far apart the same code measures.
func All() []client.Contender {
	return []client.Contender{
		raw, fairlead, fairleadFast, gorilla, gorillaFast, coder, coderFast, gobwas, gobwasFast, gwsBasic, gwsFast, xnet,
	}
}

// sized is the check that every contender does on what it receives.
func sized(got, want int) error {
	if got != want {
		return fmt.Errorf("a message of %d bytes came, not of %d", got, want)
	}
	return nil
}
