package connect

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

// jar is a cookie jar that remembers what it took, so that it can be written to
// a file in Netscape's form, which curl reads and writes.
type jar struct {
	*cookiejar.Jar
	mu   sync.Mutex
	took []stored
}

type stored struct {
	cookie *http.Cookie
	from   *url.URL
}

func newJar() (*jar, error) {
	inner, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return nil, err
	}
	return &jar{Jar: inner}, nil
}

// SetCookies stores the cookies, as the rules allow.
func (j *jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.Jar.SetCookies(u, cookies)
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range cookies {
		copied := *c
		if copied.MaxAge > 0 {
			copied.Expires = time.Now().Add(time.Duration(copied.MaxAge) * time.Second)
		}
		s := stored{&copied, u}
		j.took = slices.DeleteFunc(j.took, func(old stored) bool { return old.same(s) })
		if copied.MaxAge >= 0 && (copied.Expires.IsZero() || copied.Expires.After(time.Now())) {
			j.took = append(j.took, s)
		}
	}
}

func (s stored) domain() string {
	if s.cookie.Domain != "" {
		return "." + strings.ToLower(strings.TrimPrefix(s.cookie.Domain, "."))
	}
	return strings.ToLower(s.from.Hostname())
}

func (s stored) path() string {
	if strings.HasPrefix(s.cookie.Path, "/") {
		return s.cookie.Path
	}
	// RFC 6265, section 5.1.4.
	if i := strings.LastIndexByte(s.from.Path, '/'); i > 0 {
		return s.from.Path[:i]
	}
	return "/"
}

func (s stored) same(o stored) bool {
	return s.cookie.Name == o.cookie.Name && s.domain() == o.domain() && s.path() == o.path()
}

// accepted asks the jar, which has refused what the rules forbid.
func (j *jar) accepted(s stored) bool {
	u := &url.URL{Scheme: "https", Host: s.from.Host, Path: s.path()}
	return slices.ContainsFunc(j.Cookies(u), func(c *http.Cookie) bool {
		return c.Name == s.cookie.Name && c.Value == s.cookie.Value
	})
}

const netscapeHead = "# Netscape HTTP Cookie File"

// save writes the cookies, for the owner only.
func (j *jar) save(path string) error {
	var b bytes.Buffer
	b.WriteString(netscapeHead + "\n\n")
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.took {
		if !j.accepted(s) || strings.ContainsAny(s.cookie.Value+s.path(), "\t\r\n") {
			continue
		}
		prefix, expires := "", int64(0)
		if s.cookie.HttpOnly {
			prefix = "#HttpOnly_"
		}
		if !s.cookie.Expires.IsZero() {
			expires = s.cookie.Expires.Unix()
		}
		fmt.Fprintf(&b, "%s%s\t%s\t%s\t%s\t%d\t%s\t%s\n", prefix, s.domain(), netscapeBool(s.cookie.Domain != ""),
			s.path(), netscapeBool(s.cookie.Secure), expires, s.cookie.Name, s.cookie.Value)
	}
	// A file of cookies is as good as a password: a new one, which nobody else
	// has open, takes the place of the old one.
	temp, err := os.CreateTemp(filepath.Dir(path), ".fairlead-cookies-")
	if err == nil {
		_, err = temp.Write(b.Bytes())
		if closeErr := temp.Close(); err == nil {
			err = closeErr
		}
		if err == nil {
			err = os.Rename(temp.Name(), path)
		}
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}
	if err != nil {
		return exit.With(exit.Write, fmt.Errorf("--cookie-jar: %w", err))
	}
	return nil
}

func netscapeBool(b bool) string { return strings.ToUpper(strconv.FormatBool(b)) }

// loadCookies puts the cookies of the file into the jar.
func (j *jar) loadCookies(path string) error {
	data, err := readFile("cookie", path)
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		line, httpOnly := strings.CutPrefix(line, "#HttpOnly_")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) == 6 { // no value
			f = append(f, "")
		}
		if len(f) != 7 {
			return exit.With(exit.Read, fmt.Errorf("--cookie: line %d of %s is not one of a cookie file in Netscape's form", n, path))
		}
		host := strings.TrimPrefix(f[0], ".")
		c := &http.Cookie{Name: f[5], Value: f[6], Path: f[2], Secure: f[3] == "TRUE", HttpOnly: httpOnly}
		if f[1] == "TRUE" {
			c.Domain = host
		}
		if seconds, err := strconv.ParseInt(f[4], 10, 64); err == nil && seconds > 0 {
			c.Expires = time.Unix(seconds, 0)
		}
		scheme := "http"
		if c.Secure {
			scheme = "https"
		}
		j.SetCookies(&url.URL{Scheme: scheme, Host: host, Path: f[2]}, []*http.Cookie{c})
	}
	return nil
}

// cookieFlags returns the jar, nil if no flag needs one, and adds the literal
// cookies to header.
func (f *Flags) cookieFlags(header http.Header) (*jar, error) {
	var literal []string
	var files []string
	for _, value := range f.cookies {
		path, isFile := strings.CutPrefix(value, "@")
		if isFile || !strings.Contains(value, "=") {
			files = append(files, path)
		} else {
			literal = append(literal, value)
		}
	}
	if len(literal) > 0 {
		literal = append(slices.Clone(header["Cookie"]), literal...)
		header.Set("Cookie", strings.Join(literal, "; "))
	}
	if len(files) == 0 && f.cookieJar == "" && !f.location {
		return nil, nil //nolint:nilnil // documented
	}
	j, err := newJar()
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		if path == "" { // curl's way to say: keep cookies
			continue
		}
		if err := j.loadCookies(path); err != nil {
			return nil, err
		}
	}
	return j, nil
}
