"""Playlists and manifests compressed by the node: what a viewer unpacks is what the origin sent."""

import gzip
import unittest

from lab import Node, Origin

TAKES = {"Accept_Encoding": "gzip, deflate, br"}


def playlist(count):
    """A live playlist of so many segments, of an origin that knows blocking reloads."""
    lines = [
        "#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-TARGETDURATION:4",
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24,PART-HOLD-BACK=3",
        "#EXT-X-PART-INF:PART-TARGET=1", "#EXT-X-MEDIA-SEQUENCE:0"]
    for number in range(count):
        lines += ["#EXTINF:4,", f"video/1080p/segment-{number:08d}.m4s"]
    return ("\n".join(lines) + "\n").encode()


MANIFEST = b'<?xml version="1.0"?><MPD type="static">' + b"".join(
    b'<Period id="%d"><AdaptationSet mimeType="video/mp4"/></Period>' % one
    for one in range(50)) + b"</MPD>"


def serve(exchange):
    path = exchange.path.split("?")[0]
    if path.endswith(".mpd"):
        exchange.answer(MANIFEST, "Content-Type: application/dash+xml", 'ETag: "m"')
    elif path.endswith(".m3u8"):
        exchange.answer(playlist(900), "Content-Type: application/vnd.apple.mpegurl", 'ETag: "p"')
    else:
        exchange.answer(b"#EXTM3U\n" + bytes(4000), "Content-Type: video/mp4", 'ETag: "s"')


class AViewerWhoTakesGzip(unittest.TestCase):
    def get(self, node, path, **fields):
        answer = node.get(path, **TAKES, **fields)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.fields.get("content-encoding"), "gzip")
        self.assertEqual(answer.fields.get("vary"), "Accept-Encoding")
        return answer, gzip.decompress(answer.body)

    def test_unpacks_what_the_origin_sent(self):
        with Origin(serve) as origin, Node(origin.address) as node:
            for _ in range(2):
                answer, body = self.get(node, "/a.m3u8")
                self.assertEqual(body, playlist(900))
                self.assertLess(len(answer.body) * 5, len(body))
                answer, body = self.get(node, "/a.mpd")
                self.assertEqual(body, MANIFEST)
                self.assertEqual(answer.fields["etag"], '"m-gzip"')
            self.assertEqual(node.get("/a.mpd").body, MANIFEST)
            self.assertEqual(node.get("/a.mpd", **TAKES, Range="bytes=1-3").body, MANIFEST[1:4])
            again = node.get("/a.mpd", **TAKES, If_None_Match='"m-gzip"')
            self.assertEqual((again.status, again.fields["etag"]), (304, '"m-gzip"'))
            self.assertNotIn("content-encoding", node.get("/a.m4s", **TAKES).fields)

    def test_unpacks_states_and_delta_updates_too(self):
        with Origin(serve) as origin, Node(origin.address) as node:
            _, full = self.get(node, "/a.m3u8?_HLS_msn=899")
            self.assertEqual(full, playlist(900))
            answer = node.get("/a.m3u8?_HLS_msn=899&_HLS_skip=YES", **TAKES)
            body = answer.body
            if answer.fields.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            self.assertIn(b"#EXT-X-SKIP:SKIPPED-SEGMENTS=", body)
            self.assertNotEqual(answer.fields["etag"], '"p"')

    def test_is_told_nothing_of_it_where_a_rule_leaves_gzip_out(self):
        rule = ("[[site.rule]]", 'match = "/**"', 'codings = ["br"]')
        with Origin(serve) as origin, Node(origin.address, lines=rule) as node:
            answer = node.get("/a.m3u8", **TAKES)
            self.assertEqual(answer.body, playlist(900))
            self.assertNotIn("vary", answer.fields)
            self.assertEqual(node.metric("spillway_gzips_total"), 0)


if __name__ == "__main__":
    unittest.main()
