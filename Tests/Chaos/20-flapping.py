"""Two origins of which one is always dead, another every ten seconds, and a node that restarts."""

import os
import time
import unittest

import encoders
from edge import Crowd
from summary import Bounds
from twins import FOLDER, Twins

MINUTES = float(os.environ.get("MINUTES", "1"))
EVERY = 10
# Both are there for so long before the next one dies.
OVERLAP = 3
WATCHERS = 8
PLAYERS = 100


class Flapping(Bounds):
    subject = "flapping"

    def flap(self, stream, are_aligned):
        """Kills one server after the other; in the middle the node is restarted."""
        with Twins(stream, are_aligned, watchers=WATCHERS) as twins:
            twins.settle(4)
            crowd = Crowd(twins.edge.url(FOLDER + stream.entry), PLAYERS, MINUTES * 60)
            twins.stack.callback(crowd.close)
            end = time.monotonic() + MINUTES * 60
            middle = time.monotonic() + MINUTES * 30
            turn, restarts, dead = 0, 0, None
            while time.monotonic() < end:
                if dead:
                    dead.serve()
                    time.sleep(OVERLAP)
                dead = twins.origins[turn % 2]
                dead.kill()
                turn += 1
                time.sleep(EVERY - OVERLAP)
                if not restarts and time.monotonic() > middle:
                    restarts += 1
                    with twins.watchers.pardoned():
                        twins.edge.restart()
            seen = crowd.figures()
            found = twins.watchers.findings
            self.holds("deaths, restarts", "> 2, 1", f"{turn}, {restarts}",
                       turn > 2 and restarts == 1)
            self.none("regressions and changes of history", found, *twins.watchers.REGRESSIONS)
            if twins.watchers.POISONED and not are_aligned:
                self.none("names whose media changed", found, *twins.watchers.POISONED)
            self.at_most("players' regressions", 0, seen["violations_sequence"])
            self.none("ends of the stream", found, "ENDLIST", "static")
            self.none("watchers' failures", found, *twins.watchers.FAILURES)

    def test_aligned_twins_never_go_back(self):
        self.flap(encoders.FMP4, True)

    def test_independent_twins_never_go_back(self):
        self.flap(encoders.FMP4, False)

    def test_independent_manifests_never_go_back(self):
        self.flap(encoders.TIMELINE, False)


if __name__ == "__main__":
    unittest.main()
