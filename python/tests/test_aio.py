"""The face for asyncio."""

import asyncio
import os
import unittest

import fairlead_ws
import fairlead_ws.aio
from tests import kit


class AioTest(unittest.IsolatedAsyncioTestCase):
    async def test_messages(self):
        async with fairlead_ws.aio.connect(kit.url(), subprotocols=["echo.fairlead"], compression="deflate") as ws:
            self.assertEqual(ws.subprotocol, "echo.fairlead")
            self.assertTrue(ws.compressed)
            self.assertIn("Upgrade", ws.response_headers)
            self.assertIn("127.0.0.1", repr(ws))
            for message in ("", b"", "a\0b", "ä€\U0001f600", b"y" * 65536, b"z" * (3 << 20), "after a big one"):
                await ws.send(message)
                self.assertEqual(await ws.recv(), message)
            self.assertGreater(await ws.ping(), 0)

    async def test_await(self):
        ws = await fairlead_ws.aio.connect(kit.url())
        await ws.send("x")
        self.assertEqual(await ws.recv(), "x")
        await ws.close()
        await ws.close()
        with self.assertRaises(fairlead_ws.ConnectionClosed):
            await ws.send("x")

    async def test_reader_and_writers(self):
        async with fairlead_ws.aio.connect(kit.url()) as ws:
            big = b"x" * 300000

            async def send():
                for i in range(50):
                    await ws.send(big if i % 2 else b"y")
            senders = asyncio.gather(send(), send())
            lengths = [len(await ws.recv()) for _ in range(100)]
            await senders
            self.assertEqual(sorted(lengths), [1] * 50 + [len(big)] * 50)

    async def test_cancelled_recv_loses_nothing(self):
        async with fairlead_ws.aio.connect(kit.url()) as ws:
            for _ in range(3):
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(ws.recv(), 0.01)
            await ws.send("x")
            self.assertEqual(await ws.recv(), "x")

    async def test_messages_wait_until_somebody_receives(self):
        async with fairlead_ws.aio.connect(kit.url()) as ws:
            for i in range(3):
                await ws.send(str(i))
            self.assertEqual(await ws.recv(), "0")
            await asyncio.sleep(0.05)
            self.assertEqual([await ws.recv(), await ws.recv()], ["1", "2"])

    async def test_two_receive(self):
        async with fairlead_ws.aio.connect(kit.url()) as ws:
            first = asyncio.create_task(ws.recv())
            await asyncio.sleep(0)
            with self.assertRaisesRegex(RuntimeError, "another task"):
                await ws.recv()
            await ws.send("x")
            self.assertEqual(await first, "x")

    async def test_ends(self):
        async with fairlead_ws.aio.connect(kit.url() + "?close=4000&reason=enough") as ws:
            with self.assertRaises(fairlead_ws.ConnectionClosed) as caught:
                await ws.recv()
            self.assertEqual((caught.exception.code, caught.exception.reason), (4000, "enough"))
        async with fairlead_ws.aio.connect(kit.url() + "?close=1000") as ws:
            self.assertEqual([m async for m in ws], [])
        with self.assertRaises(ZeroDivisionError):
            async with fairlead_ws.aio.connect(kit.url()) as ws:
                1 // 0
        with self.assertRaises(fairlead_ws.ConnectionClosed):
            await ws.recv()

    async def test_close_under_a_reader(self):
        ws = await fairlead_ws.aio.connect(kit.url())
        reader = asyncio.create_task(ws.recv())
        await asyncio.sleep(0.01)
        await ws.close()
        with self.assertRaises(fairlead_ws.ConnectionClosed):
            await asyncio.wait_for(reader, 10)

    async def test_a_connection_that_the_engine_drops(self):
        ws = await fairlead_ws.aio.connect(kit.url())
        reader = asyncio.create_task(ws.recv())
        await asyncio.sleep(0.01)
        ws._link.drop()  # as a timer of the engine does: the loop hears nothing
        with self.assertRaises(fairlead_ws.ConnectionClosed):
            await asyncio.wait_for(reader, 10)
        ws = await fairlead_ws.aio.connect(kit.url())
        reader = asyncio.create_task(ws.recv())
        await asyncio.sleep(0.01)
        ws._link.drop()
        with self.assertRaises(fairlead_ws.ConnectionClosed):
            await ws.send("x")
        with self.assertRaises(fairlead_ws.ConnectionClosed):
            await asyncio.wait_for(reader, 10)

    async def test_many_connections(self):
        async def one(i):
            async with fairlead_ws.aio.connect(kit.url()) as ws:
                for _ in range(10):
                    await ws.send(str(i))
                    self.assertEqual(await ws.recv(), str(i))
        await asyncio.gather(*(one(i) for i in range(30)))

    async def test_cancelled_connect(self):
        writers = []
        server = await asyncio.start_server(lambda r, w: writers.append(w), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(fairlead_ws.aio.connect(f"ws://127.0.0.1:{port}/", proxy=[])._open(), 0.05)
        with self.assertRaises(TimeoutError):
            await fairlead_ws.aio.connect(f"ws://127.0.0.1:{port}/", proxy=[], timeout=0.05)
        server.close()
        for w in writers:
            w.close()

    @unittest.skipUnless("FAIRLEAD_WSS" in os.environ, "FAIRLEAD_WSS and FAIRLEAD_ROOTS name no server with TLS")
    async def test_tls(self):
        async with fairlead_ws.aio.connect(os.environ["FAIRLEAD_WSS"], cafile=os.environ["FAIRLEAD_ROOTS"]) as ws:
            for message in "x", b"y" * 100000, "z" * (3 << 20):
                await ws.send(message)
                self.assertEqual(await ws.recv(), message)

    @unittest.skipUnless("FAIRLEAD_PROXIES" in os.environ, "FAIRLEAD_PROXIES names none")
    async def test_proxies(self):
        for proxy in os.environ["FAIRLEAD_PROXIES"].split():
            with self.subTest(proxy):
                async with fairlead_ws.aio.connect(os.environ["FAIRLEAD_WS"], proxy=proxy) as ws:
                    for message in "x", b"y" * (1 << 20):
                        await ws.send(message)
                        self.assertEqual(await ws.recv(), message)
