"""Program 6: through whatever lies between. The environment says what that is:

    HTTP_PROXY_PORT, SOCKS_PROXY_PORT   a proxy on 127.0.0.1
    SSH_PORT, SSH_KNOWN_HOSTS           an SSH server on 127.0.0.1
    LOGIN, PASSWORD, SSH_KEY            for the proxy or the SSH server
    THROTTLE                            bytes per second
"""

import os

from fairlead_ws import chilkat2
from session import arguments, expect, finish, must, read_message, shake_hands

url = arguments()
login, password = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")
socket = chilkat2.Socket()
if "HTTP_PROXY_PORT" in os.environ:
    socket.HttpProxyHostname = "127.0.0.1"
    socket.HttpProxyPort = int(os.environ["HTTP_PROXY_PORT"])
    socket.HttpProxyUsername = login
    socket.HttpProxyPassword = password
    socket.HttpProxyAuthMethod = "Basic"
    socket.HttpProxyForHttp = True
if "SOCKS_PROXY_PORT" in os.environ:
    socket.SocksVersion = 5
    socket.SocksHostname = "127.0.0.1"
    socket.SocksPort = int(os.environ["SOCKS_PROXY_PORT"])
    socket.SocksUsername = login
    socket.SocksPassword = password
if "SSH_PORT" in os.environ:
    socket.SshKnownHostsPath = os.environ["SSH_KNOWN_HOSTS"]
    must(socket.SshOpenTunnel("127.0.0.1", int(os.environ["SSH_PORT"])), socket)
    if "SSH_KEY" in os.environ:
        key = chilkat2.SshKey()
        must(key.FromOpenSshPrivateKey(must(key.LoadText(os.environ["SSH_KEY"]), key)), key)
        must(socket.SshAuthenticatePk(login, key), socket)
    else:
        must(socket.SshAuthenticatePw(login, password), socket)
if "THROTTLE" in os.environ:
    socket.BandwidthThrottleUp = socket.BandwidthThrottleDown = int(os.environ["THROTTLE"])

must(socket.Connect("localhost", url.port, url.scheme == "wss", 10000), socket)
rest = chilkat2.Rest()
must(rest.UseConnection(socket, False), rest)
ws = shake_hands(rest, url.path)
sent = "through whatever is between; " * 2000
must(ws.SendFrame(sent[:100], False), ws)
must(ws.SendFrame(sent[100:], True), ws)
expect("the echo is what was sent", read_message(ws) == sent, True)
finish(ws)
