"""The sync face."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from ctypes import byref

from ._errors import ConnectionClosed, from_json
from ._library import PENDING, Data, lib, take
from ._link import OF_OTHERS, SLICE, WENT_BAD, Facts, Link, cell, close_arguments, encode, options, undo_open


def connect(url: str, *, headers: Mapping[str, str] | Sequence[tuple[str, str]] = (), subprotocols: Sequence[str] = (),
            proxy: str | Sequence[str] | None = None, cafile: str | None = None, insecure_skip_verify: bool = False,
            compression: str | None = None, max_size: int | None = 16 << 20, timeout: float = 30.0) -> Connection:
    """Open a WebSocket connection and return a Connection.

    url begins with ws:// or wss://. headers is a mapping or a list of pairs. proxy is a URL, or a
    list of them in the order that the bytes pass: http://, https://, socks5h://, ssh:// ...; None
    takes the proxies of the environment, an empty list none. cafile is a file of root certificates
    in place of the system's. compression is None, "deflate" or "deflate-takeover". max_size is the
    largest message in bytes, None for no limit. timeout bounds the opening, in seconds.

    insecure_skip_verify turns the check of certificates off: anybody on the way can read along then.

    Raises HandshakeError, TimeoutError, or ValueError for arguments that cannot be used.
    """
    text = options(url, headers, subprotocols, proxy, cafile, insecure_skip_verify, compression, max_size, timeout)
    data = Data()
    handle = _watched(lib.fl_conn_open, (text, len(text), byref(data)), data, undo_open)
    if not handle:
        raise from_json(take(data))
    return Connection(handle)


def _watched(function, args, data, undo=None):
    """Calls what blocks, so that signals are looked after meanwhile."""
    call = cell(SLICE)
    try:
        result = function(*args, byref(call))
        while result in (PENDING, PENDING + (1 << 64)):
            result = lib.fl_wait(call.value, SLICE, None if data is None else byref(data))
        return result
    except BaseException:
        if call.value > SLICE:
            lib.fl_cancel(call.value)
            result = lib.fl_wait(call.value, SLICE, None)
            lib.fl_forget(call.value)
            if undo is not None:
                undo(result)
        raise


class Connection(Facts):
    """A WebSocket connection. One thread may receive while others send.

    Pings are answered while somebody receives. Iterating gives messages until the connection is
    closed in order; otherwise ConnectionClosed is raised.
    """

    __slots__ = ("_link", "__weakref__")

    def __init__(self, handle):
        self._link = Link(handle)

    def send(self, message: str | bytes | bytearray | memoryview) -> None:
        """Send a message: str as text, bytes-like as binary. Returns when it is with the system."""
        kind = 2
        if type(message) is not bytes:
            kind, message = encode(message)
        result = lib.fl_conn_send(self._link.handle, kind, message, len(message), SLICE)
        if result:
            self._finish(result)

    def _finish(self, call):
        """Waits for a send that goes on. Once begun it cannot be taken back: an exception from
        outside (Ctrl-C) leaves it to the background."""
        result = call
        try:
            if call > 0:
                result = PENDING
                while result == PENDING:
                    result = lib.fl_wait(call, SLICE, None)
        except BaseException:
            lib.fl_forget(call)
            raise
        if result:
            raise self._link.failure(OF_OTHERS)

    def recv(self, timeout: float | None = None) -> str | bytes:
        """Return the next message: str for text, bytes for binary. TimeoutError after timeout
        seconds; nothing is lost then. ConnectionClosed at the end."""
        if timeout is None:
            receive = self._link.receive
            while True:
                message = receive(SLICE)
                if message is not None:
                    return message
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
            raise TypeError(f"recv: argument timeout must be a number of seconds or None, not {type(timeout).__name__}")
        end = time.monotonic() + timeout
        while True:
            left = end - time.monotonic()
            message = self._link.receive(max(0, min(SLICE, int(left * 1000 + 1))))
            if message is not None:
                return message
            if left <= 0:
                raise TimeoutError("recv: no message came within the timeout; nothing is lost")

    def __iter__(self) -> Iterator[str | bytes]:
        return self

    def __next__(self) -> str | bytes:
        try:
            return self.recv()
        except ConnectionClosed as end:
            if end.code in (1000, 1001):
                raise StopIteration from None
            raise

    def ping(self) -> float:
        """Send a Ping and return the seconds until its Pong."""
        result = _watched(lib.fl_conn_ping, (self._link.handle,), None)
        if result == WENT_BAD:
            raise self._link.failure(OF_OTHERS)
        return result / 1e9

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Do the closing handshake, within 5 seconds, and close the connection. It may be called
        twice. Messages that still come are thrown away, unless another thread receives them."""
        try:
            _watched(lib.fl_conn_close, (self._link.handle, *close_arguments(code, reason)), None)
        finally:
            self._link.drop()

    def fileno(self) -> int:
        """Number of the socket, to wait for with select; -1 when there is none. Receive with
        timeout 0 until TimeoutError before waiting."""
        return lib.fl_conn_fd(self._link.handle)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()
        else:
            self._link.drop()

    def __repr__(self):
        return f"<fairlead_ws.Connection to {self.remote_address}>"
