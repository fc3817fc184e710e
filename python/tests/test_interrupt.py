"""Ctrl-C, and the abort check."""

import asyncio
import os
import signal
import socket
import threading
import time
import unittest

import fairlead_ws
import fairlead_ws.aio
from fairlead_ws import chilkat2
from tests import kit

WITHIN = 0.1
TRIES = 5  # the machine may have much else to do: the best counts


class InterruptTest(unittest.TestCase):
    def setUp(self):
        # Whoever hears nobody.
        self.deaf = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.deaf.close)

    def interrupted(self, call):
        """Seconds from the signal to the exception in call."""
        sent = []

        def interrupt():
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)
        timer = threading.Timer(0.15, interrupt)
        timer.start()
        try:
            with self.assertRaises(KeyboardInterrupt):
                call()
            return time.monotonic() - sent[0]
        finally:
            timer.join()

    def soon(self, call, after=lambda: None):
        took = []
        for _ in range(TRIES):
            took.append(self.interrupted(call))
            after()
            if took[-1] < WITHIN:
                return
        self.fail(f"KeyboardInterrupt came after {took} s")

    def test_read_frame(self):
        with kit.session() as ws:
            def works():
                self.assertEqual(ws.ReadFrameFailReason, 2)
                self.assertTrue(ws.SendFrame("still there", True) and ws.ReadFrame(), ws.LastErrorText)
                self.assertEqual(ws.GetFrameData(), "still there")
            self.soon(ws.ReadFrame, works)

    def test_read_frame_in_the_middle_of_a_frame(self):
        def serve():
            self.peer, _ = self.deaf.accept()
            request = self.peer.recv(4096).decode()
            import base64
            import hashlib
            key = next(line.split(": ")[1] for line in request.split("\r\n") if line.lower().startswith("sec-websocket-key"))
            accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
            self.peer.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode() + b"\x81\x05hal")
        t = threading.Thread(target=serve)
        t.start()
        ws = fairlead_ws.connect("ws://127.0.0.1:%d/" % self.deaf.getsockname()[1], proxy=[])
        t.join()
        self.soon(ws.recv)
        self.peer.sendall(b"f!")
        self.assertEqual(ws.recv(10), "half!")
        self.peer.close()
        with self.assertRaises(fairlead_ws.ConnectionClosed):
            ws.recv()

    def test_recv(self):
        with fairlead_ws.connect(kit.url()) as ws:
            def works():
                ws.send("still there")
                self.assertEqual(ws.recv(), "still there")
            self.soon(ws.recv, works)

    def test_rest(self):
        rest = chilkat2.Rest()

        def ask():
            self.assertTrue(rest.Connect(*self.deaf.getsockname(), False, False))
            rest.FullRequestNoBody("GET", "/")
        self.soon(ask)

    def test_connect(self):
        self.soon(lambda: fairlead_ws.connect("ws://127.0.0.1:%d/" % self.deaf.getsockname()[1], proxy=[]))

    def test_task_wait_leaves_the_task_alone(self):
        with kit.session() as ws:
            task = ws.ReadFrameAsync()
            self.assertTrue(task.Run())
            self.soon(lambda: task.Wait(0))
            self.assertTrue(ws.SendFrame("x", True))
            self.assertTrue(task.Wait(10000))
            self.assertTrue(task.GetResultBool())

    def test_send_to_who_takes_nothing(self):
        ws = self.stuffed()
        self.soon(lambda: ws.send(b"x" * (16 << 20)))
        ws._link.drop()

    def stuffed(self):
        """A connection to somebody who reads nothing after the handshake."""
        started = threading.Event()

        def serve():
            import base64
            import hashlib
            peer, _ = self.deaf.accept()
            self.addCleanup(peer.close)
            request = peer.recv(4096).decode()
            key = next(line.split(": ")[1] for line in request.split("\r\n") if line.lower().startswith("sec-websocket-key"))
            accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
            peer.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
            started.set()
        threading.Thread(target=serve).start()
        ws = fairlead_ws.connect("ws://127.0.0.1:%d/" % self.deaf.getsockname()[1], proxy=[])
        started.wait()
        return ws

    def test_asyncio(self):
        async def receive():
            async with fairlead_ws.aio.connect(kit.url()) as ws:
                await ws.recv()
        self.soon(lambda: asyncio.run(receive()))


class AbortCheckTest(unittest.TestCase):
    def test_abort_check(self):
        for elsewhere in False, True:
            with self.subTest(elsewhere=elsewhere), kit.session() as ws:
                asked = []
                ws.HeartbeatMs = 10
                ws.SetAbortCheck(lambda: asked.append(threading.get_ident()) or len(asked) == 3)
                results = []
                if elsewhere:
                    t = threading.Thread(target=lambda: results.append(ws.ReadFrame()))
                    t.start()
                    t.join(10)
                else:
                    results.append(ws.ReadFrame())
                self.assertEqual((results, len(asked), ws.ReadFrameFailReason), ([False], 3, 2))
                self.assertEqual(asked[0] == threading.get_ident(), not elsewhere)
                ws.SetAbortCheck(None)
                self.assertTrue(ws.SendFrame("x", True) and ws.ReadFrame(), ws.LastErrorText)

    def test_an_exception_of_the_check_comes_through(self):
        with kit.session() as ws:
            ws.HeartbeatMs = 10
            ws.SetAbortCheck(lambda: 1 // 0)
            with self.assertRaises(ZeroDivisionError):
                ws.ReadFrame()
            with self.assertRaises(TypeError):
                ws.SetAbortCheck(1)
