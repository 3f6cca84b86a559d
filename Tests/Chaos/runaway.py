"""A player that has run away past the live edge, as ffmpeg 5.1's DASH demuxer does.

Usage: runaway.py HOST PORT TEMPLATE FIRST COUNT RATE SECONDS
Asks for each of COUNT future segments from FIRST on, again and again, RATE requests a second over
connections that are kept; prints how many requests it made and what the answers were, as JSON.
"""

import collections
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "System"))

from lab import Viewer

THREADS = 8


class Runaway:
    """All threads together."""

    def __init__(self, address, template, first, count, rate, seconds):
        self.address, self.template = address, template
        self.first, self.count = first, count
        self.pause = THREADS / rate
        self.end = time.monotonic() + seconds
        self.next = 0
        self.lock = threading.Lock()
        self.statuses = collections.Counter()

    def name(self):
        """The next name."""
        with self.lock:
            self.next += 1
            return self.template % (self.first + self.next % self.count)

    def run(self, index):
        """One connection after the other."""
        viewer, due = None, time.monotonic() + self.pause * index / THREADS
        while (now := time.monotonic()) < self.end:
            if now < due:
                time.sleep(due - now)
            due = max(due + self.pause, now - 0.1)
            try:
                viewer = viewer or Viewer(self.address)
                viewer.ask(self.name(), User_Agent="Lavf/59.27.100")
                outcome = viewer.answer().status
            except (EOFError, OSError):
                outcome, viewer = "refused", None
            with self.lock:
                self.statuses[outcome] += 1


def main():
    host, port, template, *numbers = sys.argv[1:]
    first, count, rate, seconds = map(int, numbers)
    runaway = Runaway((host, int(port)), template, first, count, rate, seconds)
    threads = [threading.Thread(target=runaway.run, args=(index,)) for index in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"requests": sum(runaway.statuses.values()), **runaway.statuses}))


if __name__ == "__main__":
    main()
