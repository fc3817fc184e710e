package chilkat_test

import (
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestUncommonOptions(t *testing.T) {
	t.Run("property", func(t *testing.T) {
		ws := newSocket(t)
		want(t, "UncommonOptions", ws.UncommonOptions(), "")
		for _, known := range []string{"ProtectFromVpn", " ProtectFromVpn , AllowAnyCloseCode,", "maxmessagebytes = 5", ""} {
			ws.SetUncommonOptions(known)
			want(t, "UncommonOptions", ws.UncommonOptions(), known)
			if err := ws.LastError(); err != nil {
				t.Errorf("%q is refused: %v", known, err)
			}
		}
		ws.SetUncommonOptions("ProtectFromVpn,Frobnicate=1,MaxMessageBytes=x")
		mustFail(t, false, ws, `The keyword "Frobnicate=1" of UncommonOptions is not known`)
		for _, bad := range []string{"MaxMessageBytes", "MaxMessageBytes=", "MaxMessageBytes=-1", "MaxMessageBytes=1k", "MaxMessageBytes=99999999999999999999"} {
			ws.SetUncommonOptions(bad)
			mustFail(t, false, ws, "The value of MaxMessageBytes is not a number of bytes.")
		}
	})
	t.Run("what is known has its effect beside what is not", func(t *testing.T) {
		ws := echo(t, "")
		ws.SetUncommonOptions("Frobnicate,AllowAnyCloseCode")
		must(t, ws.SendClose(true, 999, ""), ws)
	})
	t.Run("MaxMessageBytes", func(t *testing.T) {
		for option, fits := range map[string]bool{"MaxMessageBytes=9": false, "MaxMessageBytes=10": true, "MaxMessageBytes=0": true} {
			ws := echo(t, "", func(ws *chilkat.WebSocket) { ws.SetUncommonOptions(option) })
			must(t, ws.SendFrame("0123456789", true), ws)
			want(t, "ReadFrame with "+option, ws.ReadFrame(), fits)
			if !fits {
				want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 4)
				wantLog(t, ws, "MaxMessageBytes=N")
			}
		}
	})
	t.Run("MaxMessageBytes counts all frames", func(t *testing.T) {
		ws := newSocket(t)
		ws.SetUncommonOptions("MaxMessageBytes=5")
		peer := wstest.Listen(wstest.Upgrade(), send(frame.Text, false, "123"), send(frame.Continuation, true, "456"), wstest.ExpectClose(1009))
		defer peer.Close()
		openOn(t, ws, dial(t, peer.URL()), "/")
		must(t, ws.ReadFrame(), ws)
		mustFail(t, ws.ReadFrame(), ws, "larger than allowed")
		if err := peer.Err(); err != nil {
			t.Error(err)
		}
	})
	t.Run("MaxMessageBytes=0 is no limit", func(t *testing.T) {
		ws := newSocket(t)
		ws.SetUncommonOptions("MaxMessageBytes=0")
		peer := wstest.Listen(wstest.Upgrade(), wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Binary}, make([]byte, 17<<20)))
		defer peer.Close()
		openOn(t, ws, dial(t, peer.URL()), "/")
		must(t, ws.ReadFrame(), ws)
		want(t, "FrameDataLen", ws.FrameDataLen(), 17<<20)
	})
}
