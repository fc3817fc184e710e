#!/usr/bin/python3
"""Echo server with Tornado. The arguments are the files of a certificate and
its key; what it prints and which queries it knows is in echo.py."""

import asyncio
import ssl
import sys

from tornado import httpserver, netutil, web, websocket


class Session(websocket.WebSocketHandler):
    def open(self):
        code = self.get_query_argument("close", None)
        if code:
            self.close(int(code), self.get_query_argument("reason", None))

    def get_compression_options(self):
        return {}

    def on_message(self, message):
        self.write_message(message, binary=isinstance(message, bytes))


async def main():
    app = web.Application([("/", Session)], websocket_max_message_size=64 << 20)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:])
    for scheme, tls in ("ws", None), ("wss", context):
        sockets = netutil.bind_sockets(0, "127.0.0.1")
        httpserver.HTTPServer(app, ssl_options=tls).add_sockets(sockets)
        print(scheme, sockets[0].getsockname()[1], flush=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
