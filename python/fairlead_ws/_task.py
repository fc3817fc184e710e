"""The members of class Task that Python has its own part in."""

import threading
import time

from ._library import lib
from ._object import _int, _Object, _call, _watched


class _RunsOnce(_Object):
    """A task, with a callback for its end. Dropping it does not stop what it does."""

    __slots__ = ("_callback", "_thread")

    def __init__(self):
        super().__init__()
        self._prepare()

    def _prepare(self):
        self._callback = self._thread = None

    def __del__(self):
        try:
            lib.fl_release(self._handle)
        except (AttributeError, TypeError):
            pass

    def SetTaskCompleted(self, callback):
        """Call a function with the task, once, when it has ended in any way. Set it before Run;
        it runs on a thread of its own, or on that of RunSynchronously or Cancel."""
        if callback is not None and not callable(callback):
            raise TypeError(f"SetTaskCompleted: argument callback must be callable or None, not {type(callback).__name__}")
        self._callback = callback

    def _completed(self):
        callback, self._callback = self._callback, None
        if callback is not None:
            callback(self)

    def _watch(self):
        lib.fl_Task_Wait(self._handle, 0, None)
        self._completed()

    def Run(self) -> bool:
        """Start the task in the background. False unless an Async method made it and it was not run before."""
        started = lib.fl_Task_Run(self._handle) == 1
        if started and self._callback is not None:
            self._thread = threading.Thread(target=self._watch, daemon=True, name="fairlead-task")
            self._thread.start()
        return started

    def RunSynchronously(self) -> bool:
        """Run the task and return when it has ended."""
        done = _call(lib.fl_Task_RunSynchronously, self) == 1
        if done:
            self._completed()
        return done

    def Cancel(self) -> bool:
        """Stop the task. A call that is under way ends within 50 ms, and its connection can be used
        further unless half a frame was out."""
        started = lib.fl_Task_StatusInt(self._handle) > 2
        done = lib.fl_Task_Cancel(self._handle) == 1
        if done and not started:
            self._completed()
        return done

    def Wait(self, maxWaitMs: int) -> bool:
        """Wait until the task has ended and its callback, if there is one, has returned, for at most
        maxWaitMs milliseconds (0: for ever). False when the time is over."""
        limit = _int("Wait", "maxWaitMs", maxWaitMs)
        began = time.monotonic()
        # An interrupted wait leaves the task alone.
        done = _watched(self, None, lib.fl_Task_Wait, None, limit, cancel=False) == 1
        thread = self._thread
        if done and thread is not None and thread is not threading.current_thread():
            thread.join(None if limit == 0 else max(0.0, limit / 1000 - (time.monotonic() - began)))
            done = not thread.is_alive()
        return done
