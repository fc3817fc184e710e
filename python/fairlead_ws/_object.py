"""What the classes of chilkat2 have in common."""

import operator
import threading
import time
from ctypes import byref, c_uint64

from ._library import PENDING, Data, lib, take

_MAIN = threading.main_thread().ident
_SLICE = 50  # milliseconds that a call blocks before signals are looked after
_FIRST_CALL = 1 << 32


class _Object:
    """An object of the library, known by its handle."""

    __slots__ = ("_handle", "_kept", "_disposed", "__weakref__")
    _functions = ("", "")  # names: after a fork they mean something else
    _shows = ""

    def __init__(self):
        self._kept = {}
        self._disposed = False
        self._handle = getattr(lib, self._functions[0])()

    @classmethod
    def _adopt(cls, handle, *owners):
        """Makes an object of a handle that the library gave; it keeps its owners alive."""
        if not handle:
            return None
        self = cls.__new__(cls)
        self._kept = {"owners": owners}
        self._disposed = False
        self._handle = handle
        self._prepare()
        return self

    def _prepare(self):
        pass

    def _keep(self, key, other):
        self._kept[key] = other

    def Dispose(self):
        """Close what is open. Later calls fail and say so. It may be called twice."""
        self._disposed = True
        getattr(lib, self._functions[1])(self._handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.Dispose()

    def __del__(self):
        try:
            handle = self._handle
            if not self._disposed:
                getattr(lib, self._functions[1])(handle)
            lib.fl_release(handle)
        except (AttributeError, TypeError, RuntimeError):
            pass  # never made, at the end of the interpreter, or after a fork

    def __repr__(self):
        if self._disposed:
            state = " disposed"
        elif self._shows:
            state = f" {self._shows}={getattr(self, self._shows)!r}"
        else:
            state = ""
        return f"<{type(self).__name__}{state}>"

    def __reduce_ex__(self, protocol):
        raise TypeError(f"a {type(self).__name__} cannot be copied or pickled: it stands for an open resource")


class _Waiting(_Object):
    """An object whose calls block, and can be aborted."""

    __slots__ = ("_check",)

    def __init__(self):
        super().__init__()
        self._check = None

    def _prepare(self):
        self._check = None

    def SetAbortCheck(self, check):
        """Let a function be asked every HeartbeatMs while a call blocks, on the thread of the
        call: True aborts it. None asks nobody. HeartbeatMs 0 asks never."""
        if check is not None and not callable(check):
            raise TypeError(f"SetAbortCheck: argument check must be callable or None, not {type(check).__name__}")
        self._check = check


def _call(function, obj, *args):
    """Calls what may block. Signals and the abort check are looked after meanwhile."""
    check = getattr(obj, "_check", None)
    if check is None and threading.get_ident() != _MAIN:
        return function(obj._handle, *args, None)
    return _watched(obj, check, function, None, *args)


def _call_data(function, obj, *args):
    """The same for a call that gives bytes or text."""
    check = getattr(obj, "_check", None)
    data = Data()
    if check is None and threading.get_ident() != _MAIN:
        function(obj._handle, *args, byref(data), None)
    else:
        _watched(obj, check, function, data, *args, byref(data))
    return take(data)


def _watched(obj, check, function, data, *args, cancel=True):
    pause = obj.HeartbeatMs if check is not None else 0
    if pause <= 0:
        check = None
    cell = c_uint64(min(_SLICE, pause) if check else _SLICE)
    asked = time.monotonic()
    try:
        result = function(obj._handle, *args, byref(cell))
        while result == PENDING:
            if check is not None and time.monotonic() - asked >= pause / 1000:
                asked = time.monotonic()
                if check():
                    lib.fl_cancel(cell.value)
                    check = None
            result = _wait(cell.value, min(_SLICE, pause) if check else _SLICE, data)
        return result
    except BaseException:  # KeyboardInterrupt, say
        _give_up(cell.value, cancel)
        raise


def _wait(call, milliseconds, data):
    return lib.fl_wait(call, milliseconds, None if data is None else byref(data))


def _give_up(call, cancel):
    """Ends a call that is under way, and waits a moment until it has ended."""
    if call <= _FIRST_CALL:
        return
    if cancel:
        lib.fl_cancel(call)
        data = Data()
        lib.fl_wait(call, _SLICE, byref(data))
        take(data)
    lib.fl_forget(call)


def _data(function, obj, *args):
    """Calls what gives bytes or text and does not block."""
    data = Data()
    function(obj._handle, *args, byref(data))
    return take(data)


def _text(function, handle):
    """The value of a property that is text."""
    data = Data()
    function(handle, byref(data))
    return (take(data) or b"").decode("utf-8", "replace")


def _decoded(data):
    return None if data is None else data.decode("utf-8", "replace")


def _wrong(method, name, wanted, value):
    return TypeError(f"{method}: argument {name} must be {wanted}, not {type(value).__name__}")


def _str(method, name, value):
    if not isinstance(value, str):
        raise _wrong(method, name, "str", value)
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{method}: argument {name} has a surrogate without its other half") from None
    return data, len(data)


def _bytes(method, name, value):
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise _wrong(method, name, "bytes-like", value)
    data = bytes(value)
    return data, len(data)


def _bool(method, name, value):
    if not isinstance(value, (bool, int)):
        raise _wrong(method, name, "bool", value)
    return 1 if value else 0


def _int(method, name, value):
    try:
        n = operator.index(value)
    except TypeError:
        raise _wrong(method, name, "int", value) from None
    if not -(1 << 63) <= n < 1 << 63:
        raise OverflowError(f"{method}: argument {name} does not fit into 64 bits")
    return n


def _object(method, name, value, cls):
    if not isinstance(value, cls):
        raise _wrong(method, name, cls.__name__, value)
    return value._handle
