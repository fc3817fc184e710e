"""Program 3: a Ping between the frames of a message."""

from session import arguments, expect, finish, must, open_session

ws = open_session(arguments())
ws.PongAutoConsume = True
must(ws.SendFrame("before the ping, ", False), ws)
must(ws.SendPing("are you there?"), ws)
must(ws.SendFrame("after it", True), ws)
pongs = 0
while True:
    must(ws.ReadFrame(), ws)
    pongs += ws.PongConsumed
    if ws.FinalFrame:
        break
expect("the echo", ws.GetFrameData(), "before the ping, after it")
expect("Pongs that were passed over", pongs, 1)
finish(ws)
