"""A scripted packager: one rendition, whose numbers, and whose life, a test decides."""

import struct
import time

import encoders
from lab import box

STREAM = encoders.Stream("scripted HLS", "master.m3u8", ("hi/index.m3u8",), None, ())
SEGMENT = 2
WINDOW = 5
MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\nhi/index.m3u8\n"


class Channel:
    """Segments of two seconds, the first in the window numbered `number` at the start."""

    def __init__(self, name, number):
        self.name, self.number, self.began = name, number, time.time()
        self.is_down = False

    def first(self):
        """The number of the oldest segment."""
        return self.number + int((time.time() - self.began) / SEGMENT)

    def playlist(self):
        """The media playlist at this moment."""
        first = self.first()
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{SEGMENT}",
                 f"#EXT-X-MEDIA-SEQUENCE:{first}", '#EXT-X-MAP:URI="init.mp4"']
        for number in range(first, first + WINDOW):
            lines += [f"#EXTINF:{SEGMENT:.3f},", f"{number}.m4s"]
        return "\n".join(lines) + "\n"

    def segment(self, name):
        """Media that says whose it is."""
        about = f"{self.name} {name}".encode()
        return box(b"styp", b"msdh" + bytes(4)) + box(b"moof", bytes(16)) + box(
            b"mdat", struct.pack(">I", len(about)) + about + bytes(4000))

    def serve(self, exchange):
        """Answers one request."""
        if self.is_down:
            exchange.reset()
        path = exchange.path.split("?")[0]
        kind = "Content-Type: application/vnd.apple.mpegurl"
        if path.endswith(".m3u8"):
            text = MASTER if path.endswith("master.m3u8") else self.playlist()
            body, fields = text.encode(), (kind,)
        else:
            body, fields = self.segment(path.rsplit("/", 1)[1]), ("Content-Type: video/mp4",)
        lines = ("HTTP/1.1 200 OK", f"Content-Length: {len(body)}",
                 "Cache-Control: " + ("no-cache" if ".m3u8" in path else "max-age=60"), *fields)
        exchange.send("".join(line + "\r\n" for line in lines).encode() + b"\r\n" + body)
