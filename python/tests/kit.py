"""What the tests share: an echo server, and sessions with it.

FAIRLEAD_ECHO is the path of the program python/bench/echoserver; without it go builds it.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from urllib.parse import urlsplit

from fairlead_ws import chilkat2

HERE = os.path.dirname(os.path.abspath(__file__))
LONG = os.environ.get("FAIRLEAD_LONG") == "1"

_server = _process = None


def _program():
    program = os.environ.get("FAIRLEAD_ECHO")
    if program:
        return program
    if shutil.which("go") is None:
        raise unittest.SkipTest("go is missing, and FAIRLEAD_ECHO names no echo server")
    folder = tempfile.mkdtemp(prefix="fairlead-echo-")
    atexit.register(shutil.rmtree, folder, True)
    program = os.path.join(folder, "echoserver")
    subprocess.run(["go", "build", "-o", program, "."], cwd=os.path.join(HERE, "..", "bench", "echoserver"), check=True)
    return program


def url():
    """The URL of an echo server, which is started when first asked for."""
    global _server, _process
    if _server is None:
        process = _process = subprocess.Popen([_program()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(_end, process)
        _server = process.stdout.readline().strip()
        process.stdout.close()
    return _server


def _end(process):
    process.stdin.close()
    process.wait(30)


def session(query=""):
    """A WebSocket of chilkat2 with the echo server."""
    u = urlsplit(url())
    rest, ws = chilkat2.Rest(), chilkat2.WebSocket()
    done = (rest.Connect(u.hostname, u.port, False, False) and ws.UseConnection(rest) and ws.AddClientHeaders()
            and rest.FullRequestNoBody("GET", "/" + query) is not None and ws.ValidateServerHandshake())
    if not done:
        raise AssertionError(rest.LastErrorText + ws.LastErrorText)
    return ws


def run(code, *args, timeout=60):
    """Runs Python code in a process of its own and returns what it printed. It must end well."""
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    done = subprocess.run([sys.executable, "-X", "dev", "-W", "error", "-c", code, *args],
                          capture_output=True, text=True, timeout=timeout, env=env)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def resident():
    """Memory of this process in bytes."""
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
