"""A player asks for thousands of future segments a second: origin and others notice nothing."""

import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import encoders
from edge import Edge
from lab import Viewer, until
from origins import Origin
from summary import Bounds

HERE = pathlib.Path(__file__).resolve().parent
AHEAD, RATE, SECONDS = 500, 2000, 10
NAME = "/live/chunk-stream0-%05d.m4s"
# A name that is due next is asked for no more often than this, in seconds.
APART = 0.2


class ARunawayPlayer(Bounds):
    subject = "runaway player"

    def setUp(self):
        folder = tempfile.mkdtemp(prefix="spillway-chaos-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.origin = Origin("a", folder, encoders.NUMBER)
        self.addCleanup(self.origin.close)
        until(self.origin.is_ready, "segments", 40)

    def newest(self):
        """The number of the newest segment."""
        return max(int(re.search(r"-(\d+)\.m4s", one.name)[1])
                   for one in self.origin.root.glob("chunk-stream0-*.m4s"))

    def hits(self, edge, path, seconds):
        """The latency that 99 of 100 hits stay below, in milliseconds, and failures."""
        times, bad = [], 0
        end = time.monotonic() + seconds
        with Viewer(edge.address) as viewer:
            while time.monotonic() < end:
                began = time.monotonic()
                viewer.ask(path)
                bad += viewer.answer().status != 200
                times.append((time.monotonic() - began) * 1000)
                time.sleep(0.01)
        times.sort()
        return times[len(times) * 99 // 100], bad

    def test_is_not_felt_by_the_origin(self):
        with Edge(self.origin.address) as edge:
            with Viewer(edge.address) as viewer:
                # As every player does first: the node learns from it how segments are named.
                viewer.ask("/live/main.mpd")
                self.assertEqual(200, viewer.answer().status)
            first = self.newest()
            path = NAME % first
            before, _ = self.hits(edge, path, 3)
            began = time.time()
            command = [sys.executable, str(HERE / "runaway.py"), edge.address[0],
                       str(edge.address[1]), NAME, str(self.newest() + 1), str(AHEAD), str(RATE),
                       str(SECONDS)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
                during, bad = self.hits(edge, path, SECONDS)
                told = json.loads(client.stdout.read())
            self.judge(told, began)
            self.at_most("p99 of others' hits", round(before + 20), during, " ms",
                         f"{before:.1f} ms before")
            self.at_most("others' hits that failed", 0, bad)

    def judge(self, told, began):
        """What the origin saw of it."""
        reached = collections.defaultdict(list)
        for moment, status, target, _ in self.origin.requests(began):
            if status == 404:
                reached[target].append(moment)
        total = sum(map(len, reached.values()))
        share = 100 * total / max(1, told["requests"])
        close = [f"{name} after {(b - a) * 1000:.0f} ms" for name, moments in reached.items()
                 for a, b in zip(moments, moments[1:]) if b - a < APART * 0.95]
        self.holds("requests of the client", f"≥ {SECONDS * RATE // 4}", str(told["requests"]),
                   told["requests"] >= SECONDS * RATE // 4, told)
        self.at_most("of these, at the origin", 1.0, share, " %", f"{total} of {told}")
        self.at_most("a name asked again within 200 ms", 0, len(close), "", close[:3])


if __name__ == "__main__":
    unittest.main()
