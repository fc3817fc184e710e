package fairlead_test

import (
	"errors"
	"net"
	"reflect"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// TestConnThatNobodyMade: L-09: no method of a nil or zero Conn panics, and those
// that have an error return one.
func TestConnThatNobodyMade(t *testing.T) {
	for _, c := range []*fairlead.Conn{nil, new(fairlead.Conn)} {
		v := reflect.ValueOf(c)
		for i := range v.NumMethod() {
			name, method := v.Type().Method(i).Name, v.Method(i)
			var args []reflect.Value
			for j := range method.Type().NumIn() {
				switch in := method.Type().In(j); in.String() {
				case "context.Context":
					args = append(args, reflect.ValueOf(within(t, 0)))
				case "fairlead.MessageType":
					args = append(args, reflect.ValueOf(fairlead.Text))
				case "frame.StatusCode":
					args = append(args, reflect.ValueOf(frame.StatusNormal))
				case "frame.Header":
					args = append(args, reflect.ValueOf(frame.Header{Fin: true, Opcode: frame.Text}))
				default:
					args = append(args, reflect.Zero(in))
				}
			}
			for _, out := range method.Call(args) {
				if err, ok := out.Interface().(error); ok && !errors.Is(err, net.ErrClosed) {
					t.Errorf("%s: %v", name, err)
				} else if out.Type().String() == "error" && !ok {
					t.Errorf("%s: no error", name)
				}
			}
		}
		for _, err := range c.Messages(t.Context()) {
			wantErr(t, err, net.ErrClosed)
		}
		w := c.Writer(t.Context(), fairlead.Text)
		_, err := w.Write([]byte("x"))
		wantErr(t, err, net.ErrClosed)
		wantErr(t, w.Close(), net.ErrClosed)
		nc := c.AsNetConn(fairlead.Text)
		_, err = nc.Read(make([]byte, 1))
		wantErr(t, err, net.ErrClosed)
		_, _ = nc.LocalAddr(), nc.RemoteAddr()
	}
}
