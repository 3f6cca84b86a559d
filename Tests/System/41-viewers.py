"""Nobody's disconnect, slowness or nonsense touches anybody else."""

import os
import threading
import time
import unittest

from lab import Node, Origin, until

MEBIBYTE = 1 << 20


def pattern(path):
    """A mebibyte that only `path` has."""
    word = path.encode().ljust(16, b".")[:16]
    return word * (MEBIBYTE // 16)


class AViewer(unittest.TestCase):
    def setUp(self):
        self.go_on = threading.Event()
        self.is_held = False

    def serve(self, exchange):
        body = pattern(exchange.path)
        exchange.begin(f"Content-Length: {len(body)}")
        exchange.send(body[:100_000])
        if self.is_held:
            assert self.go_on.wait(10)
        exchange.send(body[100_000:])

    def node(self, origin, **environment):
        return Node(
            origin.address, lines=("[origin.timeouts]", 'stall = "10s"'), tcp=True, WORKERS="2",
            **environment)

    def test_that_leaves_in_the_middle_disturbs_neither_fill_nor_others(self):
        self.is_held = True
        with Origin(self.serve) as origin, self.node(origin) as node:
            leaving, staying = node.viewer(), node.viewer()
            for viewer in (leaving, staying):
                viewer.ask("/a.bin")
                viewer.head()
                viewer.take(1000)
            leaving.socket.close()
            self.go_on.set()
            rest = staying.take(MEBIBYTE - 1000)
            self.assertEqual(rest, pattern("/a.bin")[1000:])
            staying.socket.close()
            self.assertEqual(node.get("/a.bin").body, pattern("/a.bin"))
            self.assertEqual(origin.requests, ["/a.bin"])
            until(lambda: [record["aborted"] for record in node.records()].count("viewer") == 1,
                  "the record of the one who left")

    def test_that_leaves_alone_leaves_a_fill_that_is_kept(self):
        self.is_held = True
        with Origin(self.serve) as origin, self.node(origin) as node:
            with node.viewer() as leaving:
                leaving.ask("/a.bin")
                leaving.head()
            self.go_on.set()
            until(lambda: node.metric("spillway_memory_objects") == 1, "the Fill ends")
            self.assertEqual(node.get("/a.bin").body, pattern("/a.bin"))
            self.assertEqual(origin.requests, ["/a.bin"])

    def test_that_reads_a_kilobyte_a_second_holds_up_nobody(self):
        with Origin(self.serve) as origin, self.node(origin) as node:
            with node.viewer(receive_buffer=4096) as slow:
                slow.ask("/a.bin")
                slow.head()
                # It reads nothing until both are whole: whom it held up would never end.
                self.assertEqual(node.get("/a.bin").body, pattern("/a.bin"))
                self.assertEqual(node.get("/b.bin").body, pattern("/b.bin"))
                for _ in range(3):
                    self.assertEqual(len(slow.take(1024)), 1024)
                    time.sleep(1)
                self.assertEqual(slow.take(MEBIBYTE - 3072), pattern("/a.bin")[3072:])
            self.assertEqual(origin.requests, ["/a.bin", "/b.bin"])

    def test_that_stopped_reading_still_gets_the_old_bytes_of_an_evicted_object(self):
        with Origin(self.serve) as origin, self.node(origin, MEMORY="16MiB") as node:
            self.assertEqual(node.get("/old.bin").body, pattern("/old.bin"))
            with node.viewer(receive_buffer=4096) as slow:
                slow.ask("/old.bin")
                slow.head()
                slow.take(10)
                for index in range(40):
                    path = f"/new{index}.bin"
                    self.assertEqual(node.get(path).body, pattern(path))
                self.assertGreater(node.metric("spillway_memory_evictions_total"), 0)
                self.assertEqual(slow.take(MEBIBYTE - 10), pattern("/old.bin")[10:])

    def test_that_sends_garbage_is_refused_and_the_node_goes_on(self):
        with Origin(self.serve) as origin, self.node(origin) as node:
            for garbage in (
                os.urandom(4096), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(500),
                b"\x00" * 100 + b"\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\r\n" * 5000,
                b"GET / HTTP/1.1\r\nHost: example.com\r\nX", b"x" * 100_000,
            ):
                with node.viewer() as viewer:
                    try:
                        viewer.socket.sendall(garbage)
                        viewer.socket.shutdown(1)
                    except OSError:
                        pass
                    viewer.ends_by_reset()
                    self.assertTrue(
                        viewer.buffer == b"" or viewer.buffer.startswith(b"HTTP/1.1 4")
                        or viewer.buffer.startswith(b"HTTP/1.1 505"), viewer.buffer[:100])
            self.assertEqual(node.get("/a.bin").body, pattern("/a.bin"))


class AFullMemory(unittest.TestCase):
    def test_refuses_fills_and_goes_on_serving_what_it_has(self):
        go_on = threading.Event()

        def serve(exchange):
            exchange.begin(f"Content-Length: {MEBIBYTE}")
            if exchange.path != "/kept.bin":
                assert go_on.wait(10)
            exchange.send(pattern(exchange.path))

        lines = ("[origin.timeouts]", 'stall = "10s"')
        with Origin(serve) as origin, Node(origin.address, lines=lines, MEMORY="16MiB") as node:
            self.assertEqual(node.get("/kept.bin").body, pattern("/kept.bin"))
            viewers = {f"/{index}.bin": node.viewer() for index in range(40)}
            for path, viewer in viewers.items():
                viewer.ask(path)
            heads = {path: viewer.head() for path, viewer in viewers.items()}
            answered = [path for path, head in heads.items() if head.status == 200]
            refused = [head for head in heads.values() if head.status == 503]
            self.assertEqual(len(answered) + len(refused), 40)
            self.assertTrue(refused, "more was promised than there is memory")
            self.assertTrue(answered)
            self.assertEqual(refused[0].fields["retry-after"], "1")
            self.assertEqual(node.metric("spillway_fills_refused_total"), len(refused))
            go_on.set()
            for path in answered:
                self.assertEqual(viewers[path].take(MEBIBYTE), pattern(path))
            for viewer in viewers.values():
                viewer.socket.close()
            self.assertLessEqual(
                node.metric("spillway_memory_used_bytes"),
                node.metric("spillway_memory_limit_bytes"))
            self.assertEqual(node.get("/later.bin").body, pattern("/later.bin"))


if __name__ == "__main__":
    unittest.main()
