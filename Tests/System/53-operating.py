"""An event in an operator's hands: presentations are listed, pinned, drained and ended."""

import datetime
import json
import os
import pathlib
import subprocess
import time
import unittest

from lab import HERE, Node, Origin, until

PLAYLIST = "/live/main.m3u8"


class Packager:
    """A live packager: a segment each second, six in its playlist, with times; numbers its own."""

    def __init__(self, name, first):
        self.name, self.first = name, first
        self.begun = int(time.time()) - 20
        self.is_over = False

    def playlist(self):
        last = int(time.time()) - self.begun
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1"]
        lines.append(f"#EXT-X-MEDIA-SEQUENCE:{self.first + last - 5}")
        for number in range(last - 5, last + 1):
            moment = datetime.datetime.fromtimestamp(self.begun + number, datetime.timezone.utc)
            lines.append("#EXT-X-PROGRAM-DATE-TIME:" + moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
            lines += ["#EXTINF:1.000,", f"{self.name}{self.first + number}.ts"]
        if self.is_over:
            lines.append("#EXT-X-ENDLIST")
        return ("\n".join(lines) + "\n").encode()

    def serve(self, exchange):
        if exchange.path.split("?")[0].endswith(".m3u8"):
            body = self.playlist()
            exchange.send(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body)
        else:
            exchange.answer(exchange.path.encode())


class Event:
    """Two packagers, a node, a viewer, and an operator at the command line."""

    def __init__(self, **options):
        self.packagers = [Packager("a", 100), Packager("b", 7000)]
        self.origins = [Origin(packager.serve) for packager in self.packagers]
        self.servers = ["origin/" + origin.address for origin in self.origins]
        self.node = Node(*[origin.address for origin in self.origins], **options)
        self.last = 0

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.node.__exit__(*reason)
        for origin in self.origins:
            origin.__exit__()

    def ask(self, *words, code=0):
        """A command of the operator's; what it prints."""
        binary = os.environ.get("SPILLWAY", str(HERE / "spillway"))
        door = str(pathlib.Path(self.node.path) / "admin.sock")
        done = subprocess.run(
            [binary, *words, "--socket", door], capture_output=True, text=True, check=False)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def watch(self):
        """A poll of the viewer's, who never sees the sequence go back; the playlist."""
        answer = self.node.get(PLAYLIST)
        assert answer.status == 200, answer.status
        text = answer.body.decode()
        first = next(int(line.split(":")[1]) for line in text.splitlines()
                     if line.startswith("#EXT-X-MEDIA-SEQUENCE:"))
        last = first + text.count("#EXTINF") - 1
        assert last >= self.last, f"{last} after {self.last}"
        self.last = last
        time.sleep(0.1)
        return text

    def row(self):
        return json.loads(self.ask("stream", "ls", "--json"))["streams"][0]

    def comes_from(self, index):
        """The viewer watches until the presentation comes from a server."""
        def is_there():
            text = self.watch()
            newest = text.replace("#EXT-X-ENDLIST", "").split()[-1]
            return newest.startswith(self.packagers[index].name) \
                and self.row()["server"] == self.servers[index]
        until(is_there, f"it comes from {self.servers[index]}")


class AnOperator(unittest.TestCase):
    def test_lists_presentations_and_moves_them_from_server_to_server(self):
        with Event() as event:
            self.assertEqual(event.ask("stream", "ls"), "no live presentation\n")
            event.comes_from(0)
            row = event.row()
            self.assertEqual((row["path"], row["origin"]), (PLAYLIST, "origin"))
            self.assertEqual((row["epoch"], row["state"]), (0, "advancing"))
            self.assertIn("1 live, of which 1 simply go on", event.ask("status"))

            event.ask("origin", "drain", event.servers[0])
            event.comes_from(1)
            self.assertIn("is drained", event.ask("status"))
            self.assertIn(f"{PLAYLIST}  {event.servers[1]}  1", event.ask("status"))

            event.ask("origin", "drain", event.servers[0], "--undo")
            self.assertIn(
                "1 presentation pinned",
                event.ask("origin", "pin", event.servers[0], "--stream", PLAYLIST))
            event.comes_from(0)
            self.assertIn("pinned", event.ask("stream", "ls", "/live/**"))
            self.assertEqual(event.ask("stream", "ls", "/other/**"), "no live presentation\n")
            event.ask("origin", "pin", event.servers[0], "--all", "--undo")

            shown = json.loads(event.ask("stream", "show", PLAYLIST, "--json"))
            happened = [(one["event"], one.get("to"), one.get("order"))
                        for one in shown["timeline"] if one["event"] != "stale"]
            self.assertEqual(happened, [
                ("switched", event.servers[1], None), ("ordered", event.servers[0], "pin"),
                ("switched", event.servers[0], None), ("ordered", None, "unpin")])
            self.assertIn("switched", event.ask("stream", "show", PLAYLIST))
            self.assertIn("operator: ", (event.node.path / "error.log").read_text())

    def test_reads_in_the_log_which_playlist_was_a_switch_and_why_a_server_is_asked(self):
        with Event() as event:
            event.comes_from(0)
            url = f"http://example.com{PLAYLIST}"
            self.assertIn("come from it from the beginning", event.ask("explain", url))
            event.ask("origin", "pin", event.servers[1], "--all")
            event.comes_from(1)
            told = event.ask("explain", url)
            self.assertIn(f"server      {event.servers[1]}", told)
            self.assertIn("an operator pinned the presentation to it", told)
            media = next(line for line in event.watch().split() if "_sw=1" in line)
            self.assertIn("the mark of epoch 1", event.ask(
                "explain", f"http://example.com/live/{media}"))
            def details():
                return [(one["detail"], one["origin"]) for one in event.node.records()]
            until(lambda: ("switched", event.servers[1]) in details(), "the switch is logged")

    def test_only_watches_where_told_so(self):
        with Event(ORIGIN="shadow = true") as event:
            event.comes_from(0)
            event.ask("origin", "pin", event.servers[1], "--all")
            counted = 'spillway_stream_shadow_total{verdict="switched"}'

            def is_noted():
                self.assertNotIn("b7", event.watch())
                return event.node.metric(counted) == 1
            until(is_noted, "it is counted that it would have switched")
            self.assertEqual(event.row()["server"], event.servers[0])
            self.assertIn("would-switch", event.ask("stream", "show", PLAYLIST))
            self.assertIn("shadow = true", event.ask("explain", f"http://example.com{PLAYLIST}"))

    def test_says_that_an_event_is_over(self):
        with Event() as event:
            event.comes_from(0)
            event.ask("stream", "end", f"http://example.com{PLAYLIST}")
            event.packagers[0].is_over = True
            until(lambda: "#EXT-X-ENDLIST" in event.watch(), "the end is passed on")
            self.assertEqual(event.row()["state"], "ended")

    def test_switches_rules_off_and_sees_that_they_are(self):
        with Event() as event:
            listed = json.loads(event.ask("set", "--json"))["switches"]
            off = [one["rule"] for one in listed if one["state"] == "off"]
            self.assertEqual(off, ["rewrite"])
            self.assertNotIn("rewrite", event.ask("status"))
            self.assertIn("until the node is restarted", event.ask("set", "guard", "off"))
            self.assertIn("off        guard", event.ask("status"))
            rule = 'spillway_origin_rule_on{origin="origin",rule="guard"}'
            self.assertEqual(event.node.metric(rule), 0)
            event.ask("set", "guard", "on", "--origin", "origin")
            self.assertEqual(event.node.metric(rule), 1)
            self.assertIn("guard is off", (event.node.path / "error.log").read_text())

    def test_has_absolute_urls_lead_through_the_edge(self):
        def serve(exchange):
            own = f"http://{origin.address}"
            if exchange.path == "/old.m3u8":
                exchange.begin(
                    "Content-Length: 0", f"Location: {own}/main.m3u8", status="302 Found")
            else:
                exchange.begin(
                    "Content-Type: application/vnd.apple.mpegurl", "Cache-Control: max-age=0",
                    "ETag: \"one\"", "Transfer-Encoding: chunked")
                text = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{own}/low.m3u8\n".encode()
                exchange.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(text), text))

        with Origin(serve) as origin:
            with Node(origin.address, ORIGIN="rewrite = true") as node:
                answer = node.get("/main.m3u8")
                self.assertTrue(answer.body.endswith(b"\n/low.m3u8\n"), answer.body)
                self.assertNotIn("one", answer.fields["etag"])
                self.assertEqual(node.get("/old.m3u8").fields["location"], "/main.m3u8")
                self.assertEqual(node.metric('spillway_rewrites_total{outcome="made"}'), 2)

    def test_is_told_which_playlists_reach_the_origin_too_often(self):
        def serve(exchange):
            exchange.answer(b"#EXTM3U\n#EXTINF:2,\na.ts\n", "Cache-Control: no-store")

        with Origin(serve) as origin, Node(origin.address) as node:
            # All within a span of ten seconds, or more than fifty in one of two.
            for _ in range(150):
                node.get("/live/low.m3u8")
            command = [os.environ.get("SPILLWAY", str(HERE / "spillway")), "status",
                       "--socket", str(node.path / "admin.sock")]

            def says_so():
                told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                return "/live/low.m3u8: its origin is asked " in told and "live = true" in told
            until(says_so, "status names the playlist", 15)
            told = json.loads(subprocess.check_output([*command, "--json"]))
            self.assertEqual(told["streams"]["busy"][0]["path"], "/live/low.m3u8")
            self.assertGreater(told["streams"]["busy"][0]["origin_requests_per_second"], 5)

    def test_is_told_what_is_known_when_a_name_is_not(self):
        with Event() as event:
            event.comes_from(0)
            for words, said in (
                    (("stream", "show", "/no.m3u8"), f"known are {PLAYLIST}"),
                    (("origin", "drain", "origin/no:1"), event.servers[0]),
                    (("origin", "pin", "no/no:1", "--all"), "known are origin"),
                    (("set", "clever", "off"), "known are guard, hold, hedge, seal, rewrite"),
                    (("set", "guard", "off", "--origin", "no"), "known are origin")):
                self.assertIn(said, event.ask(*words, code=1))
            for words in (
                    ("origin", "drain", "no"), ("origin", "pin", "a/b:1"), ("set", "guard"),
                    ("set", "guard", "perhaps"), ("stream", "show")):
                event.ask(*words, code=2)


if __name__ == "__main__":
    unittest.main()
