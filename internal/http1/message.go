package http1

// Field is one header field. The value is without the white space around it
// when it was read.
type Field struct{ Name, Value string }

// Response is the head of a response.
type Response struct {
	Major, Minor int     // version; Major is always 1 when it was read
	Status       int     // 100 to 599 when it was read
	Reason       string  // reason phrase, often empty; may hold bytes that are not UTF-8
	Fields       []Field // in the order of the wire
}

// Values returns the values of all fields called name, in order. The case of
// ASCII letters in name is ignored.
func (r *Response) Values(name string) []string {
	return appendValues(make([]string, 0, 2), r.Fields, name)
}

// Get returns the value of the first field called name, and whether there is
// one. Where a second field would be an attack, use Values and count.
func (r *Response) Get(name string) (string, bool) { return get(r.Fields, name) }

// Request is the head of a request.
type Request struct {
	Method, Target string
	Major, Minor   int     // version; Major is always 1 when it was read
	Fields         []Field // in the order of the wire
}

// Values returns the values of all fields called name, in order. The case of
// ASCII letters in name is ignored.
func (r *Request) Values(name string) []string {
	return appendValues(make([]string, 0, 2), r.Fields, name)
}

// Get returns the value of the first field called name, and whether there is
// one.
func (r *Request) Get(name string) (string, bool) { return get(r.Fields, name) }

// appendValues lets Values be inlined: few values that stay where they were asked
// for take no memory then.
func appendValues(all []string, fields []Field, name string) []string {
	for _, f := range fields {
		if EqualFold(f.Name, name) {
			all = append(all, f.Value)
		}
	}
	return all
}

func get(fields []Field, name string) (string, bool) {
	for _, f := range fields {
		if EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}
