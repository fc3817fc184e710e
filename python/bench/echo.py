#!/usr/bin/python3
"""Echo rates of fairlead_ws beside other WebSocket clients for Python, in one run.

    echo.py [--rounds N] [--seconds S] [--write README.md]

Each client keeps one connection to the same server (bench/echoserver, a process of its
own) without compression. In each round each of them in turn sends a message and waits
for its echo, again and again, for S seconds. A ratio is that of two clients in the same
round; the table has the median of all rounds, and in brackets the quarters around it.
The second figure is the CPU time of the client's process for one echo.

The others are Debian's python3-websocket (websocket-client) and python3-websockets,
each in its natural form; the latter has only asyncio there.
"""

import argparse
import asyncio
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import websocket  # noqa: E402
import websockets  # noqa: E402

import fairlead_ws  # noqa: E402
import fairlead_ws.aio  # noqa: E402

SIZES = {"64 B": 64, "64 KiB": 64 << 10}
MAX_SIZE = 16 << 20
CHUNK = 20  # echoes between two looks at the clock


class Sync:
    def __init__(self, name, send, recv, close):
        self.name, self.send, self.recv, self.close = name, send, recv, close

    def play(self, message, seconds):
        send, recv = self.send, self.recv
        count, cpu, begin = 0, time.process_time(), time.perf_counter()
        while True:
            for _ in range(CHUNK):
                send(message)
                if len(recv()) != len(message):
                    raise AssertionError(f"{self.name}: the echo is not what was sent")
            count += CHUNK
            took = time.perf_counter() - begin
            if took >= seconds:
                return count / took, (time.process_time() - cpu) / count


class Async:
    def __init__(self, name, loop, ws):
        self.name, self.loop, self.ws = name, loop, ws

    async def _play(self, message, seconds):
        send, recv = self.ws.send, self.ws.recv
        count, cpu, begin = 0, time.process_time(), time.perf_counter()
        while True:
            for _ in range(CHUNK):
                await send(message)
                if len(await recv()) != len(message):
                    raise AssertionError(f"{self.name}: the echo is not what was sent")
            count += CHUNK
            took = time.perf_counter() - begin
            if took >= seconds:
                return count / took, (time.process_time() - cpu) / count

    def play(self, message, seconds):
        return self.loop.run_until_complete(self._play(message, seconds))

    def close(self):
        self.loop.run_until_complete(self.ws.close())


async def _open(connect, url, **options):
    return await connect(url, max_size=MAX_SIZE, **options)


def clients(url, loop):
    ours = fairlead_ws.connect(url, max_size=MAX_SIZE)
    theirs = websocket.create_connection(url)
    return [
        Sync("fairlead_ws", ours.send, ours.recv, ours.close),
        Sync("websocket-client", theirs.send_binary, theirs.recv, theirs.close),
        Async("fairlead_ws.aio", loop, loop.run_until_complete(_open(fairlead_ws.aio.connect, url))),
        Async("websockets", loop, loop.run_until_complete(_open(websockets.connect, url, compression=None, ping_interval=None))),
    ]


def measure(url, rounds, seconds):
    """Rates and CPU times: {size: {client: [(rate, cpu) of each round]}}."""
    loop = asyncio.new_event_loop()
    players = clients(url, loop)
    results = {}
    for label, size in SIZES.items():
        message = os.urandom(size)
        results[label] = {p.name: [] for p in players}
        for p in players:
            p.play(message, seconds / 4)
        for r in range(rounds):
            for p in players[r % len(players):] + players[:r % len(players)]:
                results[label][p.name].append(p.play(message, seconds))
    for p in players:
        p.close()
    loop.close()
    return results


def spread(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.2f} [{low:.2f}, {high:.2f}]"


def table(results):
    pairs = (("fairlead_ws", "websocket-client"), ("fairlead_ws", "websockets"), ("fairlead_ws.aio", "websockets"))
    lines = ["| messages | client | beside | echoes a second, ratio | CPU time for an echo, ratio |", "|---|---|---|---|---|"]
    for label, rows in results.items():
        for ours, theirs in pairs:
            rates = [a[0] / b[0] for a, b in zip(rows[ours], rows[theirs])]
            cpus = [a[1] / b[1] for a, b in zip(rows[ours], rows[theirs])]
            lines.append(f"| {label} | {ours} | {theirs} | {spread(rates)} | {spread(cpus)} |")
    return "\n".join(lines)


def absolute(results):
    return "\n".join(
        f"{label:7} {name:18} {statistics.median(r for r, _ in rows):9.0f} echoes/s {statistics.median(c for _, c in rows) * 1e6:7.1f} us CPU"
        for label, players in results.items() for name, rows in players.items())


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--seconds", type=float, default=0.5)
    arguments.add_argument("--write", metavar="FILE", help="put the table between the marks of this file")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "echoserver")
        subprocess.run(["go", "build", "-o", program, "."], cwd=os.path.join(HERE, "echoserver"), check=True)
        server = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            results = measure(server.stdout.readline().strip(), options.rounds, options.seconds)
        finally:
            server.stdin.close()
            server.wait(30)
    about = (f"{options.rounds} rounds of {options.seconds} s, Python {platform.python_version()}, websocket-client {websocket.__version__}, "
             f"websockets {websockets.__version__}, {os.cpu_count()} CPUs.")
    print(absolute(results), table(results), about, sep="\n\n")
    if options.write:
        with open(options.write, encoding="utf-8") as f:
            text = f.read()
        text, n = re.subn(r"(?s)<!-- table -->.*<!-- end -->", lambda _: f"<!-- table -->\n{table(results)}\n\n{about}\n<!-- end -->", text)
        if n != 1:
            sys.exit(f"{options.write} has no marks for the table")
        with open(options.write, "w", encoding="utf-8") as f:
            f.write(text)


main()
