"""Program 9: one thread reads for ever, another sends on a timer, both on one object."""

import threading

from session import arguments, expect, must, open_session

TICKS = 5

ws = open_session(arguments())
heard = []
all_heard = threading.Event()


def read():
    while ws.ReadFrame():
        if ws.FrameOpcode == "Close":
            return
        if ws.FinalFrame:
            heard.append(ws.GetFrameData())
            if len(heard) == TICKS:
                all_heard.set()


reader = threading.Thread(target=read, daemon=True)
reader.start()
timer = threading.Event()
for i in range(TICKS):
    timer.wait(0.02)
    must(ws.SendFrame(f"tick {i}", True), ws)
expect("all were heard", all_heard.wait(10), True)
expect("what was heard", heard, [f"tick {i}" for i in range(TICKS)])
must(ws.SendClose(True, 1000, "done"), ws)
reader.join(10)
expect("the reader has ended", reader.is_alive(), False)
expect("CloseStatusCode", ws.CloseStatusCode, 1000)
expect("IsConnected", ws.IsConnected, False)
