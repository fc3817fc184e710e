package chilkat_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// listedMember is a line of the member lists in testdata.
type listedMember struct {
	class, kind, name string
	first, second     string // of a property type and get|set, of a method arguments and result
}

// listedMembers reads the member lists.
func listedMembers(t *testing.T) []listedMember {
	t.Helper()
	var list []listedMember
	for file, class := range map[string]string{"testdata/members.txt": "WebSocket", "testdata/members_more.txt": ""} {
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
	"WebSocket": reflect.TypeFor[*chilkat.WebSocket](),
	"Rest":      reflect.TypeFor[*chilkat.Rest](),
	"Socket":    reflect.TypeFor[*chilkat.Socket](),
	"SshKey":    reflect.TypeFor[*chilkat.SshKey](),
	"OAuth1":    reflect.TypeFor[*chilkat.OAuth1](),
	"OAuth2":    reflect.TypeFor[*chilkat.OAuth2](),
	"AuthAws":   reflect.TypeFor[*chilkat.AuthAws](),
}

// TestReferenceMembers walks the member lists over the classes.
func TestReferenceMembers(t *testing.T) {
	count := map[string]int{}
	for _, m := range listedMembers(t) {
		class := classTypes[m.class]
		if class == nil {
			t.Fatalf("no class %q", m.class)
		}
		count[m.class+" "+m.kind]++
		if m.kind == "method" {
			wantMethod(t, class, m.name, m.first+" "+m.second)
			continue
		}
		wantMethod(t, class, m.name, "() "+m.first)
		if m.second == "set" {
			wantMethod(t, class, "Set"+m.name, "("+m.first+") ")
			continue
		}
		if _, ok := class.MethodByName("Set" + m.name); ok {
			t.Errorf("property %s can be written", m.name)
		}
	}
	if count["WebSocket property"] != 23 || count["WebSocket method"] != 23 {
		t.Errorf("the list has %v, want 23 of each for WebSocket", count)
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

func typeName(t reflect.Type) string { return strings.ReplaceAll(fmt.Sprint(t), "chilkat.", "") }
