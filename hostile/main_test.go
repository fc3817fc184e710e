package hostile_test

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"
)

var report = flag.Bool("report", false, "print a table of the cases that ran, by section")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if *report {
			results.print(os.Stdout)
		}
		os.Exit(code)
	}))
}
