"""Walks the list of members over the classes."""

import inspect
import os
import re
import unittest

from fairlead_ws import chilkat2
from tests import kit

KINDS = {"bool": bool, "int": int, "string": str}


def members():
    with open(os.path.join(kit.HERE, "reference_members.txt")) as f:
        for line in f:
            if not line.startswith("#"):
                cls, name, kind, arguments, result = line.split()
                yield cls, name, kind, [a.split(":") for a in arguments.split(",") if a != "-"], result


class MembersTest(unittest.TestCase):
    def test_every_member(self):
        count = {}
        for cls, name, kind, arguments, result in members():
            with self.subTest(f"{cls}.{name}"):
                python = getattr(chilkat2, cls)
                count[cls, kind] = count.get((cls, kind), 0) + 1
                member = inspect.getattr_static(python, name)
                self.assertGreater(len(inspect.getdoc(member) or ""), 10, "no docstring")
                if kind == "method":
                    parameters = list(inspect.signature(member).parameters)
                    self.assertEqual(parameters, ["self"] + [a for a, _ in arguments])
                    continue
                self.assertIsInstance(member, property)
                self.assertIs(type(getattr(python(), name)), KINDS[result])
                if kind == "get":
                    with self.assertRaises(AttributeError):
                        setattr(python(), name, getattr(python(), name))
                else:
                    obj = python()
                    setattr(obj, name, getattr(obj, name))
        # HeartbeatMs and ShareConnection are ours.
        self.assertEqual(count["WebSocket", "get"] + count["WebSocket", "set"], 23 + 1)
        self.assertEqual(count["WebSocket", "method"], 23 + 1)

    def test_nothing_else(self):
        ours = {"Dispose", "SetAbortCheck", "SetTaskCompleted"}
        listed = {(cls, name) for cls, name, *_ in members()}
        for cls in chilkat2.__all__:
            for name in dir(getattr(chilkat2, cls)):
                if not name.startswith("_") and name not in ours:
                    self.assertIn((cls, name), listed)

    def test_settable_properties_keep_what_they_are_given(self):
        values = {"bool": [True, False], "int": [7], "string": ["x"]}
        particular = {
            "AlpnProtocol": ["http/1.1"], "ClientIpAddress": ["127.0.0.1"], "SslProtocol": ["TLS 1.3"], "SocksVersion": [5],
            "HttpProxyAuthMethod": ["Digest"], "SessionLogEncoding": ["hex"], "SignatureMethod": ["HMAC-SHA256"],
            "TlsPinSet": ["sha256, base64, 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="], "UncommonOptions": ["ProtectFromVpn", ""],
            "SslAllowedCiphers": ["TLS_AES_128_GCM_SHA256"], "DebugLogFilePath": [os.devnull, ""],
        }
        for cls, name, kind, _, result in members():
            if kind != "set" or name == "Authorization":
                continue
            with self.subTest(f"{cls}.{name}"):
                obj = getattr(chilkat2, cls)()
                for value in particular.get(name, values[result]):
                    setattr(obj, name, value)
                    self.assertEqual(getattr(obj, name), value, obj.LastErrorText)

    def test_defaults(self):
        ws, rest, socket = chilkat2.WebSocket(), chilkat2.Rest(), chilkat2.Socket()
        self.assertEqual((ws.LastErrorText, ws.FrameOpcode, ws.CloseStatusCode, ws.IdleTimeoutMs), ("", "", 0, 30000))
        self.assertTrue(ws.CloseAutoRespond and ws.PingAutoRespond and ws.PongAutoConsume)
        self.assertFalse(ws.FinalFrame or ws.IsConnected or ws.NeedSendPong)
        self.assertEqual((rest.IdleTimeoutMs, rest.ConnectTimeoutMs, rest.HeartbeatMs), (30000, 30000, 0))
        self.assertEqual((socket.SocksPort, socket.HeartbeatMs, socket.RequireSslCertVerify), (1080, 1000, True))

    def test_a_get_leaves_the_log_alone(self):
        ws = chilkat2.WebSocket()
        self.assertFalse(ws.ReadFrame())
        text = ws.LastErrorText
        self.assertIn("ReadFrame", text)
        self.assertEqual(ws.ReadFrameFailReason, 3)
        self.assertEqual(re.sub(r"\d+ms", "", ws.LastErrorText), re.sub(r"\d+ms", "", text))
        self.assertFalse(ws.LastMethodSuccess)

    def test_stubs_name_every_member(self):
        path = os.path.join(os.path.dirname(chilkat2.__file__), "chilkat2.pyi")
        with open(path) as f:
            stubs = f.read()
        for _, name, *_ in members():
            self.assertIn(f"def {name}(", stubs)
        compile(stubs, path, "exec")
