"""`spillway load viewers` behind a node: healthy streams show nothing, planted faults are found."""

import concurrent.futures
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

from lab import HERE, Node, free_port, until
from load_tool import load

STREAMS = ("hls/fmp4/main.m3u8", "hls/ts/main.m3u8", "hls/ll/main.m3u8", "hls/vod/main.m3u8",
           "dash/number/main.mpd", "dash/timeline/main.mpd", "dash/ll/main.mpd",
           "dash/vod/main.mpd")
VIOLATIONS = ("violations_sequence", "violations_short", "violations_stale")


def watch(stream, *arguments, code=0, lines=()):
    """Players behind a node, the tool as its origin; segments of 800 ms, to see much in a while."""
    origin = f"127.0.0.1:{free_port()}"
    with Node(origin, tcp=True, lines=lines) as node:
        seen = load("viewers", "http://%s:%d/%s" % (*node.address, stream), "--origin", origin,
                    "--players", "12", "-d", "6s", "--join", "500ms", "--segment", "800ms",
                    "--renditions", "3", *arguments, code=code)
        seen["log"] = (node.path / "access.log").read_text()
    return seen


def is_open(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class HealthyStreams(unittest.TestCase):
    def test_show_no_error_and_no_violation(self):
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            found = list(zip(STREAMS, threads.map(watch, STREAMS)))
        for stream, seen in found:
            with self.subTest(stream):
                self.assertEqual(seen["started"], seen["players"])
                self.assertEqual([seen[name] for name in VIOLATIONS], [0, 0, 0])
                self.assertGreater(seen["played_s"], 12)
                self.assertGreater(seen["segments"], 12 * 4)
                # What one player fetched the others have from the node.
                self.assertLess(seen["origin_requests"], (seen["segments"] + seen["playlists"]) / 2)

    def test_are_watched_by_players_who_come_and_go(self):
        seen = watch("hls/fmp4/main.m3u8", "--churn", "50", "--pace", "--rendition", "spread",
                     "--threads", "2")
        # Half of them each second after they have come.
        self.assertGreater(seen["players"], 12 + 10)
        self.assertEqual([seen[name] for name in VIOLATIONS], [0, 0, 0])

    def test_carry_what_players_say_of_themselves(self):
        for mode, word in (("v1-query", r"CMCD=bl%3D\d+%2Cbr%3D"),
                           ("v2-query", r"CMCD=bl%3D%28\d+%3Bv%29%2Cbr%3D%28")):
            seen = watch("dash/number/main.mpd", "--cmcd", mode, "-d", "2s")
            self.assertRegex(seen["log"], word)
            # The node keeps it out of its keys: players still share.
            self.assertLess(seen["origin_requests"], seen["segments"])
        for mode in ("v1", "v2"):
            watch("dash/number/main.mpd", "--cmcd", mode, "-d", "1s")


class PlantedFaults(unittest.TestCase):
    def test_are_found(self):
        for fault, stream, name in (
                ("freeze", "hls/fmp4/main.m3u8", "violations_stale"),
                ("freeze", "dash/timeline/main.mpd", "violations_stale"),
                ("rewind", "dash/timeline/main.mpd", "violations_sequence"),
                ("cut", "hls/ts/main.m3u8", "violations_short")):
            with self.subTest(f"{fault} of {stream}"):
                seen = watch(stream, "--origin-fault", f"{fault}@1500ms", "-d", "7s",
                             code=1)
                self.assertGreater(seen[name], 0)

    def test_are_found_without_a_node_between(self):
        # A node keeps a truncated container from its followers: what it is for.
        for fault in ("truncate", "cut"):
            origin = f"127.0.0.1:{free_port()}"
            seen = load("viewers", f"http://{origin}/dash/number/main.mpd", "--origin", origin,
                        "-p", "5", "-d", "4s", "--join", "1s", "--segment", "400ms",
                        "--origin-fault", f"{fault}@1s", code=1)
            self.assertGreater(seen["violations_short"], 0, fault)

    def test_of_a_playlist_that_goes_back_are_found_and_kept_from_viewers(self):
        origin = f"127.0.0.1:{free_port()}"
        seen = load("viewers", f"http://{origin}/hls/fmp4/main.m3u8", "--origin", origin,
                    "-p", "5", "-d", "6s", "--join", "1s", "--segment", "800ms",
                    "--origin-fault", "rewind@1500ms", code=1)
        self.assertGreater(seen["violations_sequence"], 0)
        # A node numbers it on behind what was sent; that it is old it cannot mend.
        seen = watch("hls/fmp4/main.m3u8", "--origin-fault", "rewind@1500ms", "-d", "7s", code=1)
        self.assertEqual(seen["violations_sequence"], 0)

    def test_of_a_server_that_is_not_there_are_errors(self):
        seen = load("viewers", f"http://127.0.0.1:{free_port()}/x.m3u8", "-p", "3", "-d", "1s",
                    code=1)
        self.assertEqual((seen["started"], seen["failed_connect"] > 0), (0, True))


class RealStreams(unittest.TestCase):
    """ffmpeg's own HLS and DASH, live, from files."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spillway-viewers-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def encode(self):
        command = [
            "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25",
            "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:v", "libx264",
            "-preset", "ultrafast", "-b:v", "300k", "-g", "25", "-c:a", "aac", "-map", "0:v",
            "-map", "1:a", "-f", "dash", "-seg_duration", "1", "-window_size", "8",
            "-use_timeline", "1", "-use_template", "1", "-hls_playlist", "1",
            "-adaptation_sets", "id=0,streams=v id=1,streams=a", self.folder / "main.mpd"]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def test_of_an_encoder_are_played_without_a_complaint(self):
        encoder = self.encode()
        files = None
        try:
            until(lambda: len(list(self.folder.glob("chunk-stream0-*"))) >= 4, "segments", 30)
            port = free_port()
            files = subprocess.Popen(
                ["python3", "-m", "http.server", str(port), "--bind", "127.0.0.1",
                 "--directory", self.folder], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            until(lambda: is_open(port), "the files are served")
            with Node(f"127.0.0.1:{port}", tcp=True) as node:
                for entry in ("master.m3u8", "main.mpd"):
                    seen = load("viewers", "http://%s:%d/%s" % (*node.address, entry),
                                "-p", "5", "-d", "6s", "--join", "1s")
                    self.assertEqual(seen["started"], 5, entry)
                    self.assertGreater(seen["played_s"], 15, entry)
        finally:
            for process in (encoder, files):
                if process:
                    process.terminate()
                    process.wait()


class Usage(unittest.TestCase):
    def test_says_what_is_wrong_in_one_line(self):
        url = "http://127.0.0.1:1/main.m3u8"
        for arguments, word in (
                ((url, "--players", "0"), "--players"), ((url, "--pace"), "--rendition"),
                ((url, "--origin-fault", "freeze@1s"), "--origin"),
                ((url, "--origin", "127.0.0.1:2", "--renditions", "9"), "--renditions"),
                ((url, "--origin", "127.0.0.1:2", "--segment", "300ms"), "--segment"),
                ((url, "--churn", "101"), "--churn"), (("ftp://x/",), "http://")):
            said = load("viewers", *arguments, code=2)
            self.assertEqual(said.count("\n"), 1, said)
            self.assertIn(word, said)

    def test_explains_each_figure_in_its_help(self):
        text = subprocess.run([HERE / "spillway", "load", "viewers", "--help"],
                              capture_output=True, text=True, check=True).stdout
        for name in ("start-up", "rebuffering", "stalls", "switches", "missed", "live latency",
                     "cache hits", "fresh", "playlist age", "origin requests", "publications",
                     "went back", "cut short", "too old", "unreadable", "CPU time"):
            self.assertIn(name, text)


if __name__ == "__main__":
    unittest.main()
