"""What objects leave behind, threads, and the ends of processes."""

import gc
import multiprocessing
import os
import threading
import unittest
import warnings

import fairlead_ws
from fairlead_ws import _library, chilkat2
from tests import kit

IDLE = """
import sys, threading, time
import fairlead_ws
from fairlead_ws import chilkat2
from tests import kit

def quiet(ws):
    try:
        ws.recv()
    except fairlead_ws.ConnectionClosed:
        pass  # the server ends when we do
"""


class LeakTest(unittest.TestCase):
    def test_objects_made_and_dropped(self):
        gc.collect()
        before = _library.lib.fl_count()
        for _ in range(100000 // len(chilkat2.__all__)):
            for name in chilkat2.__all__:
                getattr(chilkat2, name)()
        gc.collect()
        self.assertEqual(_library.lib.fl_count(), before)

    def test_sessions_made_and_dropped(self):
        kit.session()
        gc.collect()
        before, files = _library.lib.fl_count(), len(os.listdir("/proc/self/fd"))
        for _ in range(50):
            kit.session()
            fairlead_ws.connect(kit.url())
            task = kit.session().ReadFrameAsync()
            task.Run()
            task.Cancel()
            task.Wait(10000)
        del task
        gc.collect()
        self.assertEqual(_library.lib.fl_count(), before)
        self.assertLess(len(os.listdir("/proc/self/fd")), files + 20)

    def test_frames_leave_memory_flat(self):
        frames = 1000000 if kit.LONG else 20000
        small, big = b"x" * 64, "ä" * 1000
        with fairlead_ws.connect(kit.url()) as ws:
            def echo(n):
                for i in range(n):
                    ws.send(small)
                    if i % 100 == 0:
                        ws.send(big)
                        ws.recv()
                    ws.recv()
            echo(frames // 5)
            gc.collect()
            before = kit.resident()
            echo(frames - frames // 5)
            gc.collect()
            growth = kit.resident() / before - 1
        self.assertLess(growth, 0.05, f"memory grew by {growth:.1%}")

    def test_frames_of_the_reference_leave_memory_flat(self):
        frames = 100000 if kit.LONG else 4000
        with kit.session() as ws:
            def echo(n):
                for _ in range(n):
                    self.assertTrue(ws.SendFrame("x" * 4096, True) and ws.ReadFrame())
                    self.assertEqual(len(ws.GetFrameData()), 4096)  # enough for a leak to show
            echo(frames // 2)
            gc.collect()
            before = kit.resident()
            echo(frames // 2)
            gc.collect()
            self.assertLess(kit.resident() / before - 1, 0.05)


class ThreadsTest(unittest.TestCase):
    def test_one_reads_and_many_send(self):
        each, senders = 300, 3
        with kit.session() as ws:
            def send(name):
                for i in range(each):
                    if not ws.SendFrame(f"{name} {i}", True):
                        raise AssertionError(ws.LastErrorText)
            threads = [threading.Thread(target=send, args=(n,)) for n in range(senders)]
            for t in threads:
                t.start()
            following = [0] * senders
            for _ in range(each * senders):
                self.assertTrue(ws.ReadFrame(), ws.LastErrorText)
                name, i = map(int, ws.GetFrameData().split())
                self.assertEqual(i, following[name])
                following[name] += 1
            for t in threads:
                t.join()

    def test_two_read(self):
        with kit.session() as ws:
            results, first = [], threading.Event()

            def read():
                results.append((ws.ReadFrame(), ws.LastErrorText))
                first.set()
            threads = [threading.Thread(target=read) for _ in range(2)]
            for t in threads:
                t.start()
            self.assertTrue(first.wait(10))
            ws.SendFrame("for the one that reads", True)
            for t in threads:
                t.join(10)
            self.assertEqual([done for done, _ in results], [False, True])
            self.assertIn("Another ReadFrame", results[0][1])

    def test_dispose_under_a_reader(self):
        ws = kit.session()
        results = []
        t = threading.Thread(target=lambda: results.append(ws.ReadFrame()))
        t.start()
        ws.Dispose()
        t.join(10)
        self.assertEqual(results, [False])

    def test_the_lock_is_free_while_a_call_blocks(self):
        with kit.session() as ws:
            t = threading.Thread(target=ws.ReadFrame)
            t.start()
            self.assertEqual(sum(1 for _ in range(100000)), 100000)  # would wait for ever
            self.assertTrue(t.is_alive())
            ws.SendFrame("go", True)
            t.join(10)


class EndTest(unittest.TestCase):
    """Processes that end while something goes on."""

    def test_ends(self):
        for what in (
            "ws = kit.session(); threading.Thread(target=ws.ReadFrame, daemon=True).start()",
            "ws = kit.session(); t = ws.ReadFrameAsync(); t.SetTaskCompleted(id); t.Run()",
            "ws = kit.session(); t = ws.ReadFrameAsync(); t.Run(); kept = [ws, t]; kept.append(kept)",
            "ws = fairlead_ws.connect(kit.url()); threading.Thread(target=quiet, args=(ws,), daemon=True).start()",
            "ws = fairlead_ws.connect(kit.url()); sys.modules['kept'] = ws",
            "import atexit; ws = kit.session(); atexit.register(ws.SendFrame, 'late', True)",
        ):
            with self.subTest(what):
                self.assertEqual(kit.run(IDLE + what + "\ntime.sleep(0.05)\n"), "")

    @unittest.skipUnless(hasattr(os, "fork"), "no fork")
    def test_fork_is_refused(self):
        context = multiprocessing.get_context("fork")
        queue = context.SimpleQueue()

        def child():
            try:
                chilkat2.WebSocket()
            except RuntimeError as error:
                queue.put(str(error))
        process = context.Process(target=child)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of it themselves
            process.start()
        process.join(30)
        if process.exitcode is None:
            process.kill()
        self.assertEqual(process.exitcode, 0)
        self.assertIn("spawn", queue.get())
        queue.close()
