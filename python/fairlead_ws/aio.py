"""The same as fairlead_ws.connect, for asyncio.

    async with fairlead_ws.aio.connect("wss://example.com/feed") as ws:
        await ws.send("hello")
        async for message in ws:
            print(message)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from ctypes import byref
from typing import Any

from ._errors import ConnectionClosed, from_json
from ._library import PENDING, Data, lib, take
from ._link import OF_OTHERS, SLICE, WENT_BAD, Facts, Link, cell, close_arguments, encode, options, undo_open

__all__ = ["Connection", "connect"]


_LOOK_AGAIN = 1.0  # seconds


async def _threaded(function, args, data, undo=None):
    """Calls what blocks without blocking the loop. Cancelling ends the call, and has undo
    called with what it came to nevertheless."""
    call = cell(0)
    result = function(*args, byref(call))
    if result not in (PENDING, PENDING + (1 << 64)):
        return result
    loop = asyncio.get_running_loop()
    number = call.value

    def wait():
        answer = PENDING
        while answer == PENDING:
            answer = lib.fl_wait(number, 1000, None if data is None else byref(data))
        return answer

    waiting = loop.run_in_executor(None, wait)
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        lib.fl_cancel(number)
        if undo is not None:
            waiting.add_done_callback(lambda done: done.cancelled() or undo(done.result()))
        raise


class connect:
    """Open a connection: await it, or use it with async with. The arguments are those of
    fairlead_ws.connect."""

    def __init__(self, url: str, *, headers: Mapping[str, str] | Sequence[tuple[str, str]] = (), subprotocols: Sequence[str] = (),
                 proxy: str | Sequence[str] | None = None, cafile: str | None = None, insecure_skip_verify: bool = False,
                 compression: str | None = None, max_size: int | None = 16 << 20, timeout: float = 30.0) -> None:
        self._options = options(url, headers, subprotocols, proxy, cafile, insecure_skip_verify, compression, max_size, timeout)
        self._connection = None

    async def _open(self):
        data = Data()
        handle = await _threaded(lib.fl_conn_open, (self._options, len(self._options), byref(data)), data, undo_open)
        if not handle:
            raise from_json(take(data))
        return Connection(handle)

    def __await__(self) -> Generator[Any, None, Connection]:
        return self._open().__await__()

    async def __aenter__(self) -> Connection:
        self._connection = await self._open()
        return self._connection

    async def __aexit__(self, kind, *_):
        if kind is None:
            await self._connection.close()
        else:
            self._connection._end()


class Connection(Facts):
    """A WebSocket connection in an event loop. One task may receive while others send."""

    def __init__(self, handle):
        self._link = Link(handle)
        self._loop = asyncio.get_running_loop()
        self._fd = lib.fl_conn_fd(handle)
        self._watching = False
        self._waiter = None
        self._timer = None
        self._sending = asyncio.Lock()

    async def send(self, message: str | bytes | bytearray | memoryview) -> None:
        """Send a message: str as text, bytes-like as binary. Returns when it is with the system."""
        kind, data = encode(message)
        if self._sending.locked():
            async with self._sending:
                await self._send(kind, data)
        else:
            result = lib.fl_conn_send(self._link.handle, kind, data, len(data), 0)
            if result:
                async with self._sending:
                    await self._finish(result)

    async def _send(self, kind, data):
        result = lib.fl_conn_send(self._link.handle, kind, data, len(data), 0)
        if result:
            await self._finish(result)

    async def _finish(self, call):
        """Waits for a send that goes on. Cancelling does not take it back."""
        result = call
        if call > 0:
            result = await self._loop.run_in_executor(None, _wait_for, call)
        if result:
            self._lost()
            raise self._link.failure(OF_OTHERS)

    def _lost(self):
        """After a failed send the socket may be closed at any time: it is not for the loop to
        watch any more. What the server has sent is still read."""
        self._unwatch()
        self._fd = -1
        self._wake()

    async def recv(self) -> str | bytes:
        """Return the next message: str for text, bytes for binary. Cancelling loses nothing.
        ConnectionClosed at the end."""
        if self._waiter is not None:
            raise RuntimeError("recv: another task is receiving already")
        while True:
            message = self._try(0)
            if message is not None:
                return message
            if self._fd < 0:
                message = await self._loop.run_in_executor(None, self._try, SLICE)
                if message is not None:
                    return message
                continue
            if not self._watching:
                self._loop.add_reader(self._fd, self._readable)
                self._watching = True
            if self._timer is None:
                self._timer = self._loop.call_later(_LOOK_AGAIN, self._look_again)
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def _try(self, milliseconds):
        try:
            return self._link.receive(milliseconds)
        except ConnectionClosed:
            self._unwatch()
            raise

    def _readable(self):
        if self._waiter is None:
            self._unwatch()  # until somebody receives again
        self._wake()

    def _look_again(self):
        """The engine may have closed the socket, of which the loop hears nothing."""
        self._timer = None
        self._wake()

    def _wake(self):
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _unwatch(self):
        if self._watching:
            self._watching = False
            self._loop.remove_reader(self._fd)

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return self

    async def __anext__(self) -> str | bytes:
        try:
            return await self.recv()
        except ConnectionClosed as end:
            if end.code in (1000, 1001):
                raise StopAsyncIteration from None
            raise

    async def ping(self) -> float:
        """Send a Ping and return the seconds until its Pong."""
        result = await _threaded(lib.fl_conn_ping, (self._link.handle,), None)
        if result == WENT_BAD:
            raise self._link.failure(OF_OTHERS)
        return result / 1e9

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Do the closing handshake, within 5 seconds, and close the connection. It may be called
        twice. Messages that still come are thrown away."""
        arguments = close_arguments(code, reason)
        self._unwatch()
        try:
            await _threaded(lib.fl_conn_close, (self._link.handle, *arguments), None)
        finally:
            self._end()

    def _end(self):
        self._unwatch()
        self._link.drop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wake()  # it finds the connection closed

    def __repr__(self):
        return f"<fairlead_ws.aio.Connection to {self.remote_address}>"


def _wait_for(call):
    result = PENDING
    while result == PENDING:
        result = lib.fl_wait(call, 1000, None)
    return result
