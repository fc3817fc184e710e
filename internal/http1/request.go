package http1

import (
	"slices"
	"strconv"
)

// AppendRequest appends the head of an HTTP/1.1 request to dst, with the
// fields in the order given. Nothing that could inject a line or a second
// request is written: the method must be a token, the target pass
// [ValidTarget], each name and value pass [ValidFieldName] and
// [ValidFieldValue]. On an error, which names the part and never its value,
// dst is returned as it was.
func AppendRequest(dst []byte, method, target string, fields []Field) ([]byte, error) {
	const line = "request line"
	if !ValidFieldName(method) {
		return dst, &Error{Part: line, Text: "the method is not a token"}
	}
	if !ValidTarget(target) {
		return dst, &Error{Part: line, Text: "the target is empty or has a byte that is not allowed"}
	}
	for i, f := range fields {
		if !ValidFieldName(f.Name) {
			// Up to the first bad byte only: someone may have put a whole
			// line, with its value, where the name belongs.
			name := clip(f.Name[:tokenPrefix(f.Name)])
			return dst, &Error{Part: "header field", Text: "the name of field " + strconv.Itoa(i+1) + ` ("` + name + `...") is not a token`}
		}
		if !ValidFieldValue(f.Value) {
			return dst, &Error{Part: "header field", Text: "control character in the value of " + clip(f.Name)}
		}
	}
	size := len(method) + len(target) + len("  HTTP/1.1\r\n\r\n")
	for _, f := range fields {
		size += len(f.Name) + len(f.Value) + len(": \r\n")
	}
	dst = slices.Grow(dst, size)
	dst = append(dst, method...)
	dst = append(dst, ' ')
	dst = append(dst, target...)
	dst = append(dst, " HTTP/1.1\r\n"...)
	for _, f := range fields {
		dst = append(dst, f.Name...)
		dst = append(dst, ": "...)
		dst = append(dst, f.Value...)
		dst = append(dst, "\r\n"...)
	}
	return append(dst, "\r\n"...), nil
}
