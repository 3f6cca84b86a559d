"""What a watcher reads: media playlists, and whether media is whole."""

import struct


class Segment:
    """A line of a media playlist, with what stands above it."""

    def __init__(self, uri, duration, turn):
        self.uri, self.duration = uri, duration
        # Discontinuities since the stream began, its own included.
        self.turn = turn

    @property
    def told(self):
        """What may never change once it was told."""
        return self.uri, self.duration, self.turn


class MediaPlaylist:
    """One state of a media playlist; raises ValueError where it is none."""

    def __init__(self, text):
        lines = text.splitlines()
        if not lines or lines[0] != "#EXTM3U":
            raise ValueError("no playlist")
        self.sequence = self.turns = 0
        self.target = 0
        self.has_ended = False
        self.segments = []
        self.maps = []
        duration, turn = "", None
        for line in lines[1:]:
            name, _, value = line.partition(":")
            if name == "#EXT-X-MEDIA-SEQUENCE":
                self.sequence = int(value)
            elif name == "#EXT-X-DISCONTINUITY-SEQUENCE":
                self.turns = int(value)
            elif name == "#EXT-X-TARGETDURATION":
                self.target = int(value)
            elif name == "#EXT-X-ENDLIST":
                self.has_ended = True
            elif name == "#EXT-X-MAP":
                self.maps.append(value.split('URI="', 1)[1].split('"', 1)[0])
            elif name == "#EXT-X-DISCONTINUITY":
                turn = (self.turns if turn is None else turn) + 1
            elif name == "#EXTINF":
                duration = value.split(",")[0]
            elif line and not line.startswith("#"):
                turn = self.turns if turn is None else turn
                self.segments.append(Segment(line, duration, turn))
        if not self.segments or not self.target:
            raise ValueError("no segments, or no target duration")

    @property
    def edge(self):
        """The number of the newest segment."""
        return self.sequence + len(self.segments) - 1

    @property
    def place(self):
        """What may never become less: first, newest, and discontinuities that left."""
        return self.sequence, self.edge, self.turns


def is_whole(body):
    """Whether media ends where its container ends: boxes, or packets of a transport stream."""
    if body[:1] == b"\x47":
        return len(body) % 188 == 0 and set(body[::188]) == {0x47}
    place = 0
    while place + 8 <= len(body):
        size = struct.unpack_from(">I", body, place)[0]
        if size == 1 and place + 16 <= len(body):
            size = struct.unpack_from(">Q", body, place + 8)[0]
        if size < 8:
            return False
        place += size
    return 0 < place == len(body)
