package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// byHand are the members that python/fairlead_ws/_task.py has.
var byHand = []string{"Task.Run", "Task.RunSynchronously", "Task.Wait", "Task.Cancel"}

// keeps are the methods after which an object needs another one to live.
var keeps = []string{
	"Rest.UseConnection", "Rest.SetAuthOAuth1", "Rest.SetAuthOAuth2", "Rest.SetAuthAws", "Socket.SshAuthenticatePk",
	"WebSocket.UseConnection", "WebSocket.LoadTaskCaller", "WebSocket.ShareConnection",
}

// shows are the properties that __repr__ shows.
var shows = map[string]string{
	"WebSocket": "IsConnected", "Rest": "ResponseStatusCode", "Socket": "IsConnected", "Task": "Status", "BinData": "NumBytes", "StringBuilder": "Length",
}

var bases = map[string]string{"WebSocket": "_Waiting", "Rest": "_Waiting", "Socket": "_Waiting", "Task": "_RunsOnce"}

func base(class string) string {
	if b := bases[class]; b != "" {
		return b
	}
	return "_Object"
}

func hint(typ string) string {
	switch typ {
	case "":
		return "None"
	case "bool", "int":
		return typ
	case "string":
		return "str"
	case "*string":
		return "str | None"
	case "[]byte":
		return "bytes | None"
	default:
		return strings.TrimPrefix(typ, "*") + " | None"
	}
}

func argumentHint(typ string) string {
	if typ == "[]byte" {
		return "bytes | bytearray | memoryview"
	}
	return strings.TrimSuffix(hint(typ), " | None")
}

// signature is that of a Python method.
func (m member) signature() string {
	list := []string{"self"}
	for _, a := range m.args {
		list = append(list, a.name+": "+argumentHint(a.typ))
	}
	return "(" + strings.Join(list, ", ") + ") -> " + hint(m.result)
}

// docstring breaks text into lines of at most 100 characters.
func docstring(text, indent string) string {
	var b strings.Builder
	b.WriteString(indent + `"""`)
	room := 100 - len(indent) - 3
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case len(word) >= room:
			b.WriteString("\n" + indent)
			room = 100 - len(indent)
		default:
			b.WriteString(" ")
			room--
		}
		b.WriteString(word)
		room -= len(word)
	}
	return b.String() + `"""` + "\n"
}

func pythonCode(all []member, docs map[string]string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# %s
"""The classes of a well-known reference API, for programs written against it.

Properties are attributes, methods return None or False on failure, and LastErrorText
says why. Objects close what they hold when they are dropped, when Dispose is called,
and at the end of a with block. Arguments of a wrong type raise TypeError.

This is an independent implementation of a compatible interface. "Chilkat" is the
trade mark of its owner, with whom this project has no connection.
"""

from __future__ import annotations

from ._library import lib as _lib
from ._object import _Object, _Waiting, _bool, _bytes, _call, _call_data, _data, _decoded, _int, _object, _str, _text
from ._task import _RunsOnce

__all__ = %s
`, generated, pythonList(classes))
	class := ""
	for _, m := range all {
		if m.class != class {
			class = m.class
			fmt.Fprintf(&b, "\n\nclass %s(%s):\n%s\n    __slots__ = ()\n    _functions = (\"fl_%s_New\", \"fl_%s_Dispose\")\n    _shows = %q\n",
				class, base(class), docstring(docs[class], "    "), class, class, shows[class])
		}
		if !slices.Contains(byHand, m.class+"."+m.name) {
			m.python(&b)
		}
	}
	return b.Bytes()
}

func pythonList(list []string) string {
	return "[" + strings.Join(quoted(list), ", ") + "]"
}

func quoted(list []string) (out []string) {
	for _, s := range list {
		out = append(out, fmt.Sprintf("%q", s))
	}
	return out
}

func (m member) python(b *bytes.Buffer) {
	function := fmt.Sprintf("_lib.fl_%s_%s", m.class, m.name)
	if m.property {
		expression := function + "(self._handle)"
		switch m.result {
		case "bool":
			expression += " == 1"
		case "string":
			expression = "_text(" + function + ", self._handle)"
		}
		fmt.Fprintf(b, "\n    @property\n    def %s(self) -> %s:\n%s        return %s\n", m.name, hint(m.result), docstring(m.doc, "        "), expression)
		if m.settable {
			fmt.Fprintf(b, "\n    @%s.setter\n    def %s(self, value: %s) -> None:\n        _lib.fl_%s_Set%s(self._handle, %s)\n",
				m.name, m.name, hint(m.result), m.class, m.name, argument{"value", m.result}.python(m.name))
		}
		return
	}
	fmt.Fprintf(b, "\n    def %s%s:\n%s", m.name, m.signature(), docstring(m.doc, "        "))
	var values, objects []string
	for _, a := range m.args {
		values = append(values, a.python(m.name))
		if strings.HasPrefix(a.typ, "*") {
			objects = append(objects, a.name)
		}
	}
	list := strings.Join(append([]string{function, "self"}, values...), ", ")
	if !m.blocking && !isData(m.result) {
		list = strings.Join(append([]string{"self._handle"}, values...), ", ")
	}
	call := function + "(" + list + ")"
	switch {
	case m.blocking && isData(m.result):
		call = "_call_data(" + list + ")"
	case m.blocking:
		call = "_call(" + list + ")"
	case isData(m.result):
		call = "_data(" + list + ")"
	}
	switch m.result {
	case "bool":
		call += " == 1"
	case "*string":
		call = "_decoded(" + call + ")"
	case "*Task", "*Socket":
		call = fmt.Sprintf("%s._adopt(%s)", strings.TrimPrefix(m.result, "*"), strings.Join(append([]string{call, "self"}, objects...), ", "))
	}
	if !slices.Contains(keeps, m.class+"."+m.name) {
		if m.result == "" {
			fmt.Fprintf(b, "        %s\n", call)
		} else {
			fmt.Fprintf(b, "        return %s\n", call)
		}
		return
	}
	fmt.Fprintf(b, "        done = %s\n        if done:\n            self._keep(%q, %s)\n        return done\n", call, m.name, objects[0])
}

// python is what is passed to C for an argument.
func (a argument) python(method string) string {
	switch a.typ {
	case "bool", "int":
		return fmt.Sprintf("_%s(%q, %q, %s)", a.typ, method, a.name, a.name)
	case "string":
		return fmt.Sprintf("*_str(%q, %q, %s)", method, a.name, a.name)
	case "[]byte":
		return fmt.Sprintf("*_bytes(%q, %q, %s)", method, a.name, a.name)
	default:
		return fmt.Sprintf("_object(%q, %q, %s, %s)", method, a.name, a.name, strings.TrimPrefix(a.typ, "*"))
	}
}

func pythonStubs(all []member) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\nfrom ._object import _Object, _Waiting\nfrom ._task import _RunsOnce\n\n__all__ = %s\n", generated, pythonList(classes))
	class := ""
	for _, m := range all {
		if m.class != class {
			class = m.class
			fmt.Fprintf(&b, "\nclass %s(%s):\n    def __init__(self) -> None: ...\n", class, base(class))
		}
		if !m.property {
			fmt.Fprintf(&b, "    def %s%s: ...\n", m.name, m.signature())
			continue
		}
		fmt.Fprintf(&b, "    @property\n    def %s(self) -> %s: ...\n", m.name, hint(m.result))
		if m.settable {
			fmt.Fprintf(&b, "    @%s.setter\n    def %s(self, value: %s) -> None: ...\n", m.name, m.name, argumentHint(m.result))
		}
	}
	return b.Bytes()
}

var prototypes = regexp.MustCompile(`(?m)^(\w+) (fl_\w+)\((.*)\);`)

// signatures are the types of all functions, for ctypes, one letter a parameter.
func signatures(head string, all []member) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# %s
"""Result and parameters of each function: u uint64, i int64, b int32, s text, n size,
w a buffer to write into, d data for a result, c the cell of a call, v nothing."""

SIGNATURES = {
`, generated)
	letters := map[string]string{
		"uint64_t": "u", "int64_t": "i", "int32_t": "b", "fl_chars": "s", "size_t": "n", "char *": "w", "fl_data *": "d", "uint64_t *": "c", "void": "v",
	}
	for _, p := range prototypes.FindAllStringSubmatch(string(header(head, all)), -1) {
		if p[2] == "fl_conn_take" {
			continue
		}
		code := letters[p[1]]
		for _, parameter := range strings.Split(p[3], ", ") {
			if parameter == "void" {
				continue
			}
			i := strings.LastIndexAny(parameter, " *")
			code += letters[strings.TrimSpace(parameter[:i+1])]
		}
		fmt.Fprintf(&b, "    %q: %q,\n", p[2], code)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// referenceList is the list of members for the tests of Python.
func referenceList(all []member) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", generated)
	for _, m := range all {
		kind := "method"
		if m.property && m.settable {
			kind = "set"
		} else if m.property {
			kind = "get"
		}
		var names []string
		for _, a := range m.args {
			names = append(names, a.name+":"+strings.TrimPrefix(a.typ, "*"))
		}
		fmt.Fprintf(&b, "%s %s %s %s %s\n", m.class, m.name, kind, cmp(strings.Join(names, ","), "-"), cmp(m.result, "-"))
	}
	return b.Bytes()
}

func cmp(s, or string) string {
	if s == "" {
		return or
	}
	return s
}
