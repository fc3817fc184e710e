package chilkat

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestEncodings(t *testing.T) {
	tests := []struct{ encoding, data, text string }{
		{"hex", "\x00\xab\xff", "00ABFF"},
		{"base64", "\xfb\xff", "+/8="},
		{"base64", "", ""},
		{"base64url", "\xfb\xff", "-_8"},
		{"base32", "fooba", "MZXW6YTB"},
		{"base32", "f", "MY======"},
		{"qp", "caf\xe9=\r\n\t", "caf=E9=3D=0D=0A=09"},
		{"url", "a b+c/~\xff", "a%20b%2Bc%2F~%FF"},
	}
	for _, tt := range tests {
		if got := bdOf(tt.data).GetEncoded(tt.encoding); got == nil || *got != tt.text {
			t.Errorf("%s of %q is %q, want %q", tt.encoding, tt.data, *got, tt.text)
		}
		b := NewBinData()
		if !b.LoadEncoded(tt.text, tt.encoding) {
			t.Error(b.LastErrorText())
		}
		wantData(t, b, tt.data)
	}
}

// Encoded text may be folded, without padding, or in small letters.
func TestDecodingIsTolerant(t *testing.T) {
	tests := []struct{ encoding, text, data string }{
		{" HEX ", "00 ab\r\nFF", "\x00\xab\xff"},
		{"base64", "+/8", "\xfb\xff"},
		{"base64", "Zm9v\r\nYmE=\n", "fooba"},
		{"Base64URL", "-_8=", "\xfb\xff"},
		{"base32", "mzxw6ytb", "fooba"},
		{"base32", "MY", "f"},
		{"qp", "a=\r\nb=e9", "ab\xe9"},
		{"url", "a+b%2f", "a+b/"},
	}
	for _, tt := range tests {
		b := NewBinData()
		if !b.LoadEncoded(tt.text, tt.encoding) {
			t.Error(b.LastErrorText())
		}
		wantData(t, b, tt.data)
	}
}

func TestDecodingRefuses(t *testing.T) {
	for encoding, text := range map[string]string{"hex": "0g", "base64": "-_8", "base64url": "+/8", "base32": "01", "qp": "\x00", "url": "%zz"} {
		b := bdOf("kept")
		if b.LoadEncoded(text, encoding) || b.GetBinary() == nil {
			t.Errorf("%s took %q", encoding, text)
		}
		wantData(t, b, "kept")
	}
}

func TestEveryEncodingGivesBack(t *testing.T) {
	for name := range binaryEncodings {
		rapid.Check(t, func(t *rapid.T) {
			data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
			text, err := encodeBinary(data, name)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []byte(text) {
				if c > '~' {
					t.Fatalf("%s is not ASCII: %q", name, text)
				}
			}
			back, err := decodeBinary(text, name)
			if err != nil || back == nil || !bytes.Equal(back, data) {
				t.Fatalf("%s: %q gave %q, %v", name, text, back, err)
			}
		})
	}
}

func TestCharsets(t *testing.T) {
	tests := []struct{ charset, text, bytes string }{
		{"utf-8", "é世", "\xc3\xa9\xe4\xb8\x96"},
		{"UTF8", "é", "\xc3\xa9"},
		{" utf-8 ", "é", "\xc3\xa9"},
		{"iso-8859-1", "é", "\xe9"},
		{"latin1", "é", "\xe9"},
		{"windows-1252", "€", "\x80"},
		{"iso-8859-15", "€", "\xa4"},
		{"shift_jis", "世", "\x90\xa2"},
		{"euc-kr", "한", "\xc7\xd1"},
		{"gb18030", "世", "\xca\xc0"},
		{"big5", "世", "\xa5\x40"},
		{"koi8-r", "Ж", "\xf6"},
		{"utf-16le", "A", "A\x00"},
		{"utf-16be", "A", "\x00A"},
		{"us-ascii", "A", "A"},
		{"x-sjis", "世", "\x90\xa2"}, // a name of browsers
	}
	for _, tt := range tests {
		got, err := encodeText(tt.text, tt.charset)
		if err != nil || string(got) != tt.bytes {
			t.Errorf("%s: %q is %q, %v", tt.charset, tt.text, got, err)
		}
		back, err := decodeText([]byte(tt.bytes), tt.charset)
		if err != nil || back != tt.text {
			t.Errorf("%s: %q is %q, %v", tt.charset, tt.bytes, back, err)
		}
	}
}

func TestQuoteCuts(t *testing.T) {
	if got := quote(string(bytes.Repeat([]byte("x"), 100))); len(got) > 50 {
		t.Errorf("an argument is quoted with %d bytes", len(got))
	}
}
