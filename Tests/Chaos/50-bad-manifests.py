"""Manifests that no packager would write: passed on or refused, and never more than that."""

import os
import pathlib
import re
import unittest

from edge import LIVE
from lab import Node, Origin
from scripted import Channel
from summary import Bounds

MEBIBYTE = 1 << 20
# What the node has for bodies, in MiB.
MEMORY = 64
ENDLESS, LINE = "/live/endless.m3u8", b"a" * 65_536
LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def manifest(inside):
    """A small MPD."""
    return ('<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" '
            'availabilityStartTime="2026-01-01T00:00:00Z" publishTime="2026-01-01T00:00:00Z" '
            f'minimumUpdatePeriod="PT2S">{inside}</MPD>')


def playlists():
    """Bodies by path."""
    listed = "".join(f"#EXTINF:2.0,\nsegment-with-a-long-name-{n:020}.m4s\n"
                     for n in range(50 * MEBIBYTE // 60))
    head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n"
    return {
        "/live/binary.m3u8": os.urandom(MEBIBYTE),
        "/live/binary.mpd": os.urandom(MEBIBYTE),
        "/live/huge.m3u8": (head + listed).encode(),
        "/live/line.m3u8": (head + "#EXTINF:2.0," + "a" * (20 * MEBIBYTE)).encode(),
        "/live/attribute.mpd": manifest(f'<Period id="{"a" * 20 * MEBIBYTE}"/>').encode(),
        "/live/html.m3u8": b"<!doctype html><title>502</title><p>Bad gateway",
        "/live/html.mpd": b"<!doctype html><title>502</title><p>Bad gateway",
        "/live/empty.m3u8": b"",
        "/live/empty.mpd": b"",
        "/live/numbers.m3u8": (
            "#EXTM3U\n#EXT-X-TARGETDURATION:99999999999999999999\n"
            "#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n#EXT-X-DISCONTINUITY-SEQUENCE:-7\n"
            "#EXTINF:1e308,\na.m4s\n#EXTINF:nan,\nb.m4s\n").encode(),
        "/live/nested.mpd": ("<MPD>" + "<Period>" * 200_000).encode(),
        "/live/laughs.mpd": (
            f'<?xml version="1.0"?><!DOCTYPE MPD [<!ENTITY l0 "ha">{LAUGHS}]>'
            + manifest("<Period>&l9;</Period>")).encode(),
        "/live/external.mpd": (
            '<?xml version="1.0"?><!DOCTYPE MPD [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
            + manifest("<Period>&f;</Period>")).encode(),
    }


class BadManifests(Bounds):
    subject = "bad manifests"

    def memory(self, node):
        """The most memory that the node ever had, in MiB."""
        text = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) / 1024

    def test_are_passed_on_or_refused(self):
        bodies, healthy = playlists(), Channel("a", 1)

        def serve(exchange):
            body = bodies.get(exchange.path)
            if exchange.path == ENDLESS:
                return self.pour(exchange)
            if body is None:
                return healthy.serve(exchange)
            kind = "dash+xml" if exchange.path.endswith(".mpd") else "vnd.apple.mpegurl"
            return exchange.answer(body, f"Content-Type: application/{kind}")

        with Origin(serve) as origin, Node(
                origin.address, tcp=True, lines=LIVE, MEMORY=f"{MEMORY}MiB", WORKERS="2") as node:
            node.get("/live/master.m3u8")
            before = self.memory(node)
            for path, body in bodies.items():
                # The second time it may be in store.
                for times in ("", ", again"):
                    self.judge(node, path, body, times)
            self.sip(node)
            self.at_most("memory above the start", MEMORY + 64, self.memory(node) - before, " MiB")
            self.assertEqual(node.get("/live/hi/index.m3u8").status, 200)

    def pour(self, exchange):
        """One line, for as long as anybody reads it."""
        exchange.begin("Transfer-Encoding: chunked",
                       "Content-Type: application/vnd.apple.mpegurl")
        exchange.chunk(b"#EXTM3U\n#EXTINF:2.0,")
        for _ in range(8 * MEMORY * MEBIBYTE // len(LINE)):
            exchange.chunk(LINE)
        exchange.close()

    def sip(self, node):
        """A viewer of it, who has enough some time."""
        with node.viewer() as viewer:
            viewer.ask(ENDLESS)
            taken, is_open = 0, True
            while is_open and taken < 2 * MEMORY * MEBIBYTE:
                viewer.buffer = b""
                is_open = viewer.fill()
                taken += len(viewer.buffer)
        self.holds(ENDLESS, "same/refused", f"{taken} B read", node.process.poll() is None)

    def judge(self, node, path, body, times):
        """One of them."""
        try:
            answer = node.get(path)
        except (EOFError, ConnectionError) as error:
            outcome, is_good = repr(error), True
        else:
            outcome = f"{answer.status}, {len(answer.body)} B" + ", cut" * answer.is_cut
            is_good = answer.body == body or answer.is_cut or answer.status >= 400
        self.holds(path + times, "same/refused", outcome,
                   is_good and node.process.poll() is None)


if __name__ == "__main__":
    unittest.main()
