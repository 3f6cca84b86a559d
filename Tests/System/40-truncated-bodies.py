"""A body that breaks off is never cached and never ends cleanly, whatever breaks and however it is
framed on either side."""

import threading
import unittest

from lab import Node, Origin, box, until

MEDIA = box(b"styp", b"msdh" + bytes(4)) + box(b"moof", bytes(100)) + box(b"mdat", bytes(1000))


class ATruncatedBody(unittest.TestCase):
    """Each test breaks the first answer and then looks at the second."""

    def run_with(self, break_off, path="/a.bin", framing="length"):
        """The viewers of a first, broken answer have part of it; the next Fill is whole."""
        joined = threading.Event()

        def serve(exchange):
            if exchange.path == path and origin.requests.count(path) == 1:
                exchange.begin("Content-Length: 5000" if framing == "length"
                               else "Transfer-Encoding: chunked" if framing == "chunked"
                               else "Connection: close")
                body = MEDIA[:600] if path.endswith(".m4s") else b"x" * 600
                if framing == "chunked":
                    exchange.chunk(body)
                else:
                    exchange.send(body)
                assert joined.wait(10)
                break_off(exchange)
            else:
                exchange.answer(b"whole")

        with Origin(serve) as origin, Node(origin.address, tcp=True, WORKERS="2") as node:
            viewers = [node.viewer() for _ in range(4)]
            for viewer in viewers:
                viewer.ask(path)
                self.assertEqual(viewer.head().status, 200)
            joined.set()
            for viewer in viewers:
                self.assertTrue(viewer.ends_by_reset(), "the viewer saw a clean end")
                self.assertFalse(viewer.buffer.endswith(b"0\r\n\r\n"), "a last chunk was sent")
                viewer.socket.close()
            self.assertEqual(origin.requests, [path])
            again = node.get(path)
            self.assertEqual((again.status, again.body), (200, b"whole"))
            self.assertEqual(origin.requests, [path, path])
            until(lambda: [record["aborted"] for record in node.records()].count("origin") == 4,
                  "four records of broken answers")

    def test_the_origin_resets(self):
        self.run_with(lambda exchange: exchange.reset())

    def test_the_origin_resets_a_chunked_body(self):
        self.run_with(lambda exchange: exchange.reset(), framing="chunked")

    def test_the_origin_resets_a_body_without_length(self):
        self.run_with(lambda exchange: exchange.reset(), framing="close")

    def test_the_body_is_shorter_than_its_length(self):
        self.run_with(lambda exchange: exchange.close())

    def test_the_last_chunk_is_missing(self):
        self.run_with(lambda exchange: exchange.close(), framing="chunked")

    def test_a_chunk_is_bad(self):
        self.run_with(lambda exchange: exchange.send(b"nonsense\r\n"), framing="chunked")

    def test_a_chunk_is_longer_than_its_size(self):
        self.run_with(lambda exchange: exchange.send(b"1\r\nab\r\n0\r\n\r\n"), framing="chunked")

    def test_a_container_is_open_though_its_framing_is_whole(self):
        def end(exchange):
            exchange.chunk(MEDIA[600:-1])
            exchange.send(b"0\r\n\r\n")

        self.run_with(end, path="/a.m4s", framing="chunked")

    def test_a_container_is_open_at_the_end_of_the_connection(self):
        def end(exchange):
            exchange.send(MEDIA[600:-1])
            exchange.close()

        self.run_with(end, path="/a.m4s", framing="close")


class AWholeContainer(unittest.TestCase):
    def test_is_kept(self):
        def serve(exchange):
            exchange.begin("Transfer-Encoding: chunked")
            exchange.chunk(MEDIA[:600])
            exchange.chunk(MEDIA[600:])
            exchange.send(b"0\r\n\r\n")

        with Origin(serve) as origin, Node(origin.address) as node:
            for _ in range(2):
                self.assertEqual(node.get("/a.m4s").body, MEDIA)
            self.assertEqual(len(origin.requests), 1)


if __name__ == "__main__":
    unittest.main()
