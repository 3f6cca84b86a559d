"""The same for DASH: watchers of a manifest, for whom its times may never go back."""

import datetime
import re
import threading
import time
import xml.etree.ElementTree

from watchers import Watchers

SPACE = "{urn:mpeg:dash:schema:mpd:2011}"
TIME = re.compile(r"(?:PT)(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?$")


def seconds(text):
    """An xs:duration of hours, minutes and seconds."""
    parts = TIME.match(text).groups()
    return sum(float(part or 0) * unit for part, unit in zip(parts, (3600, 60, 1)))


def moment(text):
    """Unix time of an xs:dateTime."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class ManifestHistory:
    """Everything that anybody was told by one manifest."""

    def __init__(self, path, findings):
        self.path, self.findings = path, findings
        self.lock = threading.Lock()
        self.start = None
        self.periods = {}
        self.place = (0.0, 0.0)
        self.changed = None
        self.oldest_age = 0.0

    def take(self, text, floor):
        """Judges an answer to a request that was sent when `floor` was the place."""
        with self.lock:
            self.judge(text, floor)

    def judge(self, text, floor):
        """The rules."""
        try:
            root = xml.etree.ElementTree.fromstring(text)
            if root.get("type") != "dynamic":
                # It has no start and no time of publication any more.
                self.findings.add("static", self.path)
                return
            start = moment(root.get("availabilityStartTime"))
            published = moment(root.get("publishTime"))
            periods = {one.get("id"): seconds(one.get("start"))
                       for one in root.iter(f"{SPACE}Period")}
            newest = self.newest(root)
        except (xml.etree.ElementTree.ParseError, TypeError, AttributeError, ValueError) as error:
            self.findings.add("unreadable", f"{self.path}: {error!r}: {text[:80]!r}")
            return
        if start != (self.start or start):
            self.findings.add("start changed", f"{self.path}: {self.start} to {start}")
        self.start = self.start or start
        for name, when in periods.items():
            if self.periods.setdefault(name, when) != when:
                self.findings.add("period moved", f"{name}: {self.periods[name]} to {when}")
        for name, old, new in zip(("publish time", "live edge"), floor, (published, newest)):
            if new < old:
                self.findings.add(f"{name} went back", f"{self.path}: {old} to {new}")
        if newest > self.place[1]:
            if self.changed:
                self.oldest_age = max(self.oldest_age, time.time() - self.changed)
            self.changed = time.time()
        self.place = tuple(map(max, self.place, (published, newest)))

    def newest(self, root):
        """Where the timelines end, in seconds since the start; 0 without timelines."""
        ends = [0.0]
        for period in root.iter(f"{SPACE}Period"):
            for template in period.iter(f"{SPACE}SegmentTemplate"):
                scale = int(template.get("timescale", 1))
                offset = int(template.get("presentationTimeOffset", 0))
                end = 0
                for entry in template.iter(f"{SPACE}S"):
                    first = int(entry.get("t", end))
                    end = first + int(entry.get("d")) * (1 + int(entry.get("r", 0)))
                if end:
                    ends.append(seconds(period.get("start")) + (end - offset) / scale)
        return max(ends)

    def age(self):
        """The longest that the timelines stood still; 0 where there are none."""
        return max(self.oldest_age, time.time() - self.changed) if self.changed else 0.0


class ManifestWatchers(Watchers):
    """Some viewers of one DASH stream. Its segments are left to the crowd, who can do the sums."""

    REGRESSIONS = ("publish time went back", "live edge went back", "start changed", "period moved")
    POISONED = ()

    def __init__(self, edge, folder, stream, count=4):
        super().__init__(edge, folder, stream, 0)
        self.histories = [ManifestHistory(folder + stream.entry, self.findings)]
        self.begin(count)

    def round(self, viewer, number):
        """The manifest once."""
        history = self.histories[0]
        floor = history.place
        body = self.fetch(viewer, history.path)
        if body is not None:
            history.take(body.decode("utf-8", "replace"), floor)
