"""The published pair of media sequences, 1256 and 1056 (hls.js#1225), in every order."""

import contextlib
import os
import random
import time
import unittest

from edge import Edge
from lab import Origin
from scripted import STREAM, Channel
from summary import Bounds
from watchers import Watchers

MINUTES = float(os.environ.get("MINUTES", "1"))
EVERY = 10


class Pair(contextlib.ExitStack):
    """Both channels, a node and its watchers; `turn` is called every ten seconds."""

    def __init__(self):
        super().__init__()
        self.channels = [Channel("a", 1256), Channel("b", 1056)]

    def start(self, *serves):
        """One origin for each of these."""
        origins = [self.enter_context(Origin(serve)) for serve in serves]
        self.edge = self.enter_context(Edge(*(one.address for one in origins)))
        self.watchers = Watchers(self.edge, "/live/", STREAM, 4)
        self.callback(self.watchers.close)
        return self


class Deaths(Pair):
    """Two servers, of which another is dead every ten seconds."""

    def __init__(self):
        super().__init__()
        self.start(*(one.serve for one in self.channels))

    def turn(self, number):
        """The other one dies."""
        for index, channel in enumerate(self.channels):
            channel.is_down = index == number % 2


class Doubles(Pair):
    """One name behind which another server answers every ten seconds."""

    def __init__(self):
        super().__init__()
        self.used = self.channels[0]
        self.start(lambda exchange: self.used.serve(exchange))

    def turn(self, number):
        """The other one answers."""
        self.used = self.channels[number % 2]


class Dice(Pair):
    """One name behind which either server answers, as it was published."""

    def __init__(self):
        super().__init__()
        chance = random.Random(1225)
        self.start(lambda exchange: chance.choice(self.channels).serve(exchange))

    def turn(self, number):
        """Nothing is left to do."""


class SequencePair(Bounds):
    subject = "media sequences 1256 and 1056"

    def test_never_decrease_for_a_viewer(self):
        with contextlib.ExitStack() as stack:
            pairs = {"of which one is dead": Deaths, "that take turns behind a name": Doubles,
                     "behind a name at random": Dice}
            pairs = {name: stack.enter_context(kind()) for name, kind in pairs.items()}
            for number in range(max(3, int(MINUTES * 60 / EVERY))):
                for pair in pairs.values():
                    pair.turn(number)
                time.sleep(EVERY)
            for name, pair in pairs.items():
                found = pair.watchers.findings
                self.none(f"regressions, servers {name}", found, *Watchers.REGRESSIONS)
                self.none(f"failures, servers {name}", found, *Watchers.FAILURES)


if __name__ == "__main__":
    unittest.main()
