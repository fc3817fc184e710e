package chilkat

import (
	"net/url"
	"slices"
	"strings"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// param is a query or path parameter, not encoded.
type param struct {
	name, value string
	bare        bool // a part of a query without "="
}

func (p param) encoded() string {
	if p.bare {
		return encodeURL([]byte(p.name))
	}
	return encodeURL([]byte(p.name)) + "=" + encodeURL([]byte(p.value))
}

// AddQueryParam adds a parameter to the query of all later requests, in the
// place of one with the same name. Name and value are encoded when they are sent.
func (r *Rest) AddQueryParam(name, value string) bool {
	return r.base().call("AddQueryParam", func(l *lasterr.Log) error {
		return r.addParam(l, &r.head.query, name, value)
	}).status()
}

// AddQueryParams adds the parameters of a query that is encoded already, as
// "a=1&b=2". It fails, and adds none, when an escape sequence is broken.
func (r *Rest) AddQueryParams(query string) bool {
	return r.base().call("AddQueryParams", func(l *lasterr.Log) error {
		params, err := splitQuery(query)
		if err != nil {
			return err
		}
		// The names are not logged: a part without "=" may be a token.
		l.Value("parameters", len(params))
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, p := range params {
			putParam(&r.head.query, p)
		}
		return nil
	}).status()
}

func splitQuery(query string) ([]param, error) {
	var params []param
	for pair := range strings.SplitSeq(strings.TrimPrefix(query, "?"), "&") {
		if pair == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			// Neither is repeated: a query carries tokens.
			return nil, fail("the argument query has a broken escape sequence", `Encode a percent sign as %25, or use AddQueryParam, which encodes.`)
		}
		params = append(params, param{name, value, !found})
	}
	if params == nil {
		return nil, fail("the argument query has no parameter", `Pass one or more, as "a=1&b=2".`)
	}
	return params, nil
}

// RemoveQueryParam takes a parameter out of the query. It fails when there is
// none of that name.
func (r *Rest) RemoveQueryParam(name string) bool {
	return r.base().call("RemoveQueryParam", func(*lasterr.Log) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		had := len(r.head.query)
		r.head.query = slices.DeleteFunc(r.head.query, func(p param) bool { return p.name == name })
		if len(r.head.query) == had {
			return fail("there is no query parameter of this name", "Nothing needs to be removed.")
		}
		return nil
	}).status()
}

// ClearAllQueryParams takes all parameters out of the query.
func (r *Rest) ClearAllQueryParams() bool {
	return r.base().call("ClearAllQueryParams", func(*lasterr.Log) error { return r.clearParams(&r.head.query) }).status()
}

// AddPathParam makes all later requests have value, encoded, wherever name
// stands in the path. It takes the place of one with the same name.
func (r *Rest) AddPathParam(name, value string) bool {
	return r.base().call("AddPathParam", func(l *lasterr.Log) error {
		return r.addParam(l, &r.head.path, name, value)
	}).status()
}

// ClearAllPathParams forgets all path parameters.
func (r *Rest) ClearAllPathParams() bool {
	return r.base().call("ClearAllPathParams", func(*lasterr.Log) error { return r.clearParams(&r.head.path) }).status()
}

func (r *Rest) addParam(l *lasterr.Log, list *[]param, name, value string) error {
	if name == "" {
		return fail("the argument name is empty", "Pass the name of a parameter.")
	}
	l.Value("name", name)
	r.mu.Lock()
	defer r.mu.Unlock()
	putParam(list, param{name: name, value: value})
	return nil
}

func putParam(list *[]param, p param) {
	i := slices.IndexFunc(*list, func(old param) bool { return old.name == p.name })
	if i < 0 {
		*list = append(*list, p)
		return
	}
	(*list)[i] = p
}

func (r *Rest) clearParams(list *[]param) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	*list = nil
	return nil
}

const pathAdvice = `Pass a path with an optional query, such as "/chat?room=1"; hostname and port are arguments of Connect.`

// makeTarget makes the request-target of a path and the parameters. Errors do
// not repeat the path: its query carries tokens.
func (h *requestHead) makeTarget(path string) (string, error) {
	switch {
	case path == "":
		return "", fail("the argument path is empty", pathAdvice)
	case strings.ContainsFunc(path, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return "", fail("the argument path has a line end or another control character", pathAdvice)
	case !strings.HasPrefix(path, "/") && strings.Contains(path, "://"):
		return "", fail("the argument path is a URL", pathAdvice)
	case !strings.HasPrefix(path, "/"):
		return "", fail("the argument path does not begin with /", pathAdvice)
	case strings.Contains(path, "#"):
		return "", fail("the argument path has a fragment (#...), which is never sent", "Take the fragment out, or encode # as %23.")
	case strings.ContainsFunc(path, func(c rune) bool { return c == ' ' || c > 0x7f }):
		return "", fail("the argument path has a space or a character that is not ASCII", "Encode it: a space is %20.")
	}
	path, query, hasQuery := strings.Cut(path, "?")
	path = h.replacer().Replace(path)
	pairs := make([]string, len(h.query))
	for i, p := range h.query {
		pairs[i] = p.encoded()
	}
	if hasQuery && query != "" {
		pairs = append([]string{query}, pairs...)
	}
	if hasQuery || len(pairs) > 0 {
		path += "?" + strings.Join(pairs, "&")
	}
	return path, nil
}

// replacer puts values in the place of path parameters, in one pass: a value is
// never searched for names. Of two names that begin alike the longer one counts.
func (h *requestHead) replacer() *strings.Replacer {
	longest := slices.Clone(h.path)
	slices.SortStableFunc(longest, func(a, b param) int { return len(b.name) - len(a.name) })
	pairs := make([]string, 0, 2*len(longest))
	for _, p := range longest {
		pairs = append(pairs, p.name, encodeURL([]byte(p.value)))
	}
	return strings.NewReplacer(pairs...)
}
