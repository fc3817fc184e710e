"""Program 8: tasks. One is completed, one is canceled."""

import time

from fairlead_ws import chilkat2
from session import arguments, expect, finish, must, open_session, read_message

RUNNING, COMPLETED = 4, 7
ABORTED = 2
got = []


def completed(task):
    caller = chilkat2.WebSocket()
    must(caller.LoadTaskCaller(task), caller)
    got.append(caller.GetFrameData())


ws = open_session(arguments())
task = ws.ReadFrameAsync()
task.SetTaskCompleted(completed)
must(task.Run(), task)
must(ws.SendFrame("for the task", True), ws)
must(task.Wait(10000), task)
expect("StatusInt", task.StatusInt, COMPLETED)
expect("GetResultBool", task.GetResultBool(), True)
expect("what the callback read", got, ["for the task"])

task = ws.ReadFrameAsync()
must(task.Run(), task)
while task.StatusInt < RUNNING:
    time.sleep(0.001)
must(task.Cancel(), task)
must(task.Wait(10000), task)
expect("ReadFrameFailReason", ws.ReadFrameFailReason, ABORTED)

must(ws.SendFrame("the connection is as it was", True), ws)
expect("the echo", read_message(ws), "the connection is as it was")
finish(ws)
