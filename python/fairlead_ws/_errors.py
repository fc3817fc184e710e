"""The exceptions of the package."""

import json


class Error(Exception):
    """The base of what this package raises beside ValueError, TypeError and TimeoutError."""


class HandshakeError(Error):
    """No connection came to be. phase says how far it came ("resolve", "connect", "tls",
    "response", "verify", "proxy" ...), status and body are those of the server's answer,
    if it gave one."""

    def __init__(self, text, phase="", status=0, body=""):
        super().__init__(text)
        self.phase, self.status, self.body = phase, status, body


class ConnectionClosed(Error):
    """The session is over. code and reason are those of the server's Close frame: 1005 where it
    had no code, 1006 where none came. remote says whether the server began the end."""

    def __init__(self, text, code=1006, reason="", remote=False):
        super().__init__(text)
        self.code, self.reason, self.remote = code, reason, remote


class ProtocolError(ConnectionClosed):
    """The server broke the protocol, or went over a limit. code is what it was told."""


def from_json(data):
    """The exception for a failure as the library describes it."""
    f = json.loads(data or b'{"kind":"other","text":"the call was lost"}')
    kind, text, code = f["kind"], f["text"], f.get("code", 1006)
    if kind == "argument":
        return ValueError(text)
    if kind == "timeout":
        return TimeoutError(text)
    if kind == "handshake":
        return HandshakeError(text, f.get("phase", ""), f.get("status", 0), f.get("body", ""))
    if kind == "protocol":
        return ProtocolError(text, code)
    if kind == "closed":
        return ConnectionClosed(text, code, f.get("reason", ""), f.get("remote", False))
    return Error(text)
