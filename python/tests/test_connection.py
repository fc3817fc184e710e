"""The sync face."""

import os
import select
import threading
import unittest

import fairlead_ws
from tests import kit


class ConnectionTest(unittest.TestCase):
    def test_messages(self):
        with fairlead_ws.connect(kit.url(), subprotocols=["nobody", "echo.fairlead"]) as ws:
            self.assertEqual(ws.subprotocol, "echo.fairlead")
            self.assertEqual(ws.response_headers["Upgrade"], ["websocket"])
            self.assertFalse(ws.compressed)
            self.assertIn(":", ws.local_address)
            self.assertIn(ws.remote_address, repr(ws))
            for message in ("", b"", "a\0b", "ä€\U0001f600", b"\xff\x00", "x" * 65535, b"y" * 65536, b"z" * (3 << 20), "after a big one"):
                ws.send(message)
                got = ws.recv(30)
                self.assertIs(type(got), type(message))
                self.assertEqual(got, message)
            for like in bytearray(b"ab"), memoryview(b"axbx")[::2]:
                ws.send(like)
                self.assertEqual(ws.recv(30), b"ab")
            self.assertGreater(ws.ping(), 0)

    def test_many_at_once(self):
        with fairlead_ws.connect(kit.url()) as ws:
            for i in range(1000):
                ws.send(str(i))
            self.assertEqual([ws.recv(30) for _ in range(1000)], [str(i) for i in range(1000)])

    def test_compression(self):
        for compression in "deflate", "deflate-takeover":
            with fairlead_ws.connect(kit.url(), compression=compression) as ws:
                self.assertTrue(ws.compressed)
                for _ in range(3):
                    ws.send("again and " * 10000)
                    self.assertEqual(ws.recv(30), "again and " * 10000)

    def test_timeout_loses_nothing(self):
        with fairlead_ws.connect(kit.url()) as ws:
            for timeout in 0, 0.01:
                with self.assertRaises(TimeoutError):
                    ws.recv(timeout)
            ws.send("x")
            self.assertEqual(ws.recv(timeout=30.0), "x")
            with self.assertRaisesRegex(TypeError, "argument timeout"):
                ws.recv("x")

    def test_wrong_message(self):
        with fairlead_ws.connect(kit.url()) as ws:
            for bad in None, 1, ["x"]:
                with self.assertRaisesRegex(TypeError, "argument message"):
                    ws.send(bad)
            with self.assertRaises(UnicodeEncodeError):
                ws.send("\ud800")

    def test_the_server_closes(self):
        with fairlead_ws.connect(kit.url() + "?close=4000&reason=enough") as ws:
            with self.assertRaises(fairlead_ws.ConnectionClosed) as caught:
                ws.recv(30)
            e = caught.exception
            self.assertEqual((e.code, e.reason, e.remote), (4000, "enough", True))
            with self.assertRaises(fairlead_ws.ConnectionClosed):
                ws.recv()
            with self.assertRaises(fairlead_ws.ConnectionClosed):
                ws.send("x")
            with self.assertRaises(fairlead_ws.ConnectionClosed):
                ws.ping()
            with self.assertRaises(fairlead_ws.ConnectionClosed):
                list(ws)

    def test_iteration_ends(self):
        self.assertEqual(list(fairlead_ws.connect(kit.url() + "?close=1000")), [])

    def test_drop(self):
        ws = fairlead_ws.connect(kit.url() + "?drop=1")
        with self.assertRaises(fairlead_ws.ConnectionClosed) as caught:
            ws.recv(30)
        self.assertEqual(caught.exception.code, 1006)

    def test_too_big(self):
        ws = fairlead_ws.connect(kit.url(), max_size=1000)
        ws.send("x" * 1000)
        self.assertEqual(len(ws.recv(30)), 1000)
        ws.send("x" * 1001)
        with self.assertRaises(fairlead_ws.ProtocolError) as caught:
            ws.recv(30)
        self.assertEqual(caught.exception.code, 1009)

    def test_close(self):
        ws = fairlead_ws.connect(kit.url())
        for bad in ((1.5, ""), (1000, b"")):
            with self.assertRaises(TypeError):
                ws.close(*bad)
        for bad in ((1005, ""), (999, ""), (1000, "x" * 124)):
            with self.assertRaises(ValueError):
                ws.close(*bad)
        ws.close(4000, "enough")
        ws.close()
        with self.assertRaises(fairlead_ws.ConnectionClosed):
            ws.recv()

    def test_close_under_a_reader(self):
        ws = fairlead_ws.connect(kit.url())
        got = []

        def read():
            try:
                ws.recv()
            except fairlead_ws.Error as error:
                got.append(error)
        t = threading.Thread(target=read)
        t.start()
        ws.close()
        t.join(10)
        self.assertIsInstance(got[0], fairlead_ws.ConnectionClosed)

    def test_two_readers(self):
        with fairlead_ws.connect(kit.url()) as ws:
            got, first = [], threading.Event()

            def read():
                try:
                    got.append(ws.recv())
                except fairlead_ws.Error as error:
                    got.append(error)
                    first.set()
            threads = [threading.Thread(target=read) for _ in range(2)]
            for t in threads:
                t.start()
            self.assertTrue(first.wait(10))
            ws.send("for the one that reads")
            for t in threads:
                t.join(10)
            self.assertIn("one reader", str(got[0]))
            self.assertNotIsInstance(got[0], fairlead_ws.ConnectionClosed)
            self.assertEqual(got[1], "for the one that reads")

    def test_handshake_errors(self):
        with self.assertRaises(fairlead_ws.HandshakeError) as caught:
            fairlead_ws.connect("ws://127.0.0.1:1/", proxy=[])
        self.assertEqual(caught.exception.phase, "connect")
        with self.assertRaises(fairlead_ws.HandshakeError) as caught:
            fairlead_ws.connect(kit.url(), proxy="http://user:secret-word@127.0.0.1:1")
        self.assertNotIn("secret-word", str(caught.exception))
        with self.assertRaises(fairlead_ws.HandshakeError):
            fairlead_ws.connect(kit.url().replace("ws://", "wss://"))

    def test_select(self):
        with fairlead_ws.connect(kit.url()) as ws:
            ws.send("x")
            self.assertEqual(select.select([ws], [], [], 30)[0], [ws])
            self.assertEqual(ws.recv(30), "x")

    @unittest.skipUnless("FAIRLEAD_WSS" in os.environ, "FAIRLEAD_WSS and FAIRLEAD_ROOTS name no server with TLS")
    def test_tls(self):
        url = os.environ["FAIRLEAD_WSS"]
        with self.assertRaises(fairlead_ws.HandshakeError) as caught:
            fairlead_ws.connect(url)
        self.assertEqual(caught.exception.phase, "tls")
        with fairlead_ws.connect(url, cafile=os.environ["FAIRLEAD_ROOTS"]) as ws:
            for message in "x", b"y" * 100000, "z" * (3 << 20):
                ws.send(message)
                self.assertEqual(ws.recv(60), message)
        with fairlead_ws.connect(url, insecure_skip_verify=True) as ws:
            ws.send("x")
            self.assertEqual(ws.recv(60), "x")

    @unittest.skipUnless("FAIRLEAD_PROXIES" in os.environ, "FAIRLEAD_PROXIES names none")
    def test_proxies(self):
        for proxy in os.environ["FAIRLEAD_PROXIES"].split():
            for message in "x", b"y" * (1 << 20):
                with self.subTest(proxy), fairlead_ws.connect(os.environ["FAIRLEAD_WS"], proxy=proxy) as ws:
                    ws.send(message)
                    self.assertEqual(ws.recv(60), message)
                    with self.assertRaises(TimeoutError):
                        ws.recv(0.01)
