package chilkat

import (
	"bytes"
	"os"
	"strconv"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// BinData holds bytes: those of a binary frame, of a file, of an encoded text.
// The zero value is empty and ready. Slices that go in and out are copied.
type BinData struct {
	object
	data []byte // guarded by object.mu
}

// NewBinData makes an empty BinData.
func NewBinData() *BinData { return &BinData{} }

// DisposeBinData overwrites and drops the bytes; it may be called twice.
func (b *BinData) DisposeBinData() { b.base().dispose("DisposeBinData", b.wipe) }

// NumBytes is the number of bytes held.
func (b *BinData) NumBytes() int { return get(b.base(), "NumBytes", func() int { return len(b.data) }) }

// snapshot is a copy of the bytes, not nil.
func (b *BinData) snapshot() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]byte{}, b.data...)
}

func (b *BinData) append(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p...)
}

func (b *BinData) replace(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = p
}

func (b *BinData) wipe() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.data[:cap(b.data)])
	b.data = nil
}

// store runs a method that gets bytes from make and hands them to keep.
func (b *BinData) store(name string, keep func([]byte), make func(l *lasterr.Log) ([]byte, error)) bool {
	return b.base().call(name, func(l *lasterr.Log) error {
		p, err := make(l)
		if err != nil {
			return err
		}
		l.Value("bytes", len(p))
		keep(p)
		return nil
	}).status()
}

// AppendBinary appends data. Nil appends nothing.
func (b *BinData) AppendBinary(data []byte) bool {
	return b.store("AppendBinary", b.append, func(*lasterr.Log) ([]byte, error) { return data, nil })
}

// AppendString appends text as bytes of the charset. It fails when the charset
// is not known or lacks a character of the text.
func (b *BinData) AppendString(text, charset string) bool {
	return b.store("AppendString", b.append, func(l *lasterr.Log) ([]byte, error) {
		l.Value("charset", charset)
		return encodeText(text, charset)
	})
}

// AppendEncoded appends the bytes that the text stands for in the encoding:
// hex, base64, base64url, base32, qp or url. It fails when the text is not
// valid, and then appends nothing.
func (b *BinData) AppendEncoded(text, encoding string) bool {
	return b.store("AppendEncoded", b.append, func(l *lasterr.Log) ([]byte, error) {
		l.Value("encoding", encoding)
		return decodeBinary(text, encoding)
	})
}

// AppendByte appends one byte. It fails for a number outside 0 to 255.
func (b *BinData) AppendByte(value int) bool {
	return b.store("AppendByte", b.append, func(l *lasterr.Log) ([]byte, error) {
		if value < 0 || value > 255 {
			l.Value("value", value)
			return nil, fail("the argument value is not a byte", "Pass a number from 0 to 255.")
		}
		return []byte{byte(value)}, nil
	})
}

// AppendBd appends what other holds. It fails for nil.
func (b *BinData) AppendBd(other *BinData) bool {
	return b.store("AppendBd", b.append, func(*lasterr.Log) ([]byte, error) {
		if other == nil {
			return nil, failNil("other", "BinData")
		}
		return other.snapshot(), nil
	})
}

// AppendSb appends the text of sb as bytes of the charset. It fails for nil,
// and like AppendString.
func (b *BinData) AppendSb(sb *StringBuilder, charset string) bool {
	return b.store("AppendSb", b.append, func(l *lasterr.Log) ([]byte, error) {
		l.Value("charset", charset)
		if sb == nil {
			return nil, failNil("sb", "StringBuilder")
		}
		return encodeText(sb.snapshot(), charset)
	})
}

// LoadBinary replaces what is held by data.
func (b *BinData) LoadBinary(data []byte) bool {
	return b.store("LoadBinary", b.replace, func(*lasterr.Log) ([]byte, error) { return bytes.Clone(data), nil })
}

// LoadEncoded replaces what is held by the bytes that the text stands for; see
// AppendEncoded.
func (b *BinData) LoadEncoded(text, encoding string) bool {
	return b.store("LoadEncoded", b.replace, func(l *lasterr.Log) ([]byte, error) {
		l.Value("encoding", encoding)
		return decodeBinary(text, encoding)
	})
}

// LoadFile replaces what is held by the content of a file.
func (b *BinData) LoadFile(path string) bool {
	return b.store("LoadFile", b.replace, func(l *lasterr.Log) ([]byte, error) { return readFile(l, path) })
}

// WriteFile writes what is held into a file, replacing the file.
func (b *BinData) WriteFile(path string) bool {
	return b.base().call("WriteFile", func(l *lasterr.Log) error { return writeFile(l, path, b.snapshot()) }).status()
}

// RemoveChunk removes numBytes bytes from offset on. It fails when the bytes
// held do not reach that far.
func (b *BinData) RemoveChunk(offset, numBytes int) bool {
	return b.base().call("RemoveChunk", func(l *lasterr.Log) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if err := inside(l, len(b.data), offset, numBytes); err != nil {
			return err
		}
		b.data = append(b.data[:offset], b.data[offset+numBytes:]...)
		return nil
	}).status()
}

// Clear drops the bytes held.
func (b *BinData) Clear() bool {
	return b.base().call("Clear", func(*lasterr.Log) error { b.replace(nil); return nil }).status()
}

// SecureClear overwrites the bytes held with zeros and drops them. Copies that
// were handed out, or left behind when the data grew, are not reached.
func (b *BinData) SecureClear() bool {
	return b.base().call("SecureClear", func(*lasterr.Log) error { b.wipe(); return nil }).status()
}

// inside checks a part of data against its length, without overflow.
func inside(l *lasterr.Log, length, offset, numBytes int) error {
	if offset >= 0 && numBytes >= 0 && offset <= length && numBytes <= length-offset {
		return nil
	}
	l.Value("offset", offset)
	l.Value("numBytes", numBytes)
	l.Value("length", length)
	return fail("there is no such part: the data has "+strconv.Itoa(length)+" bytes", "Pass an offset from 0 on and a number of bytes that ends inside the data; NumBytes tells its length.")
}

func readFile(l *lasterr.Log, path string) ([]byte, error) {
	l.Value("path", path)
	if path == "" {
		return nil, fail("the argument path is empty", "Pass the path of a file.")
	}
	p, err := os.ReadFile(path)
	if err != nil {
		return nil, failFor(err, "the file cannot be read", "Check the path and the rights of the file.")
	}
	return p, nil
}

func writeFile(l *lasterr.Log, path string, p []byte) error {
	l.Value("path", path)
	l.Value("bytes", len(p))
	if path == "" {
		return fail("the argument path is empty", "Pass the path of a file.")
	}
	if err := os.WriteFile(path, p, 0o644); err != nil {
		return failFor(err, "the file cannot be written", "Check that the folder exists and may be written to.")
	}
	return nil
}
