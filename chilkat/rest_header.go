package chilkat

import (
	"slices"
	"strings"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// requestHead is what every request of a Rest has in common.
type requestHead struct {
	host          string // "" means that of the target
	authorization string
	auth          *authorization // from a SetAuth method
	fields        []http1.Field
	query         []param
	path          []param
}

// AddHeader adds a header field to all later requests, in the place of one with
// the same name. It fails, and sends nothing ever, when the name is not a token,
// when the value has a line end or another control character, and for the fields
// that announce a body.
func (r *Rest) AddHeader(name, value string) bool {
	return r.base().call("AddHeader", func(l *lasterr.Log) error {
		if err := checkFieldName(name); err != nil {
			return err
		}
		l.Value("name", name)
		if err := checkFieldValue("the value of "+name, value); err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.head.put(name, value)
		return nil
	}).status()
}

// RemoveHeader takes a header field out of all later requests. It fails when
// there is none of that name.
func (r *Rest) RemoveHeader(name string) bool {
	return r.base().call("RemoveHeader", func(l *lasterr.Log) error {
		if err := checkFieldName(name); err != nil {
			return err
		}
		l.Value("name", name)
		r.mu.Lock()
		defer r.mu.Unlock()
		if !r.head.remove(name) {
			return fail("there is no header field of this name", "Nothing needs to be removed.")
		}
		return nil
	}).status()
}

// ClearAllHeaders takes all header fields out of later requests, Host and
// Authorization included. What a SetAuth method has set stays.
func (r *Rest) ClearAllHeaders() bool {
	return r.base().call("ClearAllHeaders", func(*lasterr.Log) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.head.fields, r.head.host, r.head.authorization = nil, "", ""
		return nil
	}).status()
}

// Host is the header field Host of all requests; "", the default, means the
// name and port that Connect was told.
func (r *Rest) Host() string { return get(r.base(), "Host", func() string { return r.head.host }) }

// SetHost sets the header field Host.
func (r *Rest) SetHost(host string) {
	set(r.base(), "Host", host, func() error {
		if err := checkFieldValue("Host", host); err != nil {
			return err
		}
		r.head.host = host
		return nil
	})
}

// Authorization is the header field Authorization of all requests; "", the
// default, means none but that of a SetAuth method.
func (r *Rest) Authorization() string {
	return get(r.base(), "Authorization", func() string { return r.head.authorization })
}

// SetAuthorization sets the header field Authorization, whole, and takes the
// place of the SetAuth methods. Unlike the password of SetAuthBasic it is sent over any
// connection.
func (r *Rest) SetAuthorization(value string) {
	set(r.base(), "Authorization", "***", func() error {
		if err := checkFieldValue("Authorization", value); err != nil {
			return err
		}
		r.head.put("Authorization", value)
		return nil
	})
}

// put stores a field. Host and Authorization are single, whoever sets them.
func (h *requestHead) put(name, value string) {
	switch strings.ToLower(name) {
	case "host":
		h.host = value
	case "authorization":
		h.authorization, h.auth = value, nil
	default:
		putField(&h.fields, name, value)
	}
}

// putField adds a field, in the place of one with the same name.
func putField(fields *[]http1.Field, name, value string) {
	i := slices.IndexFunc(*fields, func(f http1.Field) bool { return http1.EqualFold(f.Name, name) })
	if i < 0 {
		*fields = append(*fields, http1.Field{Name: name, Value: value})
		return
	}
	(*fields)[i] = http1.Field{Name: name, Value: value}
}

func (h *requestHead) remove(name string) bool {
	had := len(h.fields)
	h.fields = slices.DeleteFunc(h.fields, func(f http1.Field) bool { return http1.EqualFold(f.Name, name) })
	found := len(h.fields) < had
	switch strings.ToLower(name) {
	case "host":
		found, h.host = h.host != "", ""
	case "authorization":
		found, h.authorization = h.authorization != "", ""
	}
	return found
}

// all is every field of a request with the given method, in the order of the
// wire.
func (h *requestHead) all(t target, method string) []http1.Field {
	host := h.host
	if host == "" {
		host = t.hostField()
	}
	fields := append([]http1.Field{{Name: "Host", Value: host}}, h.fields...)
	if h.authorization != "" {
		fields = append(fields, http1.Field{Name: "Authorization", Value: h.authorization})
	}
	switch method {
	case "POST", "PUT", "PATCH":
		// RFC 9110 section 8.6: a method that expects content says that there is none.
		fields = append(fields, http1.Field{Name: "Content-Length", Value: "0"})
	}
	return fields
}

// bodyFields announce a body, which no request of this class has.
var bodyFields = []string{"content-length", "transfer-encoding", "te", "trailer"}

// checkFieldName does not repeat a bad name: somebody may have put a whole line
// in its place, with a secret value.
func checkFieldName(name string) error {
	switch {
	case name == "":
		return fail("the argument name is empty", "Pass the name of a header field.")
	case !http1.ValidFieldName(name):
		return fail("the argument name is not the name of a header field", "Pass letters, digits and hyphens only; the value is an argument of its own.")
	case slices.Contains(bodyFields, strings.ToLower(name)):
		return fail("the header field "+name+" belongs to a request with a body", "Leave it out: requests are sent without a body here.")
	}
	return nil
}

func checkFieldValue(field, value string) error {
	if http1.ValidFieldValue(value) {
		return nil
	}
	return fail(field+" has a line end or another control character", "Take it out: it would begin a header field of its own.")
}
