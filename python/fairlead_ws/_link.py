"""A connection of the library, and what both faces, sync and asyncio, do with it."""

import json
import threading
from ctypes import addressof, byref, c_char, c_uint64

from ._errors import Error, from_json
from ._library import Data, lib, take

SLICE = 50  # milliseconds that a call blocks before signals are looked after

TEXT, BINARY = 1, 2
NOT_YET, WENT_BAD = -1, -2
OF_RECEIVE, OF_OTHERS = 0, 1

_FIRST_BUFFER = 64 << 10
_KEEP_AT_MOST = 1 << 20


def options(url, headers, subprotocols, proxy, cafile, insecure_skip_verify, compression, max_size, timeout):
    """The options of fl_conn_open. Raises TypeError with the name of the argument."""

    def want(name, value, types, described):
        if not isinstance(value, types) or isinstance(value, bool) and bool not in types:
            raise TypeError(f"connect: argument {name} must be {described}, not {type(value).__name__}")

    def strings(name, value):
        want(name, value, (list, tuple), "a list of str")
        for s in value:
            want(name, s, (str,), "a list of str")
        return list(value)

    want("url", url, (str,), "str")
    if hasattr(headers, "items"):
        headers = list(headers.items())
    want("headers", headers, (list, tuple), "a mapping or a list of pairs of str")
    for pair in headers:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(isinstance(s, str) for s in pair):
            raise TypeError("connect: argument headers must be a mapping or a list of pairs of str")
    if proxy is not None:
        proxy = [proxy] if isinstance(proxy, str) else strings("proxy", proxy)
    if cafile is not None:
        want("cafile", cafile, (str,), "str or None")
    want("insecure_skip_verify", insecure_skip_verify, (bool,), "bool")
    if compression is not None:
        want("compression", compression, (str,), "str or None")
    if max_size is not None:
        want("max_size", max_size, (int,), "int or None")
        if max_size <= 0:
            raise ValueError("connect: argument max_size must be greater than 0, or None for no limit")
    want("timeout", timeout, (int, float), "a number of seconds")
    if not 0 < timeout < 1 << 31:
        raise ValueError("connect: argument timeout must be a number of seconds greater than 0")
    return json.dumps({
        "url": url,
        "headers": [list(pair) for pair in headers],
        "subprotocols": strings("subprotocols", subprotocols),
        "proxies": proxy,
        "cafile": cafile or "",
        "insecure_skip_verify": insecure_skip_verify,
        "compression": compression or "",
        "max_message_bytes": -1 if max_size is None else max_size,
        "timeout_ms": max(1, int(timeout * 1000)),
    }).encode()


class Link:
    """The handle of a connection, and the buffer that messages come in."""

    __slots__ = ("handle", "_turn", "_buffer", "_view", "_address", "_room", "about", "__weakref__")

    def __init__(self, handle):
        self.handle = handle
        self._turn = threading.Lock()
        self._make_room(_FIRST_BUFFER)
        data = Data()
        lib.fl_conn_about(handle, byref(data))
        self.about = json.loads(take(data) or b"{}")

    def _make_room(self, n):
        self._buffer = (c_char * n)()
        self._view = memoryview(self._buffer).cast("B")
        self._address, self._room = addressof(self._buffer), n

    def receive(self, milliseconds):
        """The next message, or None when nothing has come within so many milliseconds."""
        if not self._turn.acquire(False):
            raise Error("recv: another thread receives already: a connection has one reader at a time")
        try:
            while True:
                n = lib.fl_conn_recv(self.handle, self._address, self._room, milliseconds)
                if n >= 0:
                    return self._message(n >> 1, n & 1)
                if n == NOT_YET:
                    return None
                if n == WENT_BAD:
                    raise self.failure(OF_RECEIVE)
                self._make_room(-n)
        finally:
            self._turn.release()

    def _message(self, length, is_text):
        data = self._view[:length]
        message = str(data, "utf-8") if is_text else bytes(data)
        if self._room > _KEEP_AT_MOST >= length:
            self._make_room(_FIRST_BUFFER)
        return message

    def failure(self, which):
        """The exception for the last failure."""
        data = Data()
        lib.fl_conn_error(self.handle, which, byref(data))
        return from_json(take(data))

    def drop(self):
        lib.fl_conn_drop(self.handle)

    def __del__(self):
        try:
            lib.fl_conn_drop(self.handle)
            lib.fl_release(self.handle)
        except (AttributeError, TypeError, RuntimeError):
            pass  # at the end of the interpreter, or after a fork


def undo_open(handle):
    """Closes a connection that nobody wants any more."""
    if handle > 0:
        lib.fl_conn_drop(handle)
        lib.fl_release(handle)


def encode(message):
    """Type and bytes of a message."""
    if isinstance(message, str):
        return TEXT, message.encode()
    if isinstance(message, bytes):
        return BINARY, message
    if isinstance(message, (bytearray, memoryview)):
        return BINARY, bytes(message)
    raise TypeError(f"send: argument message must be str or bytes-like, not {type(message).__name__}")


def close_arguments(code, reason):
    if isinstance(code, bool) or not isinstance(code, int):
        raise TypeError(f"close: argument code must be int, not {type(code).__name__}")
    if not isinstance(reason, str):
        raise TypeError(f"close: argument reason must be str, not {type(reason).__name__}")
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise ValueError(f"close: argument code must be 1000-1003, 1007-1014 or 3000-4999, not {code}")
    data = reason.encode()
    if len(data) > 123:
        raise ValueError("close: argument reason is longer than 123 bytes of UTF-8")
    return code, data, len(data)


def cell(milliseconds):
    return c_uint64(milliseconds)


class Facts:
    """What a connection of either face says of itself."""

    __slots__ = ()

    _link: Link

    @property
    def subprotocol(self) -> str:
        """The subprotocol that the server chose, "" for none."""
        return self._link.about["subprotocol"]

    @property
    def response_headers(self) -> "dict[str, list[str]]":
        """Header of the server's answer: names, each with a list of values."""
        return self._link.about["headers"]

    @property
    def compressed(self) -> bool:
        """Whether permessage-deflate was agreed on."""
        return self._link.about["compressed"]

    @property
    def local_address(self) -> str:
        """Local address and port, as text."""
        return self._link.about["local"]

    @property
    def remote_address(self) -> str:
        """Address and port of the other end, as text."""
        return self._link.about["remote"]
