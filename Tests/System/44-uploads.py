"""Request bodies are streamed with back-pressure, and a broken one never looks whole."""

import hashlib
import threading
import unittest

from lab import Node, Origin, until


class AnUpload(unittest.TestCase):
    def test_of_many_megabytes_arrives_whole(self):
        body = bytes(range(256)) * 32768

        def serve(exchange):
            self.assertIn("X-Forwarded-For: 127.0.0.1\r\n", exchange.head + "\r\n")
            left, digest = len(body), hashlib.sha256()
            while left:
                data = exchange.buffer or exchange.socket.recv(65536)
                exchange.buffer = b""
                digest.update(data)
                left -= len(data)
            exchange.answer(digest.hexdigest().encode())

        with Origin(serve) as origin, Node(origin.address, tcp=True) as node:
            with node.viewer() as viewer:
                viewer.ask("/upload", method="PUT", Content_Length=len(body))
                viewer.socket.sendall(body)
                self.assertEqual(viewer.answer().body, hashlib.sha256(body).hexdigest().encode())

    def test_is_held_back_by_a_slow_origin(self):
        go_on = threading.Event()

        def serve(exchange):
            assert go_on.wait(10)
            left = 32 << 20
            while left:
                left -= len(exchange.buffer or exchange.socket.recv(1 << 20))
                exchange.buffer = b""
            exchange.answer(b"taken")

        lines = ("[origin.timeouts]", 'first_byte = "10s"')
        with Origin(serve) as origin, Node(origin.address, lines=lines, tcp=True) as node:
            with node.viewer() as viewer:
                viewer.ask("/upload", method="PUT", Content_Length=32 << 20)
                sent = 0
                viewer.socket.settimeout(0.5)
                try:
                    while sent < 32 << 20:
                        sent += viewer.socket.send(bytes(1 << 16))
                except TimeoutError:
                    pass
                self.assertLess(sent, 32 << 20, "the node took more than the origin")
                self.assertLess(node.metric("spillway_viewer_received_bytes_total"), 8 << 20)
                go_on.set()
                viewer.socket.settimeout(10)
                viewer.socket.sendall(bytes((32 << 20) - sent))
                self.assertEqual(viewer.answer().body, b"taken")

    def broken(self, *fields, body):
        """Sends a part of a body and ends; returns what the origin got behind the head."""
        got = bytearray()
        ended = threading.Event()

        def serve(exchange):
            got.extend(exchange.buffer)
            try:
                while data := exchange.socket.recv(65536):
                    got.extend(data)
            except OSError:
                pass
            ended.set()
            raise EOFError

        with Origin(serve) as origin, Node(origin.address, tcp=True) as node:
            with node.viewer() as viewer:
                viewer.socket.sendall(
                    b"POST /x HTTP/1.1\r\nHost: example.com\r\n" + b"\r\n".join(fields)
                    + b"\r\n\r\n" + body)
                until(lambda: got or ended.is_set(), "the origin has a part of the body")
            assert ended.wait(5), "the origin was not told"
        return bytes(got)

    def test_with_a_length_that_breaks_off_ends_the_origins_connection(self):
        self.assertEqual(self.broken(b"Content-Length: 100", body=b"x" * 10), b"x" * 10)

    def test_in_chunks_that_breaks_off_has_no_last_chunk(self):
        got = self.broken(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n")
        self.assertIn(b"hello", got)
        self.assertFalse(got.endswith(b"0\r\n\r\n"))

    def test_in_chunks_that_are_malformed_has_no_last_chunk(self):
        got = self.broken(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\nnonsense\r\n")
        self.assertFalse(got.endswith(b"0\r\n\r\n"))

    def test_that_is_answered_early_ends_its_connection(self):
        with Origin(lambda exchange: (exchange.answer(b"no"), exchange.close())) as origin, Node(
            origin.address, tcp=True) as node, node.viewer() as viewer:
            viewer.ask("/x", method="POST", Content_Length=1000)
            viewer.socket.sendall(b"x" * 10)
            answer = viewer.answer()
            self.assertEqual((answer.status, answer.body), (200, b"no"))
            self.assertEqual(answer.fields.get("connection"), "close")
            self.assertFalse(viewer.ends_by_reset())


if __name__ == "__main__":
    unittest.main()
