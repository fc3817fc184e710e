// Command gen writes the parts of cabi and python that have something for each
// member of the classes of package chilkat: the functions of the C interface,
// their prototypes, the classes of Python and their stubs. What members there are
// it reads from the lists in chilkat/testdata, the names of their arguments from
// the source of chilkat, what help() says from docs.txt beside it.
package main

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// classes are in the order in which the files have them.
var classes = []string{"WebSocket", "Rest", "Socket", "Task", "BinData", "StringBuilder", "Global", "SshKey", "OAuth1", "OAuth2", "AuthAws"}

// blocking are the members without an Async twin that may take long.
var blocking = []string{
	"Socket.Close", "Socket.SetSslClientCertPem", "Socket.SetSslClientCertPfx", "Socket.SshAuthenticatePk", "Socket.SshAuthenticatePw",
	"Socket.SshCloseTunnel", "Socket.SshOpenChannel", "Socket.SshOpenTunnel", "Task.RunSynchronously", "Task.Wait",
	"BinData.LoadFile", "BinData.WriteFile", "StringBuilder.LoadFile", "StringBuilder.WriteFile", "SshKey.LoadText",
}

// An argument of a method.
type argument struct {
	name, typ string // typ as Go writes it
}

// A member of a class.
type member struct {
	class, name string
	property    bool
	settable    bool
	args        []argument
	result      string // Go type, "" for none
	blocking    bool
	doc         string
}

// load reads the members of all classes; root is the folder of the repository.
func load(root string) ([]member, map[string]string, error) {
	docs, err := readDocs(filepath.Join(root, "cabi/gen/docs.txt"))
	if err != nil {
		return nil, nil, err
	}
	names, err := argumentNames(filepath.Join(root, "chilkat"))
	if err != nil {
		return nil, nil, err
	}
	var all []member
	for _, file := range []string{"members.txt", "members_more.txt", "members_other.txt"} {
		list, err := readList(filepath.Join(root, "chilkat/testdata", file))
		if err != nil {
			return nil, nil, err
		}
		all = append(all, list...)
	}
	known := map[string]bool{}
	for _, m := range all {
		known[m.class+"."+m.name] = true
	}
	for i := range all {
		m := &all[i]
		key := m.class + "." + m.name
		m.blocking = known[key+"Async"] || slices.Contains(blocking, key)
		twin, async := strings.CutSuffix(key, "Async")
		switch {
		case async:
			m.doc = "Prepare a Task that calls " + twin[len(m.class)+1:] + " with these arguments. Call its Run. None on failure."
		case docs[key] != "":
			m.doc = docs[key]
		case docs["*."+m.name] != "":
			m.doc = docs["*."+m.name]
		default:
			return nil, nil, fmt.Errorf("docs.txt says nothing of %s", key)
		}
		delete(docs, key)
		if m.property {
			continue
		}
		got := names[key]
		if len(got) != len(m.args) {
			return nil, nil, fmt.Errorf("%s has %d arguments in the list and %d in the source", key, len(m.args), len(got))
		}
		for j, name := range got {
			m.args[j].name = name
		}
	}
	slices.SortStableFunc(all, func(a, b member) int {
		if a.class != b.class {
			return slices.Index(classes, a.class) - slices.Index(classes, b.class)
		}
		if a.property != b.property {
			return map[bool]int{true: -1, false: 1}[a.property]
		}
		return strings.Compare(a.name, b.name)
	})
	return all, docs, nil
}

// readList reads a list of members. Before the first class it speaks of WebSocket;
// class * is every class.
func readList(file string) ([]member, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	class, common := "WebSocket", false
	var list []member
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "class":
			class, common = words[1], words[1] == "*"
		case len(words) != 4:
			return nil, fmt.Errorf("%s: %q", file, line)
		case common:
			for _, c := range classes {
				if c != "WebSocket" { // has them in its own list
					list = append(list, parse(c, words))
				}
			}
		default:
			list = append(list, parse(class, words))
		}
	}
	return list, nil
}

func parse(class string, words []string) member {
	m := member{class: class, name: words[1]}
	if words[0] == "property" {
		m.property, m.result, m.settable = true, words[2], words[3] == "set"
		return m
	}
	if list := strings.Trim(words[2], "()"); list != "" {
		for _, typ := range strings.Split(list, ",") {
			m.args = append(m.args, argument{typ: typ})
		}
	}
	m.result = strings.TrimPrefix(words[3], "-")
	return m
}

func readDocs(file string) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	docs := map[string]string{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, text, ok := strings.Cut(line, ": ")
		if !ok || docs[key] != "" {
			return nil, fmt.Errorf("docs.txt: %q", line)
		}
		docs[key] = text
	}
	return docs, nil
}

// argumentNames are those of the exported methods of the package in dir.
func argumentNames(dir string) (map[string][]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	names := map[string][]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !f.Name.IsExported() {
				continue
			}
			pointer, ok := f.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			key := pointer.X.(*ast.Ident).Name + "." + f.Name.Name
			names[key] = []string{}
			for _, field := range f.Type.Params.List {
				for _, n := range field.Names {
					names[key] = append(names[key], n.Name)
				}
				if len(field.Names) == 0 {
					names[key] = append(names[key], "code") // of UnlockBundle, the only one without a name
				}
			}
		}
	}
	return names, nil
}
