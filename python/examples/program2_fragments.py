"""Program 2: one message in three frames."""

from session import arguments, expect, finish, must, open_session, read_message

ws = open_session(arguments())
must(ws.SendFrame("a message ", False), ws)
must(ws.SendFrame("in three ", False), ws)
must(ws.SendFrame("frames", True), ws)
expect("the echo", read_message(ws), "a message in three frames")
expect("FrameDataLen", ws.FrameDataLen, 0)
finish(ws)
