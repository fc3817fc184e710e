"""Program 7: a binary message."""

from fairlead_ws import chilkat2
from session import arguments, expect, finish, must, open_session

ws = open_session(arguments())
sent = bytes(range(256)) * 300
data = chilkat2.BinData()
must(data.AppendBinary(sent), data)
must(ws.SendFrameBd(data, True), ws)
must(data.Clear(), data)
must(ws.ReadFrame(), ws)
expect("FrameOpcode", ws.FrameOpcode, "Binary")
while not ws.FinalFrame:
    must(ws.ReadFrame(), ws)
must(ws.GetFrameDataBd(data), ws)
expect("NumBytes", data.NumBytes, len(sent))
expect("the echo is what was sent", data.GetBinary() == sent, True)
expect("its beginning", data.GetEncoded("hex")[:8].lower(), "00010203")
finish(ws)
