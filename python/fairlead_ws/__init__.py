"""WebSocket clients over the Fairlead engine.

    import fairlead_ws

    with fairlead_ws.connect("wss://example.com/feed") as ws:
        ws.send("hello")
        for message in ws:
            print(message)

fairlead_ws.aio has the same for asyncio. fairlead_ws.chilkat2 has the classes of a
reference API, for programs that were written against it.
"""

from ._connection import Connection, connect
from ._errors import ConnectionClosed, Error, HandshakeError, ProtocolError

__all__ = ["Connection", "ConnectionClosed", "Error", "HandshakeError", "ProtocolError", "connect"]
