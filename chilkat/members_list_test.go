package chilkat_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// listedMember is a line of the member lists in testdata.
type listedMember struct {
	class, kind, name string
	first, second     string // of a property type and get|set, of a method arguments and result
}

// listedMembers reads the lists of members that have a test each.
func listedMembers(t *testing.T) []listedMember {
	t.Helper()
	return append(readMembers(t, "testdata/members.txt"), readMembers(t, "testdata/members_more.txt")...)
}

// readMembers reads a list. Before the first class it speaks of WebSocket.
func readMembers(t *testing.T, files ...string) []listedMember {
	t.Helper()
	var list []listedMember
	for _, file := range files {
		class := "WebSocket"
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			words := strings.Fields(line)
			switch {
			case len(words) == 0 || words[0] == "#":
			case words[0] == "class":
				class = words[1]
			case len(words) == 4:
				list = append(list, listedMember{class, words[0], words[1], words[2], words[3]})
			default:
				t.Fatalf("%s: %q", file, line)
			}
		}
	}
	return list
}

var classTypes = map[string]reflect.Type{
	"WebSocket":     reflect.TypeFor[*chilkat.WebSocket](),
	"Rest":          reflect.TypeFor[*chilkat.Rest](),
	"Socket":        reflect.TypeFor[*chilkat.Socket](),
	"Task":          reflect.TypeFor[*chilkat.Task](),
	"BinData":       reflect.TypeFor[*chilkat.BinData](),
	"StringBuilder": reflect.TypeFor[*chilkat.StringBuilder](),
	"Global":        reflect.TypeFor[*chilkat.Global](),
	"SshKey":        reflect.TypeFor[*chilkat.SshKey](),
	"OAuth1":        reflect.TypeFor[*chilkat.OAuth1](),
	"OAuth2":        reflect.TypeFor[*chilkat.OAuth2](),
	"AuthAws":       reflect.TypeFor[*chilkat.AuthAws](),
}

// TestReferenceMembers walks the member lists over the classes.
func TestReferenceMembers(t *testing.T) {
	count := map[string]int{}
	for _, m := range append(listedMembers(t), readMembers(t, "testdata/members_other.txt")...) {
		if m.class == "*" {
			for _, class := range classTypes {
				m.want(t, class)
			}
			continue
		}
		class := classTypes[m.class]
		if class == nil {
			t.Fatalf("no class %q", m.class)
		}
		count[m.class+" "+m.kind]++
		m.want(t, class)
	}
	// ShareConnection and HeartbeatMs are ours.
	if count["WebSocket property"] != 23+1 || count["WebSocket method"] != 23+1 {
		t.Errorf("the list has %v, want 23 of each for WebSocket", count)
	}
}

// TestMembersAreListed wants every member in a list, but for those that take or
// give what only Go has.
func TestMembersAreListed(t *testing.T) {
	goOnly := []string{"Conn", "Done", "LastError", "SetAbortCheck", "SetContext", "SetTLSConfig", "SetTaskCompleted"}
	listed := map[string]bool{}
	for _, m := range append(listedMembers(t), readMembers(t, "testdata/members_other.txt")...) {
		if listed[m.class+"."+m.name] {
			t.Errorf("%s.%s is listed twice", m.class, m.name)
		}
		listed[m.class+"."+m.name] = true
		if m.second == "set" {
			listed[m.class+".Set"+m.name] = true
		}
	}
	for name, class := range classTypes {
		for i := range class.NumMethod() {
			m := class.Method(i).Name
			if !listed[name+"."+m] && !listed["*."+m] && m != "Dispose"+name && !slices.Contains(goOnly, m) {
				t.Errorf("%s.%s is in no list", name, m)
			}
		}
	}
}

// want looks for the member m in class.
func (m listedMember) want(t *testing.T, class reflect.Type) {
	t.Helper()
	if m.kind == "method" {
		wantMethod(t, class, m.name, m.first+" "+strings.TrimPrefix(m.second, "-"))
		return
	}
	wantMethod(t, class, m.name, "() "+m.first)
	if m.second == "set" {
		wantMethod(t, class, "Set"+m.name, "("+m.first+") ")
		return
	}
	if _, ok := class.MethodByName("Set" + m.name); ok {
		t.Errorf("property %s can be written", m.name)
	}
}

func wantMethod(t *testing.T, class reflect.Type, name, want string) {
	t.Helper()
	m, ok := class.MethodByName(name)
	if !ok {
		t.Errorf("%s is missing", name)
		return
	}
	var in []string
	for i := 1; i < m.Type.NumIn(); i++ {
		in = append(in, typeName(m.Type.In(i)))
	}
	got := "(" + strings.Join(in, ",") + ") "
	if m.Type.NumOut() > 0 {
		got += typeName(m.Type.Out(0))
	}
	if got != want || m.Type.NumOut() > 1 {
		t.Errorf("%s is %s, want %s", name, got, want)
	}
}

func typeName(t reflect.Type) string {
	return strings.NewReplacer("chilkat.", "", "uint8", "byte").Replace(fmt.Sprint(t))
}
