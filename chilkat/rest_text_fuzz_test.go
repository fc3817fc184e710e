package chilkat

import (
	"testing"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// FuzzBodyText: a body is text, whatever charset its server names.
func FuzzBodyText(f *testing.F) {
	for _, contentType := range []string{
		"text/plain", "text/html; charset=utf-8", "x; charset=\"iso-2022-jp\"", "a/b;charset=utf-16", "a/b; charset*=utf-8''shift_jis", "a/b; charset=hz-gb-2312",
		"a/b; charset=gb18030", "a/b; charset=utf-7", "a/b; charset=x-user-defined", "a/b; charset=euc-kr", "a/b; charset=replacement", ";;;",
	} {
		f.Add(contentType, []byte("abc\x1b$B\xff\xfe~{\x80"))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		defer fuzzlimit.Input(t)()
		var r Rest
		r.exchange.response = &http1.Response{Fields: []http1.Field{{Name: "Content-Type", Value: contentType}}}
		if text := r.bodyText(body); !utf8.ValidString(text) || len(text) > 4*len(body)+8 {
			t.Errorf("%q as %q: %q", body, contentType, text)
		}
	})
}
