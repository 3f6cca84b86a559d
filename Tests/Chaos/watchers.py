"""Strict watchers: they poll through the node, and no rule of streams may be broken for them."""

import collections
import contextlib
import threading
import time
import urllib.parse

from lab import Viewer
from media import MediaPlaylist, is_whole

EVERY = 0.2
# How often the multivariant playlist is asked for, in rounds.
ENTRY_EVERY = 10


class Findings:
    """What was broken, how often, and the first of each in words."""

    def __init__(self):
        self.lock = threading.Lock()
        self.began = time.time()
        self.counts = collections.Counter()
        self.first = {}
        self.polls = 0
        self.longest_wait = 0.0

    def add(self, kind, text):
        """Something that may not be."""
        with self.lock:
            self.counts[kind] += 1
            self.first.setdefault(kind, f"{time.time() - self.began:.1f} s: {text}")

    def count(self, *kinds):
        """How often any of these was seen."""
        return sum(self.counts[kind] for kind in kinds)

    def words(self, *kinds):
        """The first of each kind, for a failure's message."""
        return "; ".join(f"{kind} {self.counts[kind]} times, first at {self.first[kind]}"
                         for kind in (kinds or sorted(self.first)) if self.counts[kind])


class History:
    """Everything that anybody was told of one playlist."""

    def __init__(self, path, findings):
        self.path, self.findings = path, findings
        self.lock = threading.Lock()
        self.place = (0, 0, 0)
        self.told = {}
        self.changed = None
        self.target = 0
        self.oldest_age = 0.0
        # Digests of media by URI; None until it came.
        self.media = {}

    def take(self, text, floor):
        """Judges an answer to a request that was sent when `floor` was the place.

        Gives its newest segment, and the URIs to fetch: those that nobody asked for yet, and the
        oldest again whenever something is new.
        """
        try:
            playlist = MediaPlaylist(text)
        except (ValueError, IndexError) as error:
            self.findings.add("unreadable", f"{self.path}: {error}: {text[:80]!r}")
            return None, []
        with self.lock:
            self.judge(playlist, floor)
            moment = time.time()
            is_news = playlist.edge > self.place[1]
            if is_news:
                if self.changed:
                    self.oldest_age = max(self.oldest_age, moment - self.changed)
                self.changed = moment
            self.place = tuple(map(max, self.place, playlist.place))
            self.target = playlist.target
            listed = [one.uri for one in playlist.segments] + playlist.maps
            wanted = [one for one in listed if one not in self.media]
            self.media.update(dict.fromkeys(wanted))
            if is_news and listed[0] not in wanted:
                wanted.append(listed[0])
            return (playlist.edge, playlist.segments[-1].turn), wanted

    def take_media(self, uri, body):
        """Judges media: whole, and the same whenever it is asked for."""
        digest = hash(body)
        with self.lock:
            before = self.media[uri] or digest
            self.media[uri] = digest
        if not is_whole(body):
            self.findings.add("container open", f"{self.path}: {uri}")
        if digest != before:
            self.findings.add("media changed", f"{self.path}: {uri}")

    def judge(self, playlist, floor):
        """The rules."""
        if playlist.has_ended:
            self.findings.add("ENDLIST", self.path)
        names = ("sequence", "live edge", "discontinuity sequence")
        for name, old, new in zip(names, floor, playlist.place):
            if new < old:
                self.findings.add(f"{name} went back", f"{self.path}: {old} to {new}")
        for number, segment in enumerate(playlist.segments, playlist.sequence):
            before = self.told.setdefault(number, segment.told)
            if before != segment.told:
                self.findings.add("history changed",
                                  f"{self.path}: {number} was {before}, is {segment.told}")

    def age(self):
        """The longest that it stood still, up to now."""
        with self.lock:
            running = time.time() - self.changed if self.changed else 0.0
            return max(self.oldest_age, running)


class Watchers:
    """Some viewers of one HLS stream, each with a connection of its own."""

    REGRESSIONS = ("sequence went back", "live edge went back", "discontinuity sequence went back",
                   "history changed", "renditions apart")
    # Twins that are aligned may have other bytes for the same moment, independent ones have other
    # moments under the same name.
    POISONED = ("media changed",)
    FAILURES = ("status", "cut short", "no answer", "unreadable", "container open", "refused")

    def __init__(self, edge, folder, stream, count=4):
        self.address = edge.address
        self.entry = f"{folder}{stream.entry}"
        self.findings = Findings()
        self.histories = [History(folder + one, self.findings) for one in stream.playlists]
        # Newest segments with other counts in other renditions.
        self.split = set()
        self.is_over = threading.Event()
        # While the node is restarted connections may end, and requests on them.
        self.are_pardoned = False
        self.threads = []
        self.begin(count)

    def begin(self, count):
        """Lets them come."""
        self.threads = [threading.Thread(target=self.watch, args=(EVERY * index / count,),
                                         daemon=True) for index in range(count)]
        for thread in self.threads:
            thread.start()

    def watch(self, later):
        """One watcher."""
        time.sleep(later)
        viewer, rounds = None, 0
        while not self.is_over.is_set():
            began = time.monotonic()
            try:
                viewer = viewer or Viewer(self.address)
                self.round(viewer, rounds)
            except (EOFError, OSError) as error:
                if not self.are_pardoned:
                    kind = "no answer" if isinstance(error, TimeoutError) else "refused"
                    self.findings.add(kind, repr(error))
                if viewer:
                    viewer.socket.close()
                viewer = None
            rounds += 1
            self.is_over.wait(max(0.0, EVERY - (time.monotonic() - began)))
        if viewer:
            viewer.socket.close()

    def round(self, viewer, number):
        """Each playlist once, and what is new in it."""
        if number % ENTRY_EVERY == 0:
            self.fetch(viewer, self.entry)
        newest = []
        for history in self.histories:
            with history.lock:
                floor = history.place
            body = self.fetch(viewer, history.path)
            if body is None:
                continue
            told, wanted = history.take(body.decode("utf-8", "replace"), floor)
            newest += [told] if told else []
            for uri in wanted:
                media = self.fetch(viewer, urllib.parse.urljoin(history.path, uri))
                if media is not None:
                    history.take_media(uri, media)
        self.compare(newest)

    def compare(self, newest):
        """Renditions come from one origin: their numbers and their discontinuities go together.

        One that was not asked for in the moments before a server died has its last segment from
        the next one, where others have it from the dead one: their counts differ at that number,
        and at no other.
        """
        words = f"newest segments and discontinuities {newest}"
        for edge, turn in newest[1:]:
            if abs(edge - newest[0][0]) > 2:
                self.findings.add("renditions apart", words)
            elif edge == newest[0][0] and turn != newest[0][1]:
                with self.findings.lock:
                    self.split.add(edge)
                    is_alone = self.split.isdisjoint((edge - 1, edge + 1))
                self.findings.add("last segment split" if is_alone else "renditions apart", words)

    def fetch(self, viewer, target):
        """The body of a whole 200."""
        began = time.monotonic()
        viewer.ask(target)
        answer = viewer.answer()
        waited = time.monotonic() - began
        with self.findings.lock:
            self.findings.polls += 1
            self.findings.longest_wait = max(self.findings.longest_wait, waited)
        if answer.is_cut:
            if not self.are_pardoned:
                self.findings.add("cut short", target)
            raise ConnectionResetError
        if answer.fields.get("connection", "").lower() == "close":
            viewer.socket.close()
            viewer.__init__(self.address)
        if answer.status != 200:
            self.findings.add("status", f"{answer.status} of {target}")
            return None
        return answer.body

    @contextlib.contextmanager
    def pardoned(self):
        """The node is restarted within."""
        self.are_pardoned = True
        try:
            yield
            time.sleep(1)
        finally:
            self.are_pardoned = False

    def age(self):
        """The longest that a playlist stood still."""
        return max(one.age() for one in self.histories)

    def close(self):
        """Lets them go."""
        self.is_over.set()
        for thread in self.threads:
            thread.join(15)
