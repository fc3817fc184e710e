"""Arguments of wrong types, disposed objects, handles of nobody."""

import copy
import ctypes
import unittest

import fairlead_ws
import fairlead_ws.aio
from fairlead_ws import _library, chilkat2
from tests import kit
from tests.test_members import members

WRONG = {"bool": "yes", "int": 1.5, "string": b"bytes", "[]byte": "text"}
RIGHT = {"bool": True, "int": 1, "string": "x", "[]byte": b"x"}


def right(kind):
    return RIGHT[kind] if kind in RIGHT else getattr(chilkat2, kind)()


class TypesTest(unittest.TestCase):
    def test_type_errors_name_the_argument(self):
        for cls, name, kind, arguments, result in members():
            if kind == "set":
                arguments = [["value", result]]
            for i, (argument, wanted) in enumerate(arguments):
                for bad in WRONG.get(wanted, 1), None, chilkat2.Global():
                    values = [right(w) for _, w in arguments]
                    values[i] = bad
                    obj = getattr(chilkat2, cls)()
                    with self.subTest(f"{cls}.{name}({argument}={bad!r})"), self.assertRaisesRegex(TypeError, f"{name}: argument {argument} "):
                        if kind == "set":
                            setattr(obj, name, bad)
                        else:
                            getattr(obj, name)(*values)

    def test_odd_values(self):
        ws, sb = chilkat2.WebSocket(), chilkat2.StringBuilder()
        with self.assertRaisesRegex(ValueError, "SendFrame: argument text"):
            ws.SendFrame("\ud800", True)
        with self.assertRaisesRegex(OverflowError, "IdleTimeoutMs: argument value"):
            ws.IdleTimeoutMs = 1 << 63
        with self.assertRaises(TypeError):
            ws.SendFrame("too few")
        with self.assertRaises(AttributeError):
            ws.NoSuchProperty = 1
        for odd in ("", "\0", "a\0b", "\r\n", "ä€\U0001f600", "x" * 1000000):
            self.assertTrue(sb.SetString(odd))
            self.assertEqual(sb.GetAsString(), odd)
        self.assertFalse(ws.SendClose(True, 1 << 62, "x" * 100000))
        self.assertFalse(chilkat2.Rest().Connect("h\0st", -(1 << 63), False, False))
        self.assertIsNone(chilkat2.BinData().GetBinaryChunk(-1, 1 << 62))
        self.assertEqual(chilkat2.BinData().GetBinary(), b"")

    def test_bytes_likes(self):
        for data in (b"ab", bytearray(b"ab"), memoryview(b"ab"), memoryview(b"axbx")[::2]):
            bd = chilkat2.BinData()
            self.assertTrue(bd.AppendBinary(data))
            self.assertEqual(bd.GetBinary(), b"ab")

    def test_connect(self):
        for bad, name in (
            ({"url": 1}, "url"), ({"headers": 1}, "headers"), ({"headers": ["x"]}, "headers"), ({"subprotocols": "x"}, "subprotocols"),
            ({"proxy": 1}, "proxy"), ({"cafile": b""}, "cafile"), ({"insecure_skip_verify": 1}, "insecure_skip_verify"),
            ({"compression": True}, "compression"), ({"max_size": "x"}, "max_size"), ({"timeout": None}, "timeout"),
        ):
            for connect in fairlead_ws.connect, fairlead_ws.aio.connect:
                with self.subTest(name), self.assertRaisesRegex(TypeError, f"connect: argument {name} "):
                    connect(**{"url": kit.url(), **bad})
        for bad in ({"url": "http//x"}, {"url": "ftp://x"}, {"timeout": 0}, {"max_size": 0}, {"compression": "zip"},
                    {"cafile": "/does/not/exist"}, {"proxy": ["nosuch://x"]}, {"headers": {"Sec-WebSocket-Key": "x"}}):
            with self.subTest(bad), self.assertRaises(ValueError):
                fairlead_ws.connect(**{"url": kit.url(), **bad})


class DisposedTest(unittest.TestCase):
    def test_every_method_of_a_disposed_object_fails(self):
        for cls, name, kind, arguments, result in members():
            obj = getattr(chilkat2, cls)()
            obj.Dispose()
            obj.Dispose()
            with self.subTest(f"{cls}.{name}"):
                if kind == "get":
                    getattr(obj, name)
                    continue
                if kind == "set":
                    setattr(obj, name, getattr(obj, name))
                else:
                    got = getattr(obj, name)(*(right(w) for _, w in arguments))
                    self.assertIn(got, (False, None, -1, 0, "", b""))
                self.assertIn("disposed", obj.LastErrorText)
                self.assertIn("disposed", repr(obj))

    def test_with(self):
        with kit.session() as ws:
            self.assertTrue(ws.IsConnected)
        self.assertFalse(ws.IsConnected)
        self.assertFalse(ws.SendFrame("x", True))

    def test_disposed_argument(self):
        bd = chilkat2.BinData()
        bd.Dispose()
        with kit.session() as ws:
            self.assertFalse(ws.SendFrameBd(bd, True) and bd.NumBytes)

    def test_copies(self):
        for f in copy.copy, copy.deepcopy:
            with self.assertRaises(TypeError):
                f(chilkat2.WebSocket())


class HandlesTest(unittest.TestCase):
    """The functions of the library with handles that mean nothing."""

    def test_foreign_handles(self):
        bd = chilkat2.BinData()
        released = chilkat2.WebSocket()
        handle = released._handle
        del released
        cell, data, socket = ctypes.c_uint64(1), _library.Data(), None
        for bad in (0, 1 << 63, (1 << 64) - 1, handle, bd._handle):
            for name, code in _library.SIGNATURES.items():
                if name.startswith("fl_BinData") or code == "u" or name == "fl_conn_open" or code[1:2] != "u":
                    continue
                arguments = [bad]
                for letter in code[2:]:
                    arguments.append({"u": bad, "i": 0, "b": 0, "s": b"", "n": 0, "w": None, "d": ctypes.byref(data), "c": ctypes.byref(cell)}[letter])
                if name == "fl_release":
                    arguments = [0]
                with self.subTest(name):
                    result = getattr(_library.lib, name)(*arguments)
                    text = _library.take(data)
                    if not name.endswith(("LastErrorText", "conn_error")):
                        self.assertIn(result, (0, -1, -2, None))
                        self.assertIsNone(text)
                    else:
                        self.assertIn(str(bad), text.decode())
        self.assertIsNone(socket)
        self.assertTrue(bd.AppendByte(1), "a foreign call has harmed it")
