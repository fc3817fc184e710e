package cli

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
)

// connectEnv is what the flags of a connection need of the world.
func connectEnv(cmd *cobra.Command) connect.Env {
	env := connect.Env{Getenv: os.Getenv, Err: cmd.ErrOrStderr()}
	if terminal.Is(cmd.InOrStdin()) && terminal.Is(cmd.ErrOrStderr()) {
		env.AskPassword = func(prompt string) (string, error) {
			in, ok1 := cmd.InOrStdin().(*os.File)
			out, ok2 := cmd.ErrOrStderr().(*os.File)
			if !ok1 || !ok2 {
				return "", errors.New("no terminal to ask at")
			}
			return terminal.AskPassword(in, out, prompt)
		}
	}
	return env
}
