"""The node under test between two origins, and the crowd in front of it."""

import json
import socket
import subprocess
import sys

from lab import ADOPT, HERE, Node, until

# Stock packagers call their playlists uncacheable; an operator of live streams says this.
LIVE = ('[[site.rule]]', 'match = "/live/**.m3u8"', 'live = true',
        '[[site.rule]]', 'match = "/live/**.mpd"', 'live = true')
TIMEOUTS = 'timeouts = { connect = "500ms", first_byte = "2s", stall = "1s" }'
FIRST_BYTE = 2.0


class Edge(Node):
    """A node whose listening socket outlives its restarts, as systemd's sockets do."""

    def __init__(self, *origins, lines=LIVE, **environment):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        inherited = self.listener.fileno()
        environment = {"WORKERS": "2", "MEMORY": "256MiB", "ORIGIN": TIMEOUTS, **environment}
        super().__init__(
            *origins, lines=lines, start=[sys.executable, "-c", ADOPT, str(inherited)],
            pass_fds=[inherited], LISTEN="systemd", **environment)
        self.address = self.listener.getsockname()

    def __exit__(self, *_):
        try:
            super().__exit__()
        finally:
            self.listener.close()

    def url(self, path):
        """Where a viewer finds it."""
        return "http://%s:%d%s" % (*self.address, path)


class Crowd:
    """Virtual players of the load tool in front of a node; `figures` is what they saw."""

    def __init__(self, url, players, seconds):
        self.seconds = seconds
        self.process = subprocess.Popen(
            [HERE / "spillway", "load", "viewers", url, "--json", "-p", str(players),
             "-d", f"{seconds * 1000:.0f}ms", "--join", "2s", "--rendition", "spread"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def figures(self):
        """Waits for its end."""
        out, errors = self.process.communicate(timeout=self.seconds + 60)
        assert out, errors
        return json.loads(out)

    def close(self):
        """Ends it early."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def in_use(origins, stream, since):
    """The origin that the node asked last for a playlist of the stream; the other one behind it."""
    def last():
        newest = {}
        for origin in origins:
            moments = [moment for moment, _, target, _ in origin.requests(since)
                       if target.split("?")[0].endswith((".m3u8", ".mpd"))]
            newest[origin] = max(moments, default=0.0)
        best = max(origins, key=newest.get)
        return newest[best] and sorted(origins, key=newest.get, reverse=True)
    return until(last, f"the node asks for {stream.entry}")
