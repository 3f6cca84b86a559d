"""One of two origins dies, hangs, vanishes, ends or freezes, and 500 viewers notice nothing."""

import os
import time
import unittest

import encoders
from edge import FIRST_BYTE
from summary import Bounds
from twins import Probes, Twins

PLAYERS = int(os.environ.get("PLAYERS", "500"))
SECONDS = 26
TARGET = encoders.SEGMENT
# What a viewer has in store.
STALL = 2 * encoders.SEGMENT
# What the twin itself needs to answer, on a machine that has other things to do.
ANSWER = 0.25


class Crowded(Bounds):
    """What a crowd and strict watchers have to see, whatever happens."""

    errors = 0

    def judge(self, twins, seen, stale):
        """The crowd's figures, and the watchers'."""
        found = twins.watchers.findings
        errors = {name: value for name, value in seen.items() if name.startswith("failed_")}
        broken = {name: value for name, value in seen.items() if name.startswith("violations_")}
        # Whoever comes to an end leaves, and another takes the place.
        self.holds("viewers who came, who play", f"{PLAYERS}, {PLAYERS}",
                   f"{seen['players']}, {seen['started']}",
                   seen["players"] == seen["started"] == PLAYERS)
        self.at_most("viewers' errors", self.errors, sum(errors.values()), "", errors)
        self.at_most("viewers' violations", 0, sum(broken.values()), "", broken)
        self.at_most("longest that a viewer stood still", STALL, seen["longest_stall_s"], " s",
                     f"{seen['stalls']} stalls, {seen['rebuffering_percent']} % of the time")
        self.at_most("viewers' segments missed", 0, seen["missed"])
        self.none("watchers' failures", found, *twins.watchers.FAILURES)
        self.none("ends of the stream", found, "ENDLIST", "static")
        self.none("regressions and changes of history", found, *twins.watchers.REGRESSIONS)
        if twins.watchers.POISONED and not twins.are_aligned:
            self.none("names whose media changed", found, *twins.watchers.POISONED)
        self.at_most("longest without a change", stale, twins.watchers.age(), " s")


class OneOrigin(Crowded):
    """The control: a stream to which nothing happens breaks no bound."""

    subject = "one origin"

    def play(self, stream):
        """A whole run without a fault."""
        with Twins(stream, False, players=PLAYERS, seconds=SECONDS, count=1) as twins:
            self.judge(twins, twins.crowd.figures(), 1.5 * TARGET)

    def test_plays_HLS(self):
        self.play(encoders.FMP4)

    def test_plays_HLS_with_TS(self):
        self.play(encoders.TS)

    def test_plays_DASH_by_number(self):
        self.play(encoders.NUMBER)

    def test_plays_DASH_by_timeline(self):
        self.play(encoders.TIMELINE)


class Faults:
    """The faults; what kind of twins they befall stands below."""

    stream, are_aligned = encoders.FMP4, True

    def befall(self, hurt, failover=None, is_apart=False, stale=1.5 * TARGET):
        """Lets twins play, hurts the one in use, and judges what viewers saw."""
        with Twins(self.stream, self.are_aligned, is_apart, PLAYERS, SECONDS) as twins:
            twins.settle()
            used, _ = twins.in_use()
            hurt(used)
            probes = Probes(twins.edge, used).run(4) if failover else None
            seen = twins.crowd.figures()
            if probes:
                self.at_most("first answer of the twin", failover + ANSWER,
                             probes.first or float("inf"), " s")
                self.at_most("slowest request that needs an origin", failover + ANSWER,
                             probes.longest, " s")
                self.at_most("of these, failed", 0, len(probes.errors), "", probes.errors[:3])
                self.at_most("slowest answer to a watcher", failover + ANSWER,
                             twins.watchers.findings.longest_wait, " s")
            self.judge(twins, seen, stale)

    def test_an_origin_that_is_killed(self):
        self.befall(lambda one: one.kill(), failover=1.0)

    def test_an_origin_that_hangs(self):
        self.befall(lambda one: one.stop(), failover=FIRST_BYTE, stale=1.5 * TARGET + FIRST_BYTE)

    def test_an_origin_that_ends(self):
        self.befall(lambda one: one.end())

    def test_an_origin_whose_playlists_freeze(self):
        self.befall(lambda one: one.freeze())


class AlignedTwins(Faults, Crowded):
    subject = "aligned HLS"

    @unittest.skipIf(os.getuid(), "networks of their own need root")
    def test_an_origin_whose_packets_are_lost(self):
        self.befall(lambda one: one.blackhole(), failover=FIRST_BYTE, is_apart=True,
                    stale=1.5 * TARGET + FIRST_BYTE)

    def test_an_origin_that_loses_its_segments(self):
        self.befall(lambda one: one.lose_segments())

    def test_an_encoder_that_restarts_behind_the_other(self):
        def restart(one):
            one.restart_encoder()
            time.sleep(1)
        self.befall(restart)


class IndependentTwins(Faults, Crowded):
    subject = "independent HLS"
    are_aligned = False

    def test_an_encoder_that_counts_from_a_lower_number(self):
        self.befall(lambda one: one.restart_encoder(7))

    def test_an_encoder_that_counts_from_a_higher_number(self):
        self.befall(lambda one: one.restart_encoder(9000))


class TransportStreams(Faults, Crowded):
    subject = "independent HLS with TS"
    stream, are_aligned = encoders.TS, False


class DASHByNumber(Faults, Crowded):
    """Players ask for what is due by the clock, without a look at the manifest.

    What an independent server would have had next when it died exists nowhere else: an error a
    viewer is allowed, and the retries of a few while a frozen encoder is found out.
    """

    subject = "independent DASH by number"
    stream, are_aligned = encoders.NUMBER, False
    errors = PLAYERS

    def test_an_origin_whose_playlists_freeze(self):
        self.errors = 6 * PLAYERS
        super().test_an_origin_whose_playlists_freeze()


class DASHByTimeline(Faults, Crowded):
    subject = "independent DASH by timeline"
    stream, are_aligned = encoders.TIMELINE, False


class AlignedDASHByNumber(Faults, Crowded):
    subject = "aligned DASH by number"
    stream = encoders.NUMBER


class AlignedDASHByTimeline(Faults, Crowded):
    subject = "aligned DASH by timeline"
    stream = encoders.TIMELINE


if __name__ == "__main__":
    unittest.main()
