#!/usr/bin/python3
"""Echo server on loopback for the tests beside it; needs websockets 10 or later.

    echo.py [--cert FILE --key FILE]

Prints "ws PORT" and, with a certificate, "wss PORT", then "ready". Stops at
SIGTERM and when its standard input, a pipe, ends.

The query of the request steers a session:

    ping=TEXT             a Ping with that payload comes first
    close=CODE&reason=R   the server closes first
    verify=1              messages are checked as writers_test.go describes,
                          and echoed; the text message "verdict" is answered
                          with what was found, as JSON
"""

import argparse
import asyncio
import json
import signal
import ssl
import struct
import sys
import urllib.parse
import zlib

import websockets

HEADER = struct.Struct(">IQII")  # writer, sequence, length of payload, CRC-32 of payload


async def echo(ws):
    async for message in ws:
        await ws.send(message)


class Verdict:
    def __init__(self):
        self.next = {}
        self.mistakes = []

    def check(self, message):
        if not isinstance(message, bytes) or len(message) < HEADER.size:
            self.mistakes.append("a message without a header")
            return
        writer, sequence, length, crc = HEADER.unpack_from(message)
        payload = message[HEADER.size:]
        want = self.next.get(writer, 0)
        self.next[writer] = want + 1
        if sequence != want:
            self.mistakes.append(f"writer {writer}: sequence {sequence} in place of {want}")
        if length != len(payload):
            self.mistakes.append(f"writer {writer}, {sequence}: {len(payload)} bytes of {length}")
        if crc != zlib.crc32(payload):
            self.mistakes.append(f"writer {writer}, {sequence}: checksum")

    def __str__(self):
        return json.dumps({"messages": self.next, "mistakes": self.mistakes[:20]})


async def verify(ws):
    verdict = Verdict()
    async for message in ws:
        if message == "verdict":
            await ws.send(str(verdict))
            continue
        verdict.check(message)
        await ws.send(message)


async def session(ws):
    try:
        await steered(ws)
    except websockets.ConnectionClosedOK:
        pass  # while an answer was under way


async def steered(ws):
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(ws.path).query))
    if "close" in query:
        await ws.close(int(query["close"]), query.get("reason", ""))
        return
    if "ping" in query:
        await ws.ping(query["ping"])
    await (verify if "verify" in query else echo)(ws)


async def main():
    args = argparse.ArgumentParser()
    args.add_argument("--cert")
    args.add_argument("--key")
    args = args.parse_args()

    loop = asyncio.get_running_loop()
    stop = loop.create_future()

    def end():
        if not stop.done():
            stop.set_result(None)

    def read_stdin():
        if not sys.stdin.buffer.read1(4096):
            end()

    loop.add_signal_handler(signal.SIGTERM, end)
    loop.add_reader(sys.stdin.fileno(), read_stdin)

    async def serve(scheme, context):
        # No pings of its own: the tests decide which frames there are.
        server = await websockets.serve(
            session, "127.0.0.1", 0, ssl=context, subprotocols=["echo.fairlead"], ping_interval=None, max_size=None)
        print(scheme, server.sockets[0].getsockname()[1], flush=True)
        return server

    servers = [await serve("ws", None)]
    if args.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(args.cert, args.key)
        servers.append(await serve("wss", context))
    print("ready", flush=True)
    await stop
    for server in servers:
        server.close()
        await server.wait_closed()


asyncio.run(main())
