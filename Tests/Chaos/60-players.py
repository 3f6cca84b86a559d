"""Real players, Chromium's own and hls.js, play through the death of an origin."""

import pathlib
import shutil
import tempfile
import time
import unittest

import encoders
import hlsjs
from browser import Browser
from lab import until
from summary import Bounds
from twins import Twins

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 30
# What a player has in store.
STALL = 2 * encoders.SEGMENT
PLAYERS = {"native": "Chromium's player", "hlsjs": "hls.js"}


class Players:
    """The faults; what kind of twins they befall stands below."""

    are_aligned = True

    def befall(self, hurt):
        """Both players in one page, the origin in use hurt under them."""
        with Twins(encoders.FMP4, self.are_aligned) as twins, Pages(twins) as pages:
            until(lambda: all(one["time"] > 0 for one in pages.seen().values()), "pictures", 60)
            time.sleep(5)
            before = pages.seen()
            used, _ = twins.in_use()
            hurt(used)
            time.sleep(SECONDS)
            for name, seen in pages.seen().items():
                self.judge(PLAYERS[name], before[name], seen)
            found = twins.watchers.findings
            kinds = set(found.counts) - set(self.are_aligned and twins.watchers.POISONED or ())
            self.none("watchers' findings of any kind", found, *sorted(kinds))

    def judge(self, name, before, seen):
        """What a player went through."""
        self.at_most(f"{name}: fatal errors", 0, len(seen["fatal"]), "", seen["fatal"])
        self.at_most(f"{name}: longest stall", STALL, seen["longest"], " s", seen)
        self.holds(f"{name}: played on", f"> {SECONDS - STALL} s",
                   f"{seen['time'] - before['time']:.1f} s",
                   seen["time"] - before["time"] > SECONDS - STALL, seen)
        self.holds(f"{name}: goes on", "not ended", "ended" if seen["ended"] else "plays",
                   not seen["ended"], seen["errors"])

    def test_the_origin_is_killed(self):
        self.befall(lambda one: one.kill())

    def test_the_encoder_freezes(self):
        self.befall(lambda one: one.freeze())

    def test_the_encoder_ends(self):
        self.befall(lambda one: one.end())


class Pages:
    """A browser with the page of players."""

    def __init__(self, twins):
        for origin in twins.origins:
            page = origin.folder / "www/page"
            page.mkdir()
            shutil.copy(HERE / "page/players.html", page)
            shutil.copy(hlsjs.module(), page)
        self.folder = tempfile.mkdtemp(prefix="spillway-chaos-")
        self.browser = Browser(pathlib.Path(self.folder))
        self.url = twins.edge.url("/page/players.html?src=/live/master.m3u8")

    def __enter__(self):
        self.browser.open(self.url)
        return self

    def __exit__(self, *_):
        self.browser.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def seen(self):
        """What both went through."""
        return self.browser.run("return window.players") or {"": {"time": 0}}


class PlayersOfAlignedTwins(Players, Bounds):
    subject = "players, aligned"


class PlayersOfIndependentTwins(Players, Bounds):
    subject = "players, independent"
    are_aligned = False


if __name__ == "__main__":
    unittest.main()
