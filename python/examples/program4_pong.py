"""Program 4: answer the server's Ping by hand."""

from session import arguments, expect, finish, must, open_session, read_message

ws = open_session(arguments(), "?ping=hello")
ws.PingAutoRespond = False
must(ws.ReadFrame(), ws)
expect("FrameOpcode", ws.FrameOpcode, "Ping")
expect("NeedSendPong", ws.NeedSendPong, True)
expect("its payload", ws.GetFrameData(), "hello")
must(ws.SendPong(), ws)
expect("NeedSendPong", ws.NeedSendPong, False)
must(ws.SendFrame("still here", True), ws)
expect("the echo", read_message(ws), "still here")
finish(ws)
