"""Two origins, a node, strict watchers and a crowd: what every test of a fault begins with."""

import contextlib
import shutil
import tempfile
import threading
import time

import encoders
from edge import Crowd, Edge, in_use
from lab import Viewer, until
from manifest_watchers import ManifestWatchers
from origins import Origin
from watchers import Watchers

FOLDER = "/live/"


class Twins:
    """Two encoders with their servers behind a node.

    Aligned twins name the same moment alike, and their bytes differ; those of DASH are aligned by
    being started together. Others were started seconds apart and count from numbers of their own:
    what one names now the other names 20 s later.
    """

    def __init__(self, stream, are_aligned=True, are_apart=False, players=0, seconds=24,
                 watchers=4, count=2, **node):
        self.stream, self.are_aligned = stream, are_aligned
        self.stack = contextlib.ExitStack()
        try:
            folder = tempfile.mkdtemp(prefix="spillway-chaos-")
            self.stack.callback(shutil.rmtree, folder, ignore_errors=True)
            self.origins = []
            is_dash = stream.entry.endswith(".mpd")
            together = encoders.boundary() if is_dash and are_aligned else None
            for name, number in (("a", 100), ("b", 90))[:count]:
                if self.origins and not together:
                    time.sleep(encoders.SEGMENT * 0.6)
                self.origins.append(Origin(
                    name, folder, stream, are_aligned and not is_dash, number, are_apart,
                    together))
                self.stack.callback(self.origins[-1].close)
            for origin in self.origins:
                until(lambda one=origin: one.is_ready(), "segments", 40)
            self.edge = self.stack.enter_context(
                Edge(*(one.address for one in self.origins), **node))
            self.began = time.time()
            kind = Watchers if stream.entry.endswith(".m3u8") else ManifestWatchers
            self.watchers = kind(self.edge, FOLDER, stream, watchers)
            self.stack.callback(self.watchers.close)
            self.crowd = None
            if players:
                self.crowd = Crowd(self.edge.url(FOLDER + stream.entry), players, seconds)
                self.stack.callback(self.crowd.close)
        except BaseException:
            self.stack.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *all_of_it):
        return self.stack.__exit__(*all_of_it)

    def in_use(self):
        """The origin that the node fetches playlists from; the other one behind it."""
        return in_use(self.origins, self.stream, self.began)

    def settle(self, seconds=8):
        """Everybody has come, and plays."""
        time.sleep(seconds)


class Probes:
    """Asks from a moment on, every 50 ms, for something that needs the origin.

    The file is not part of a stream: any server of the origin may answer, and about half of the
    requests are meant for the one that is hurt.
    """

    def __init__(self, edge, dead):
        self.edge, self.dead = edge, dead
        self.lock = threading.Lock()
        self.first = None
        self.errors = []
        self.longest = 0.0

    def run(self, seconds):
        """Asks for so long; `first` is then when the first answer of the twin came, in seconds."""
        began = time.monotonic()
        threads = []
        while time.monotonic() - began < seconds:
            threads.append(threading.Thread(target=self.ask, args=(began, len(threads))))
            threads[-1].start()
            time.sleep(0.05)
        for thread in threads:
            thread.join()
        return self

    def ask(self, began, number):
        """One request on a connection of its own."""
        sent = time.monotonic()
        try:
            with Viewer(self.edge.address) as viewer:
                viewer.ask(f"/who.txt?{id(self):x}={number}")
                answer = viewer.answer()
        except (EOFError, OSError) as error:
            with self.lock:
                self.errors.append(repr(error))
            return
        now = time.monotonic()
        with self.lock:
            self.longest = max(self.longest, now - sent)
            if answer.status != 200 or answer.is_cut:
                self.errors.append(f"status {answer.status} after {now - sent:.2f} s")
            elif answer.body.decode() != self.dead.name:
                self.first = min(self.first or 1e9, now - began)
