"""Finds libfairlead, which lies beside this file, and says what its functions take."""

import ctypes
import os
import sys

from ._signatures import SIGNATURES

NAMES = {"darwin": "libfairlead.dylib", "win32": "fairlead.dll"}
PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), NAMES.get(sys.platform, "libfairlead.so"))

PENDING = -(1 << 63)


class Data(ctypes.Structure):
    """Bytes that belong to us, until fl_free."""

    _fields_ = [("p", ctypes.c_void_p), ("len", ctypes.c_size_t)]


_TYPES = {
    "u": ctypes.c_uint64,
    "i": ctypes.c_int64,
    "b": ctypes.c_int32,
    "s": ctypes.c_char_p,
    "n": ctypes.c_size_t,
    "w": ctypes.c_void_p,
    "d": ctypes.POINTER(Data),
    "c": ctypes.POINTER(ctypes.c_uint64),
    "v": None,
}


def _load():
    try:
        library = ctypes.CDLL(PATH)
    except OSError as error:
        raise ImportError(f"libfairlead cannot be loaded: run make python, or install the wheel for this system ({error})") from None
    for name, code in SIGNATURES.items():
        function = getattr(library, name)
        function.restype = _TYPES[code[0]]
        function.argtypes = [_TYPES[letter] for letter in code[1:]]
    library.fl_free.argtypes = [ctypes.c_void_p]
    return library


lib = _load()


def _after_fork():
    """Go's threads do not live in the child of a fork: a call there would wait for ever."""

    def refuse(*_):
        raise RuntimeError("fairlead_ws does not work in a process made by fork: use the spawn method of multiprocessing")

    for name in SIGNATURES:
        setattr(lib, name, refuse)
    lib.fl_release = lambda handle: None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def take(data):
    """Returns the bytes of a result, None where there are none, and frees them."""
    if data.p is None:
        return None
    try:
        return ctypes.string_at(data.p, data.len)
    finally:
        lib.fl_free(data.p)
        data.p = None
