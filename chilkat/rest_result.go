package chilkat

import (
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// response gives a property of the last response, the zero value before one.
func response[T any](r *Rest, name string, f func(*http1.Response) T) T {
	return get(r.base(), name, func() (v T) {
		if r.exchange.response != nil {
			v = f(r.exchange.response)
		}
		return v
	})
}

// ResponseStatusCode is the status code of the last response, 0 before one came.
func (r *Rest) ResponseStatusCode() int {
	return response(r, "ResponseStatusCode", func(resp *http1.Response) int { return resp.Status })
}

// ResponseStatusText is the reason phrase of the last response, often "".
func (r *Rest) ResponseStatusText() string {
	return response(r, "ResponseStatusText", func(resp *http1.Response) string { return resp.Reason })
}

// ResponseHeader is the header of the last response, one line for each field,
// without the status line.
func (r *Rest) ResponseHeader() string {
	return response(r, "ResponseHeader", func(resp *http1.Response) string { return headerLines(resp.Fields) })
}

// NumResponseHeaders is the number of header fields of the last response.
func (r *Rest) NumResponseHeaders() int {
	return response(r, "NumResponseHeaders", func(resp *http1.Response) int { return len(resp.Fields) })
}

// ResponseHdrName is the name of the header field number index of the last
// response, counted from 0; nil when there is no such field.
func (r *Rest) ResponseHdrName(index int) *string {
	return r.responseField("ResponseHdrName", index, func(f http1.Field) string { return f.Name })
}

// ResponseHdrValue is the value of the header field number index of the last
// response, counted from 0; nil when there is no such field.
func (r *Rest) ResponseHdrValue(index int) *string {
	return r.responseField("ResponseHdrValue", index, func(f http1.Field) string { return f.Value })
}

func (r *Rest) responseField(name string, index int, part func(http1.Field) string) *string {
	return give(r.base(), name, func(l *lasterr.Log) (string, error) {
		l.Value("index", index)
		resp, err := r.lastResponse()
		if err != nil {
			return "", err
		}
		if index < 0 || index >= len(resp.Fields) {
			return "", fail("the response has no header field with this index", "Pass a number from 0 on that is less than NumResponseHeaders.")
		}
		return part(resp.Fields[index]), nil
	}).text()
}

// ResponseHdrByName is the value of the first header field of the last response
// that has this name, in any case; nil when there is none.
func (r *Rest) ResponseHdrByName(name string) *string {
	return give(r.base(), "ResponseHdrByName", func(l *lasterr.Log) (string, error) {
		l.Value("name", name)
		resp, err := r.lastResponse()
		if err != nil {
			return "", err
		}
		value, found := resp.Get(name)
		if !found {
			return "", fail("the response has no header field of this name", "Read ResponseHeader, which shows all there are.")
		}
		return value, nil
	}).text()
}

func (r *Rest) lastResponse() (*http1.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.exchange.response == nil {
		return nil, fail("there is no response", "Call FullRequestNoBody first.")
	}
	return r.exchange.response, nil
}
