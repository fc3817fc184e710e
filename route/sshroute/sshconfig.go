package sshroute

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/kevinburke/ssh_config"

	"github.com/fairlead-ws/fairlead/route"
)

// maxJumps bounds how many hops a configuration can name, by jumps of jumps.
const maxJumps = 8

// FromConfig returns the layers that lead through host, a name of the user's
// configuration for ssh(1): ~/.ssh/config, or the given files instead, of which
// the first that sets something counts. Heeded are Host, HostName, Port, User,
// IdentityFile and ProxyJump, for the jumps as well. ProxyCommand is an error, as
// it would be passed by otherwise, and so is Match by more than the host; whatever
// else is there has no effect. A name that no file mentions is a host of its own.
//
// Without IdentityFile the keys are id_ed25519, id_ecdsa and id_rsa in ~/.ssh.
// Private keys are read at once; those that do not exist are passed over, and so
// are encrypted ones that no file names, or when the environment has an agent
// (SSH_AUTH_SOCK), which is asked too. Host keys are checked as with the zero
// [Config].
func FromConfig(host string, files ...string) ([]route.Layer, error) {
	if files == nil {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("sshroute: %w", err)
		}
		files = []string{filepath.Join(home, ".ssh", "config")}
	}
	var f sshConfig
	for _, file := range files {
		if err := f.read(file); err != nil {
			return nil, fmt.Errorf("sshroute: %w", err)
		}
	}
	layers, err := f.layers(host, "", "", "", maxJumps)
	if err != nil {
		return nil, fmt.Errorf("sshroute: %w", err)
	}
	return layers, nil
}

type sshConfig struct{ parsed []*ssh_config.Config }

// read adds a file, if it is there.
func (f *sshConfig) read(file string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	parsed, err := ssh_config.DecodeBytes(text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	f.parsed = append(f.parsed, parsed)
	return nil
}

func (f *sshConfig) get(host, key string) (string, error) {
	for _, parsed := range f.parsed {
		if value, err := parsed.Get(host, key); err != nil || value != "" {
			return value, err
		}
	}
	return "", nil
}

// layers returns the hop to host behind its jumps. User and port are those that
// a jump was written with, and jumps, if not empty, is used instead of what the
// files say.
func (f *sshConfig) layers(host, user, port, jumps string, left int) ([]route.Layer, error) {
	if left == 0 {
		return nil, fmt.Errorf("ProxyJump leads through more than %d hosts", maxJumps)
	}
	values := map[string]string{}
	for _, key := range []string{"HostName", "User", "Port", "ProxyJump", "ProxyCommand"} {
		value, err := f.get(host, key)
		if err != nil {
			return nil, err
		}
		values[key] = value
	}
	jumps = cmp.Or(jumps, values["ProxyJump"])
	if command := values["ProxyCommand"]; jumps == "" && command != "" && !strings.EqualFold(command, "none") {
		return nil, fmt.Errorf("%s is behind a ProxyCommand, which is not supported: use ProxyJump, or a route.Layer of your own", host)
	}
	name := cmp.Or(strings.NewReplacer("%h", host, "%%", "%").Replace(values["HostName"]), host)
	cfg := &Config{User: cmp.Or(user, values["User"])}
	if os.Getenv(agentVariable) != "" {
		cfg.Agent = agentVariable
	}
	if err := f.identities(host, name, cfg); err != nil {
		return nil, err
	}
	var layers []route.Layer
	if jumps != "" && !strings.EqualFold(jumps, "none") {
		own := "" // the first jump has jumps of its own, the others are reached by the one before
		for _, jump := range strings.Split(jumps, ",") {
			user, host, port := splitJump(strings.TrimSpace(jump))
			before, err := f.layers(host, user, port, own, left-1)
			own = "none"
			if err != nil {
				return nil, err
			}
			layers = append(layers, before...)
			left -= len(before)
			if left <= 0 {
				return nil, fmt.Errorf("ProxyJump leads through more than %d hosts", maxJumps)
			}
		}
	}
	return append(layers, Hop(net.JoinHostPort(name, cmp.Or(port, values["Port"], defaultPort)), cfg)), nil
}

// splitJump takes [user@]host[:port] or ssh://[user@]host[:port] apart.
func splitJump(jump string) (user, host, port string) {
	jump = strings.TrimPrefix(jump, "ssh://")
	if i := strings.LastIndexByte(jump, '@'); i >= 0 {
		user, jump = jump[:i], jump[i+1:]
	}
	if host, port, err := net.SplitHostPort(jump); err == nil {
		return user, host, port
	}
	return user, strings.Trim(jump, "[]"), ""
}

func (f *sshConfig) identities(host, name string, cfg *Config) error {
	home, _ := os.UserHomeDir()
	var files []string
	for _, parsed := range f.parsed {
		named, err := parsed.GetAll(host, "IdentityFile")
		if err != nil {
			return err
		}
		files = append(files, named...)
	}
	byDefault := len(files) == 0
	if byDefault {
		files = []string{"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"}
	}
	for _, file := range files {
		if rest, ok := strings.CutPrefix(file, "~/"); ok {
			file = filepath.Join(home, rest)
		}
		file = strings.NewReplacer("%d", home, "%h", name, "%r", cfg.User, "%%", "%").Replace(file)
		key, err := KeyFile(file, "")
		switch {
		case err == nil:
			cfg.Keys = append(cfg.Keys, key)
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrPassphrase) && (byDefault || cfg.Agent != ""):
		default:
			return err
		}
	}
	return nil
}
