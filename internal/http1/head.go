package http1

import (
	"bytes"
	"strconv"
)

// ReadResponse reads the head of a response. Interim responses (1xx) are
// skipped, except 101, which is final for this connection (RFC 9110 section
// 15.2). The end of the stream before the end of the head is
// io.ErrUnexpectedEOF.
//
// Bytes that are not HTTP are refused as soon as they show it; the error
// quotes at most 32 of them, escaped.
func (r *Reader) ReadResponse() (*Response, error) {
	if r.failed != nil {
		return nil, r.failed
	}
	for {
		if r.resp == nil {
			if err := r.statusLine(); err != nil {
				return nil, err
			}
		}
		if err := r.fields(&r.resp.Fields); err != nil {
			return nil, err
		}
		resp := r.resp
		r.resp = nil
		if !isInterim(resp.Status) {
			r.used, r.interim = 0, 0
			return resp, nil
		}
	}
}

func isInterim(status int) bool { return status < 200 && status != 101 }

// ReadRequest reads the head of a request. The end of the stream before the
// end of the head, or before its first byte, is io.ErrUnexpectedEOF.
func (r *Reader) ReadRequest() (*Request, error) {
	if r.failed != nil {
		return nil, r.failed
	}
	if r.req == nil {
		if err := r.requestLine(); err != nil {
			return nil, err
		}
	}
	if err := r.fields(&r.req.Fields); err != nil {
		return nil, err
	}
	req := r.req
	r.req, r.used = nil, 0
	return req, nil
}

// headLine consumes one line of a head. A start line has a limit of its own
// and is judged by its first bytes.
func (r *Reader) headLine(part string, judge func([]byte) string) ([]byte, error) {
	rule := lineRule{part: part, limit: r.lim.HeadBytes - r.used, what: "rest of the head", judge: judge}
	if judge != nil && r.lim.LineBytes < rule.limit {
		rule.limit, rule.what = r.lim.LineBytes, "line"
	}
	line, err := r.line(rule)
	if err == nil {
		r.used += len(line) + len("\r\n")
	}
	return line, err
}

func (r *Reader) statusLine() error {
	const part = "status line"
	line, err := r.headLine(part, judgeStatusLine)
	if err != nil {
		return err
	}
	// judgeStatusLine has seen "HTTP/1.x nnn" and the byte after it.
	reason := text(line[len(statusPattern)-1:])
	if reason != "" && (reason[0] != ' ' || !ValidFieldValue(reason)) {
		return r.fail(part, "control character in the reason phrase")
	}
	// One allocation; an answer to an opening handshake has three fields.
	head := &struct {
		Response
		room [3]Field
	}{Response: Response{
		Major:  1,
		Minor:  int(line[7] - '0'),
		Status: int(line[9]-'0')*100 + int(line[10]-'0')*10 + int(line[11]-'0'),
	}}
	head.Fields = head.room[:0]
	resp := &head.Response
	if reason != "" {
		resp.Reason = reason[1:]
	}
	if isInterim(resp.Status) {
		if r.interim == r.lim.Interim {
			return r.fail(part, "more than "+strconv.Itoa(r.lim.Interim)+" interim responses")
		}
		r.interim++
	}
	r.resp = resp
	return nil
}

// statusPattern is how each status line begins (RFC 9112 section 4): 'd' is a
// digit, 's' a digit from 1 to 5, '_' a space, or the CR when there is no
// reason phrase.
const statusPattern = "HTTP/1.d sdd_"

// judgeStatusLine refuses a status line by its first bytes.
func judgeStatusLine(p []byte) string {
	for i := range min(len(p), len(statusPattern)) {
		c, ok := p[i], false
		switch want := statusPattern[i]; want {
		case 'd':
			ok = isDigit(c)
		case 's':
			ok = '1' <= c && c <= '5'
		case '_':
			ok = c == ' ' || c == '\r'
		default:
			ok = c == want
		}
		if ok {
			continue
		}
		switch {
		case i < len("HTTP/"):
			return "not HTTP" + hint(p) + ": it begins with " + quote(p)
		case i < len("HTTP/1.d "):
			return "the version is not HTTP/1.x: it begins with " + quote(p)
		default:
			return "the status is not three digits from 100 to 599: it begins with " + quote(p)
		}
	}
	return ""
}

// hint recognises the first byte of a TLS alert or handshake record, the
// answer of a TLS port to plain HTTP.
func hint(p []byte) string {
	if p[0] == 0x15 || p[0] == 0x16 {
		return " but TLS"
	}
	return ""
}

func (r *Reader) requestLine() error {
	const part = "request line"
	line, err := r.headLine(part, judgeRequestLine)
	if err != nil {
		return err
	}
	method, rest, _ := bytes.Cut(line, []byte(" "))
	target, version, _ := bytes.Cut(rest, []byte(" "))
	switch {
	case !ValidFieldName(string(method)):
		return r.fail(part, "the method is not a token")
	case !ValidTarget(string(target)):
		return r.fail(part, "the target is empty or has a byte that is not allowed")
	case len(version) != len("HTTP/1.d") || string(version[:7]) != "HTTP/1." || !isDigit(version[7]):
		return r.fail(part, "the version is not HTTP/1.x")
	}
	r.req = &Request{Method: string(method), Target: string(target), Major: 1, Minor: int(version[7] - '0')}
	return nil
}

// judgeRequestLine refuses a request line by its first bytes. It quotes no
// further than the byte that is wrong: a target may hold secrets.
func judgeRequestLine(p []byte) string {
	for i, c := range p[:min(len(p), quoteLimit)] {
		if c == ' ' && i > 0 {
			return ""
		}
		if !isTokenByte(c) {
			return "not HTTP" + hint(p) + ": it begins with " + quote(p[:i+1])
		}
	}
	return ""
}

// fields reads field lines into *list until the empty line that ends the head.
func (r *Reader) fields(list *[]Field) error {
	const part = "header field"
	for {
		line, err := r.headLine(part, nil)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			return nil
		}
		if len(*list) == r.lim.Fields {
			return r.fail(part, "more than "+strconv.Itoa(r.lim.Fields)+" fields")
		}
		f, problem := parseField(text(line))
		if problem != "" {
			return r.fail(part, "line "+strconv.Itoa(len(*list)+1)+": "+problem)
		}
		if *list == nil {
			*list = make([]Field, 0, 4)
		}
		*list = append(*list, f)
	}
}

// text is string(p). What every answer to an opening handshake says takes no memory.
func text(p []byte) string {
	switch string(p) {
	case " Switching Protocols":
		return " Switching Protocols"
	case "Upgrade: websocket":
		return "Upgrade: websocket"
	case "Connection: Upgrade":
		return "Connection: Upgrade"
	}
	return string(p)
}

// parseField parses a field line (RFC 9112 section 5). The problem names the
// field where that is safe, never its value.
func parseField(line string) (f Field, problem string) {
	n := tokenPrefix(line)
	switch {
	case n == len(line):
		return f, "no colon"
	case n == 0 && line[0] == ':':
		return f, "the name is empty"
	case n == 0 && (line[0] == ' ' || line[0] == '\t'):
		return f, "folded line (begins with white space)"
	case line[n] == ' ' || line[n] == '\t':
		return f, "white space in the name or before the colon"
	case line[n] != ':':
		return f, "the name is not a token"
	}
	f = Field{Name: line[:n], Value: trimSpace(line[n+1:])}
	if !ValidFieldValue(f.Value) {
		return f, "control character in the value of " + clip(f.Name)
	}
	return f, ""
}
