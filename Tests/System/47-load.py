"""`spillway load` against a node and against servers that misbehave: it reports what they did."""

import subprocess
import threading
import time
import unittest

from lab import HERE, Node, Origin, free_port
from load_tool import load


class LoadHit(unittest.TestCase):
    def test_counts_hits_of_many_keys_and_ranges(self):
        def serve(exchange):
            exchange.answer(b"x" * 2000)

        with Origin(serve) as origin, Node(origin.address, tcp=True) as node:
            root = "http://%s:%d/" % node.address
            seen = load("hit", root + "{n}.bin", "--keys", "20", "--zipf", "0.9", "-n", "500",
                        "-c", "8")
            self.assertEqual((seen["answers"], seen["status_2xx"]), (500, 500))
            self.assertEqual(seen["body_bytes"], 500 * 2000)
            # The rest missed, or joined a fill: of each key at most once on each connection.
            self.assertGreaterEqual(seen["cache_hits"], 500 - 20 * 8)
            self.assertLessEqual(len(set(origin.requests)), 20)
            for low, high in (("p50", "p99"), ("p99", "max")):
                self.assertLessEqual(seen[f"latency_{low}_ms"], seen[f"latency_{high}_ms"])

            seen = load("hit", root + "0.bin", "-n", "50", "-c", "2",
                        "--range-bytes", "100", "--range-within", "2000")
            self.assertEqual((seen["answers"], seen["body_bytes"]), (50, 50 * 100))

    def test_with_a_rate_counts_a_stall_in_all_that_it_held_up(self):
        started = time.monotonic()
        stalled = threading.Event()

        def serve(exchange):
            # One stall of a second for everybody who asks meanwhile.
            if time.monotonic() - started > 0.5 and not stalled.is_set():
                stalled.set()
                self.until = time.monotonic() + 1
            if stalled.is_set():
                time.sleep(max(0, self.until - time.monotonic()))
            exchange.answer(b"x")

        with Origin(serve) as origin:
            seen = load("hit", f"http://{origin.address}/", "-d", "2s", "--rate", "100", "-c", "4")
        # A hundred requests were due in that second: half of them waited for half of it.
        self.assertEqual(seen["answers"], 200)
        self.assertGreater(seen["latency_p90_ms"], 300)
        self.assertGreater(seen["latency_max_ms"], 900)

    def test_tells_errors_apart(self):
        def serve(exchange):
            if exchange.path == "/none":
                exchange.send(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
            elif exchange.path == "/cut":
                exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
                exchange.close()
            elif exchange.path == "/odd":
                exchange.send(b"SSH-2.0-teapot\r\n\r\n")
                exchange.close()
            elif exchange.path == "/slow":
                time.sleep(1)
                exchange.close()
            else:
                exchange.answer(b"x")

        with Origin(serve) as origin:
            root = f"http://{origin.address}"
            seen = load("hit", root + "/none", "-n", "10", "-c", "2", code=1)
            self.assertEqual((seen["answers"], seen["status_4xx"]), (10, 10))
            seen = load("hit", root + "/cut", "-n", "10", "-c", "2", code=1)
            self.assertEqual((seen["answers"], seen["failed_broken"]), (0, 10))
            seen = load("hit", root + "/odd", "-n", "10", "-c", "2", code=1)
            self.assertEqual((seen["answers"], seen["failed_malformed"]), (0, 10))
            seen = load("hit", root + "/slow", "-n", "2", "-c", "2", "--timeout", "200ms", code=1)
            self.assertEqual((seen["answers"], seen["failed_timeout"]), (0, 2))
        seen = load("hit", root + "/gone", "-d", "200ms", "-c", "1", code=1)
        self.assertGreater(seen["failed_connect"], 0)

    def test_says_what_is_wrong_with_its_usage_in_one_line(self):
        for arguments, word in (
                ((), "URL"), (("https://127.0.0.1/",), "http://"),
                (("http://127.0.0.1:1/", "-c", "0"), "--connections"),
                (("http://127.0.0.1:1/", "--list", "/none"), "/none"),
                (("http://127.0.0.1:1/", "-H", "odd"), "field")):
            said = load("hit", *arguments, code=2)
            self.assertEqual(said.count("\n"), 1, said)
            self.assertIn(word, said)

    def test_explains_each_figure_in_its_help(self):
        text = subprocess.run([HERE / "spillway", "load", "hit", "--help"], capture_output=True,
                              text=True, check=True).stdout
        for name in ("answers", "body bytes", "cache hits", "latency", "first byte",
                     "connects failed", "broken off", "malformed", "unanswered", "not sent",
                     "reconnects", "CPU second"):
            self.assertIn(name, text)


class LoadHerd(unittest.TestCase):
    herd = ("--followers", "40", "--span", "500ms", "--spread", "400ms", "--bytes", "400000")

    def test_is_one_origin_request_and_no_wait_behind_a_node(self):
        origin = f"127.0.0.1:{free_port()}"
        with Node(origin, tcp=True) as node:
            seen = load("herd", "http://%s:%d/" % node.address, "--origin", origin, *self.herd)
        self.assertEqual((seen["answers"], seen["origin_requests"]), (41, 1))
        self.assertGreater(seen["ttfb_p50_ms"], 0)
        # Whoever waits for the whole fetch waits for a quarter of a second and more.
        self.assertLess(seen["ttfb_p50_ms"], 250)
        self.assertLess(seen["lag_p50_ms"], 250)

    def test_counts_each_request_where_nobody_shares(self):
        origin = f"127.0.0.1:{free_port()}"
        seen = load("herd", f"http://{origin}/", "--origin", origin, *self.herd)
        self.assertEqual((seen["answers"], seen["origin_requests"]), (41, 41))

    def test_says_that_nobody_could_be_reached(self):
        seen = load("herd", f"http://127.0.0.1:{free_port()}/", "--origin",
                    f"127.0.0.1:{free_port()}", *self.herd, code=1)
        self.assertEqual((seen["answers"], seen["failed_connect"]), (0, 1))

    def test_says_what_is_wrong_with_its_usage_in_one_line(self):
        for arguments, word in (
                (("http://127.0.0.1:1/", "--origin", "none"), "--origin"),
                (("http://127.0.0.1:1/", "--origin", "127.0.0.1:2", "--followers", "0"),
                 "--followers"),
                (("http://127.0.0.1:1/", "--origin", "127.0.0.1:2", "--bytes", "3"), "--bytes")):
            said = load("herd", *arguments, code=2)
            self.assertEqual(said.count("\n"), 1, said)
            self.assertIn(word, said)


if __name__ == "__main__":
    unittest.main()
