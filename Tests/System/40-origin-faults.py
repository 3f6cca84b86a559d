"""Origins that do not answer, or answer what nobody can use, cost nothing but their own objects."""

import socket
import threading
import unittest

from lab import Node, Origin, free_port, until

# Long enough for the answers that must come in time on a busy machine.
QUICK = ("[origin.timeouts]", 'connect = "1s"', 'first_byte = "1s"', 'stall = "1s"')


class AnOrigin(unittest.TestCase):
    def serve(self, exchange):
        if exchange.path == "/silent.bin":
            threading.Event().wait(10)
        elif exchange.path == "/huge.bin":
            exchange.begin("Content-Length: 1", *(f"X-{i}: {'x' * 4000}" for i in range(10)))
        elif exchange.path == "/fields.bin":
            exchange.begin("Content-Length: 1", *("X: x" for _ in range(200)))
        elif exchange.path == "/stalls.bin":
            exchange.begin("Content-Length: 1000")
            exchange.send(b"x" * 100)
            threading.Event().wait(10)
        else:
            exchange.answer(b"fine")

    def test_that_never_answers_is_a_504(self):
        with Origin(self.serve) as origin, Node(origin.address, lines=QUICK) as node:
            answer = node.get("/silent.bin")
            self.assertEqual(answer.status, 504)
            self.assertEqual(answer.fields["retry-after"], "1")
            self.assertEqual(node.get("/fine.bin").body, b"fine")
            self.assertEqual(node.metric(
                'spillway_origin_errors_total{kind="first_byte_timeout"}'), 1)

    def test_whose_head_is_too_large_is_a_502(self):
        with Origin(self.serve) as origin, Node(origin.address, lines=QUICK) as node:
            self.assertEqual(node.get("/huge.bin").status, 502)
            self.assertEqual(node.get("/fields.bin").status, 502)
            self.assertEqual(node.get("/fine.bin").body, b"fine")
            self.assertEqual(node.metric('spillway_origin_errors_total{kind="bad_head"}'), 2)

    def test_that_stalls_in_its_body_is_cut(self):
        with Origin(self.serve) as origin, Node(origin.address, lines=QUICK) as node:
            self.assertTrue(node.get("/stalls.bin").is_cut)
            self.assertEqual(node.get("/fine.bin").body, b"fine")
            self.assertEqual(node.metric('spillway_origin_errors_total{kind="stall"}'), 1)

    def test_that_never_accepts_is_a_504(self):
        # A listener whose queue is full drops what comes.
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            queued = [socket.socket() for _ in range(4)]
            for one in queued:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            with Node("127.0.0.1:%d" % full.getsockname()[1], lines=QUICK) as node:
                self.assertEqual(node.get("/a.bin").status, 504)
                self.assertEqual(node.metric(
                    'spillway_origin_errors_total{kind="connect_timeout"}'), 1)
            for one in queued:
                one.close()

    def test_that_is_down_comes_back(self):
        port = free_port()
        with Node(f"127.0.0.1:{port}", lines=QUICK) as node:
            self.assertEqual(node.get("/a.bin").status, 502)
            with Origin(self.serve, port=port):
                until(lambda: node.get("/b.bin").status == 200, "the origin is found again")


if __name__ == "__main__":
    unittest.main()
