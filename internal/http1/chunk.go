package http1

import "strconv"

// maxChunkDigits is the length of the longest chunk-size.
const maxChunkDigits = 16

// chunkSize reads a chunk-size line: chunk-size [ chunk-ext ] CRLF (RFC 9112
// section 7.1). Extensions are checked and dropped. Together with the trailers
// they have a budget for the whole body, so that a peer cannot send more
// framing than content for ever.
func (r *Reader) chunkSize(b *body) error {
	const part = "chunk"
	line, err := r.line(lineRule{
		part:  part,
		limit: r.lim.LineBytes - b.extra + maxChunkDigits + len("\r\n"),
		what:  "size line with its extensions",
	})
	if err != nil {
		return err
	}
	digits := 0
	for digits < len(line) && isHex(line[digits]) {
		digits++
	}
	ext := trimSpace(string(line[digits:]))
	size, err := strconv.ParseUint(string(line[:digits]), 16, 63)
	switch {
	case err != nil || digits > maxChunkDigits:
		return r.fail(part, "the size is not a hexadecimal number that fits 63 bits")
	case len(line) > digits && (ext == "" || ext[0] != ';' || !ValidFieldValue(ext)):
		return r.fail(part, "malformed chunk extension")
	}
	b.extra += len(line) - digits
	b.left = int64(size)
	b.state = chunkData
	if size == 0 {
		b.state = bodyTrailer
	}
	return nil
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= lower(c) && lower(c) <= 'f'
}

// trailer reads one line of the trailer section (RFC 9112 section 7.1.2).
func (r *Reader) trailer(b *body) error {
	const part = "trailer"
	line, err := r.line(lineRule{
		part:  part,
		limit: r.lim.LineBytes - b.extra + len("\r\n"),
		what:  "rest of the extensions and trailers",
	})
	switch {
	case err != nil:
		return err
	case len(line) == 0:
		b.state = bodyDone
		return nil
	case b.trailers == r.lim.Fields:
		return r.fail(part, "more than "+strconv.Itoa(r.lim.Fields)+" fields")
	}
	b.trailers++
	b.extra += len(line) + len("\r\n")
	if _, problem := parseField(string(line)); problem != "" {
		return r.fail(part, problem)
	}
	return nil
}
