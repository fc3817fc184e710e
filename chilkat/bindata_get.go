package chilkat

import (
	"bytes"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// GetBinary is a copy of the bytes held; it is empty, not nil, when there are
// none.
func (b *BinData) GetBinary() []byte {
	return give(b.base(), "GetBinary", func(*lasterr.Log) ([]byte, error) { return b.snapshot(), nil }).bytes()
}

// GetBinaryChunk is a copy of numBytes bytes from offset on, nil when the bytes
// held do not reach that far.
func (b *BinData) GetBinaryChunk(offset, numBytes int) []byte {
	return give(b.base(), "GetBinaryChunk", func(l *lasterr.Log) ([]byte, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if err := inside(l, len(b.data), offset, numBytes); err != nil {
			return nil, err
		}
		return append([]byte{}, b.data[offset:offset+numBytes]...), nil
	}).bytes()
}

// GetEncoded is what is held as text in the encoding: hex (capital letters),
// base64, base64url (without padding), base32, qp or url; nil when the encoding
// is not known.
func (b *BinData) GetEncoded(encoding string) *string {
	return give(b.base(), "GetEncoded", func(l *lasterr.Log) (string, error) {
		l.Value("encoding", encoding)
		return encodeBinary(b.snapshot(), encoding)
	}).text()
}

// GetString is what is held, read as text of the charset; what is not legal in
// the charset becomes U+FFFD. It is nil when the charset is not known.
func (b *BinData) GetString(charset string) *string {
	return give(b.base(), "GetString", func(l *lasterr.Log) (string, error) {
		l.Value("charset", charset)
		return decodeText(b.snapshot(), charset)
	}).text()
}

// ContentsEqual reports whether other holds the same bytes. It is false for
// nil, and LastErrorText says so.
func (b *BinData) ContentsEqual(other *BinData) bool {
	return b.base().ask("ContentsEqual", func(*lasterr.Log) (bool, error) {
		if other == nil {
			return false, failNil("other", "BinData")
		}
		return bytes.Equal(b.snapshot(), other.snapshot()), nil
	}).answer()
}
