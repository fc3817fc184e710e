package auth_test

import (
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
)

func TestBasic(t *testing.T) {
	for _, c := range []struct {
		row, user, password, want string
	}{
		{"RFC 7617 section 2", "Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
		{"E17 not ASCII, RFC 7617 section 2.1", "test", "123£", "Basic dGVzdDoxMjPCow=="},
		{"E17 empty user", "", "x", "Basic Ong="},
		{"E17 both empty", "", "", "Basic Og=="},
		{"colon in the password", "a", "b:c", "Basic YTpiOmM="},
	} {
		t.Run(c.row, func(t *testing.T) {
			b := auth.Basic{Username: c.user, Password: c.password}
			for _, r := range []*auth.Request{get(t, "ws://h/"), connect("h:443")} {
				sent, err := play(b, r)
				if err != nil || len(sent) != 1 || sent[0] != c.want {
					t.Errorf("got %q, %v, want %q", sent, err, c.want)
				}
				if len(r.Header) != 1 {
					t.Errorf("fields: %v", r.Header)
				}
			}
		})
	}
}

func TestBasicRefusesBeforeSending(t *testing.T) {
	long := make([]byte, 17<<10)
	for i := range long {
		long[i] = 'a'
	}
	for _, c := range []struct{ row, user, password, says string }{
		{"E17 colon", "a:b", canary, "colon"},
		{"E17 L32 CR", "a\rb", canary, "user name has a control character"},
		{"E17 L32 LF in the password", "a", canary + "\nX-Y: 1", "password has a control character"},
		{"E17 L32 NUL", "a\x00", canary, "control character"},
		{"E17 L32 DEL", "a", canary + "\x7f", "control character"},
		{"not UTF-8", "a", canary + "\xff", "UTF-8"},
		{"too long", string(long), canary, "longer than 16384 bytes"},
	} {
		t.Run(c.row, func(t *testing.T) {
			r := get(t, "wss://h/")
			_, err := play(auth.Basic{Username: c.user, Password: c.password}, r)
			fails(t, err, nil, c.says)
			if len(r.Header) != 0 {
				t.Errorf("something was written: %v", r.Header)
			}
		})
	}
}

func TestBasicRefused(t *testing.T) {
	b := auth.Basic{Username: "alice", Password: canary}
	for _, c := range []struct {
		row        string
		challenges []string
		target     error
		says       string
	}{
		{"E18 F02 again", ask(`Basic realm="x"`), auth.ErrRefused, "after it got Basic"},
		{"F06 no field at all", nil, auth.ErrRefused, "Basic"},
		{"another scheme", ask(`Negotiate`), auth.ErrNotOffered, "negotiate"},
		{"L41 a realm is not shown", ask("Basic realm=\"" + canary + "\""), auth.ErrRefused, ""},
	} {
		t.Run(c.row, func(t *testing.T) {
			for _, r := range []*auth.Request{get(t, "wss://h/"), connect("h:443")} {
				sent, err := play(b, r, c.challenges)
				fails(t, err, c.target, c.says)
				if len(sent) != 1 {
					t.Errorf("%d requests were sent", len(sent))
				}
			}
		})
	}
}
