"""Program 5: close from this side; then the server closes first, answered by itself and by hand."""

from session import arguments, expect, must, open_session

LOST = 3

url = arguments()
ws = open_session(url)
must(ws.SendClose(True, 1000, "done"), ws)
must(ws.ReadFrame(), ws)
expect("FrameOpcode", ws.FrameOpcode, "Close")
expect("CloseStatusCode", ws.CloseStatusCode, 1000)
expect("IsConnected", ws.IsConnected, False)
print("CloseReason:", repr(ws.CloseReason))

for by_itself in True, False:
    ws = open_session(url, "?close=4000&reason=enough")
    ws.CloseAutoRespond = by_itself
    must(ws.ReadFrame(), ws)
    expect("FrameOpcode", ws.FrameOpcode, "Close")
    expect("CloseReceived", ws.CloseReceived, True)
    expect("CloseStatusCode", ws.CloseStatusCode, 4000)
    expect("CloseReason", ws.CloseReason, "enough")
    expect("IsConnected", ws.IsConnected, not by_itself)
    if not by_itself:
        must(ws.SendClose(True, 4001, "me too"), ws)
        expect("IsConnected", ws.IsConnected, False)
    expect("ReadFrame", ws.ReadFrame(), False)
    expect("ReadFrameFailReason", ws.ReadFrameFailReason, LOST)
