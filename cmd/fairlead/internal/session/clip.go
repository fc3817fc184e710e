package session

import "fmt"

// maxShown is how much of a message a person gets to see.
const maxShown = 64 << 10

// Head is the part of a message that a person gets to see.
func Head(p []byte) []byte { return p[:min(len(p), maxShown)] }

// Clip says how much of p is missing in shown.
func Clip(shown string, p []byte) string {
	if len(p) > maxShown {
		shown += fmt.Sprintf("\n... and %d more bytes; in a pipe all of them are written", len(p)-maxShown)
	}
	return shown
}

// ClipText is Head for text.
func ClipText(text string) string { return Clip(string(Head([]byte(text))), []byte(text)) }
