package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestFresh wants the committed files to be what the generator writes.
func TestFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is old: run go generate in cabi", name)
		}
	}
}
