#!/usr/bin/python3
"""Echo server with aiohttp. The arguments are the files of a certificate and
its key; what it prints and which queries it knows is in echo.py."""

import asyncio
import ssl
import sys

from aiohttp import WSMsgType, web


async def session(request):
    ws = web.WebSocketResponse(max_msg_size=0)
    await ws.prepare(request)
    if "close" in request.query:
        await ws.close(code=int(request.query["close"]), message=request.query.get("reason", "").encode())
        return ws
    async for message in ws:
        if message.type == WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await ws.send_bytes(message.data)
    return ws


async def main():
    app = web.Application()
    app.router.add_get("/", session)
    runner = web.AppRunner(app)
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:])
    for scheme, tls in ("ws", None), ("wss", context):
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        print(scheme, runner.addresses[-1][1], flush=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
