package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	root := ".." // go generate runs in cabi
	files, err := generate(root)
	for name, text := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(root, name), text, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate returns the files, by their path from root.
func generate(root string) (map[string][]byte, error) {
	all, docs, err := load(root)
	if err != nil {
		return nil, err
	}
	head, err := os.ReadFile(filepath.Join(root, "cabi/gen/header.txt"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		"cabi/fairlead.h":                    header(string(head), all),
		"python/fairlead_ws/chilkat2.py":     pythonCode(all, docs),
		"python/fairlead_ws/chilkat2.pyi":    pythonStubs(all),
		"python/fairlead_ws/_signatures.py":  signatures(string(head), all),
		"python/tests/reference_members.txt": referenceList(all),
	}
	for _, class := range classes {
		others := func(m member) bool { return m.class != class }
		code, err := goCode(class, slices.DeleteFunc(slices.Clone(all), others))
		if err != nil {
			return nil, err
		}
		files["cabi/"+strings.ToLower(class)+"_gen.go"] = code
	}
	return files, nil
}
