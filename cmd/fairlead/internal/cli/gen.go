package cli

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

// newGen is for those who make packages.
func newGen() *cobra.Command {
	return &cobra.Command{
		Use:   "gen DIR",
		Short: "Write manual pages and completions",
		Long: `Gen writes the manual pages to DIR/man and the completions for bash, zsh, fish and
PowerShell to DIR/completions. The date in the pages is that of
SOURCE_DATE_EPOCH, where it is set.`,
		Hidden: true,
		Args:   usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			man, completions := filepath.Join(args[0], "man"), filepath.Join(args[0], "completions")
			for _, dir := range []string{man, completions} {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return exit.With(exit.Write, err)
				}
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			if err := doc.GenManTree(root, &doc.GenManHeader{Title: "FAIRLEAD", Section: "1", Source: "fairlead", Manual: "Fairlead"}, man); err != nil {
				return exit.With(exit.Write, err)
			}
			for name, write := range map[string]func(path string) error{
				"fairlead.bash": func(path string) error { return root.GenBashCompletionFileV2(path, true) },
				"_fairlead":     root.GenZshCompletionFile,
				"fairlead.fish": func(path string) error { return root.GenFishCompletionFile(path, true) },
				"fairlead.ps1":  root.GenPowerShellCompletionFileWithDesc,
			} {
				if err := write(filepath.Join(completions, name)); err != nil {
					return exit.With(exit.Write, err)
				}
			}
			return nil
		},
	}
}
