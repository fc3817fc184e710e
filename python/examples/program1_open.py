"""Program 1: open a session call by call, offering a subprotocol."""

from fairlead_ws import chilkat2
from session import arguments, expect, finish, must

url = arguments()
rest = chilkat2.Rest()
ws = chilkat2.WebSocket()
must(rest.Connect(url.hostname, url.port, url.scheme == "wss", False), rest)
must(ws.UseConnection(rest), ws)
must(ws.AddClientHeaders(), ws)
must(rest.AddHeader("Sec-WebSocket-Protocol", "echo.fairlead"), rest)
expect("the body", rest.FullRequestNoBody("GET", url.path), "")
expect("ResponseStatusCode", rest.ResponseStatusCode, 101)
must(ws.ValidateServerHandshake(), ws)
expect("IsConnected", ws.IsConnected, True)
expect("the subprotocol", rest.ResponseHdrByName("Sec-WebSocket-Protocol"), "echo.fairlead")
finish(ws)
