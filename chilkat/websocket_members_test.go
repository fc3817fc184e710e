package chilkat_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// TestReferenceMembers walks the member list of the reference over WebSocket.
func TestReferenceMembers(t *testing.T) {
	data, err := os.ReadFile("testdata/members.txt")
	if err != nil {
		t.Fatal(err)
	}
	class := reflect.TypeFor[*chilkat.WebSocket]()
	count := map[string]int{}
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		count[words[0]]++
		name := words[1]
		if words[0] == "method" {
			wantMethod(t, class, name, words[2]+" "+words[3])
			continue
		}
		wantMethod(t, class, name, "() "+words[2])
		if words[3] == "set" {
			wantMethod(t, class, "Set"+name, "("+words[2]+") ")
			continue
		}
		if _, ok := class.MethodByName("Set" + name); ok {
			t.Errorf("property %s can be written", name)
		}
	}
	if count["property"] != 23 || count["method"] != 23 {
		t.Errorf("the list has %v, want 23 of each", count)
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
