"""What the programs beside this file share: opening a session, and closing it."""

import sys
from urllib.parse import urlsplit

from fairlead_ws import chilkat2


def arguments():
    """The URL of an echo server, from the command line."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} ws://HOST:PORT/PATH")
    url = urlsplit(sys.argv[1])
    return url if url.path else url._replace(path="/")


def must(done, obj):
    """Ends the program when a call has failed, and says why."""
    if not done and done != "":
        sys.exit(obj.LastErrorText)
    return done


def expect(what, got, wanted):
    print(f"{what}: {got!r}")
    if got != wanted:
        sys.exit(f"{what} is {got!r}, not {wanted!r}")


def open_session(url, query=""):
    """A WebSocket whose opening handshake is done."""
    rest = chilkat2.Rest()
    must(rest.Connect(url.hostname, url.port, url.scheme == "wss", False), rest)
    return shake_hands(rest, url.path + query)


def shake_hands(rest, path):
    ws = chilkat2.WebSocket()
    must(ws.UseConnection(rest), ws)
    must(ws.AddClientHeaders(), ws)
    must(rest.FullRequestNoBody("GET", path), rest)
    expect("ResponseStatusCode", rest.ResponseStatusCode, 101)
    must(ws.ValidateServerHandshake(), ws)
    return ws


def read_message(ws):
    """Reads frames until a message is complete, and returns its text."""
    must(ws.ReadFrame(), ws)
    while not ws.FinalFrame:
        must(ws.ReadFrame(), ws)
    return ws.GetFrameData()


def finish(ws):
    """Closes as both sides should."""
    must(ws.SendClose(True, 1000, ""), ws)
    must(ws.ReadFrame(), ws)
    expect("FrameOpcode", ws.FrameOpcode, "Close")
    expect("IsConnected", ws.IsConnected, False)
