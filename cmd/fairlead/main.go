// Command fairlead speaks WebSocket at a terminal, in scripts and in CI.
package main

import (
	"context"
	"os"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/cli"
)

func main() {
	streams := cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	os.Exit(cli.Run(context.Background(), os.Args[1:], streams))
}
