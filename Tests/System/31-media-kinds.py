"""What streams are made of is kept, whatever its container says or does not say."""

import os
import unittest

from lab import Node, Origin, box

TIMES = bytes(4) + b"\0\0\0\1" + bytes(8)
BODIES = {
    "/aes.ts": os.urandom(1024),
    "/plain.ts": (b"\x47\x40\x00\x10" + bytes(184)) * 20,
    "/text.vtt": b"WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n",
    "/id3.aac": b"ID3\x04\0\0\0\0\0\x3f" + bytes(63) + b"\xff\xf1\x50\x80" + bytes(200),
    "/key.bin": os.urandom(16),
    "/init.mp4": box(b"ftyp", b"iso6" + bytes(4)) + box(b"moov", bytes(300)),
    "/cmaf.m4s": box(b"styp", b"msdh" + bytes(4)) + box(b"prft", bytes(24))
    + box(b"emsg", bytes(40)) + box(b"sidx", bytes(32)) + box(b"moof", bytes(80))
    + box(b"mdat", bytes(500)),
    "/open.m4s": box(b"moof", bytes(80)) + b"\0\0\0\0mdat" + bytes(77),
    "/long.m4s": box(b"moof", bytes(80)) + b"\0\0\0\1mdat" + (115).to_bytes(8, "big")
    + bytes(99),
    "/live.mpd": b"<MPD type=\"static\"></MPD>",
}


class AMediaBody(unittest.TestCase):
    def serve(self, exchange):
        body = BODIES[exchange.path]
        exchange.begin("Transfer-Encoding: chunked")
        exchange.chunk(body[:10])
        if body[10:]:
            exchange.chunk(body[10:])
        exchange.send(b"0\r\n\r\n")

    def test_of_each_kind_is_kept_as_it_is(self):
        with Origin(self.serve) as origin, Node(origin.address) as node:
            for path, body in BODIES.items():
                for _ in range(2):
                    answer = node.get(path)
                    self.assertEqual((answer.status, answer.body), (200, body), path)
                self.assertEqual(origin.requests.count(path), 1, path)


if __name__ == "__main__":
    unittest.main()
