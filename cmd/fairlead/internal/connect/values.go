package connect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

// ParseDuration reads a Go duration, or a number of seconds. It is never
// negative.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		seconds, numberErr := strconv.ParseFloat(text, 64)
		if numberErr != nil || seconds*float64(time.Second) > float64(1<<62) || seconds != seconds {
			return 0, errors.New("expected a duration such as 1m30s, 500ms or a number of seconds")
		}
		d = time.Duration(seconds * float64(time.Second))
	}
	if d < 0 {
		return 0, errors.New("a time cannot be negative")
	}
	return d, nil
}

// Size is a flag of bytes; k, M and G multiply by 1024.
type Size int64

func (s *Size) String() string {
	if *s == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*s), 10)
}

// Type names the flag's type.
func (s *Size) Type() string { return "bytes" }

// Set parses text.
func (s *Size) Set(text string) error {
	shift := 0
	number := strings.TrimRight(text, "kKmMgG")
	if unit := text[len(number):]; unit != "" {
		if len(unit) > 1 {
			return errors.New("expected a number of bytes such as 500, 64k, 10M or 1G")
		}
		shift = map[string]int{"k": 10, "m": 20, "g": 30}[strings.ToLower(unit)]
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > (1<<62)>>shift {
		return errors.New("expected a number of bytes such as 500, 64k, 10M or 1G")
	}
	*s = Size(n << shift)
	return nil
}

// maxFile bounds the files that flags name: nobody has a key or a list of headers
// of that size.
const maxFile = 4 << 20

// readFile reads a file that a flag names. A byte order mark is taken off.
func readFile(flag, path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, exit.With(exit.Read, fmt.Errorf("--%s: %w", flag, err))
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return nil, exit.With(exit.Read, fmt.Errorf("--%s: %w", flag, err))
	case len(data) > maxFile:
		return nil, exit.With(exit.Read, fmt.Errorf("--%s: the file %s has more than 4 MiB", flag, path))
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// secret returns value, or the first line of the file that @ names.
func secret(flag, value string) (string, error) {
	path, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		return value, nil
	}
	data, err := readFile(flag, path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}
