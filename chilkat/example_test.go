package chilkat_test

import (
	"fmt"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// Bytes go in and out in any encoding.
func ExampleBinData() {
	bd := chilkat.NewBinData()
	bd.AppendEncoded("48 65 6C 6C 6F", "hex")
	bd.AppendString(", world", "utf-8")
	fmt.Println(bd.NumBytes(), *bd.GetString("utf-8"), *bd.GetEncoded("base64"))
	// Output: 12 Hello, world SGVsbG8sIHdvcmxk
}

// A call that fails says why, and what to do.
func ExampleBinData_LastError() {
	bd := chilkat.NewBinData()
	if !bd.AppendEncoded("not hex", "hex") {
		fmt.Println(bd.LastError())
	}
	// Output: chilkat: the text is not valid hex: encoding/hex: invalid byte: U+006E 'n'
}

func ExampleStringBuilder() {
	sb := chilkat.NewStringBuilder()
	sb.Append("one two")
	sb.AppendLine(" three", true)
	sb.Trim()
	fmt.Println(sb.Replace("o", "0"), *sb.GetAsString(), sb.Length())
	// Output: 2 0ne tw0 three 13
}
