package connect

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

// defaultTable is the table of the profiles file that is always read.
const defaultTable = "default"

// envPrefix and the name of a flag in capitals make a variable, FAIRLEAD_USER.
const envPrefix = "FAIRLEAD_"

// apply gives flags that were not on the command line a value: that of the
// environment, else of the profile, else of the default table. It returns the
// profile's URL, if it has one.
func (f *Flags) apply(env Env) (url string, err error) {
	f.set.VisitAll(func(flag *pflag.Flag) {
		// A variable that somebody set long ago must not switch off what protects.
		if flag.Changed || flag.Name == "insecure" {
			return
		}
		name := envPrefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(flag.Name))
		if value := env.get(name); value != "" {
			if setErr := f.set.Set(flag.Name, value); setErr != nil {
				err = errors.Join(err, exit.Usagef("the variable %s: %w", name, setErr))
			}
		}
	})
	if err != nil {
		return "", err
	}
	path := profilesPath(env)
	tables, err := readProfiles(path, env)
	if err != nil {
		return "", err
	}
	names := []string{defaultTable}
	if f.profile != "" {
		if _, ok := tables[f.profile]; !ok {
			return "", exit.Usagef("--profile: there is no table %q in %s", f.profile, path)
		}
		names = []string{f.profile, defaultTable}
	}
	for _, name := range names {
		// What one table has set the next one does not change.
		changed := map[string]bool{}
		f.set.Visit(func(flag *pflag.Flag) { changed[flag.Name] = true })
		for key, value := range tables[name] {
			if key == "url" {
				if url == "" {
					url = fmt.Sprint(value)
				}
				continue
			}
			if err := f.fromProfile(key, value, changed); err != nil {
				return "", exit.Usagef("%s, table %q: %w", path, name, err)
			}
		}
	}
	return url, nil
}

// fromProfile sets a flag to a value of TOML; a list is a repeated flag. The
// error holds no value.
func (f *Flags) fromProfile(key string, value any, changed map[string]bool) error {
	flag := f.set.Lookup(key)
	if flag == nil || key == "profile" {
		return fmt.Errorf("there is no flag --%s", key)
	}
	if changed[key] {
		return nil
	}
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	for _, v := range list {
		if f.set.Set(key, fmt.Sprint(v)) != nil {
			return fmt.Errorf("the value of %s does not fit the flag --%s", key, key)
		}
	}
	return nil
}

// profilesPath is fairlead/profiles.toml in the folder of configurations.
func profilesPath(env Env) string {
	dir := env.get("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) { // the XDG specification wants relative ones ignored
		var err error
		if dir, err = os.UserConfigDir(); err != nil {
			return ""
		}
	}
	return filepath.Join(dir, "fairlead", "profiles.toml")
}

func readProfiles(path string, env Env) (map[string]map[string]any, error) {
	if path == "" {
		return nil, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		return nil, exit.With(exit.Read, fmt.Errorf("others can change %s: chmod 600 it", path))
	}
	data, err := readFile("profile", path)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o044 != 0 && holdsSecret(string(data)) {
		env.warn("others can read the secrets in %s: chmod 600 it", path)
	}
	var tables map[string]map[string]any
	if err := toml.Unmarshal(data, &tables); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			row, _ := at.Position()
			return nil, exit.With(exit.Read, fmt.Errorf("%s, line %d: expected TOML, a table for each profile with the names of flags: %s", path, row, strings.TrimPrefix(at.Error(), "toml: ")))
		}
		return nil, exit.With(exit.Read, fmt.Errorf("%s: expected TOML, a table for each profile", path))
	}
	return tables, nil
}

func holdsSecret(text string) bool {
	for _, key := range []string{"user", "oauth2-bearer", "pass", "header", "cookie"} {
		if strings.Contains(text, key) {
			return true
		}
	}
	return false
}
