"""Where viewers connect: IPv6, Unix sockets, what systemd opened; and if descriptors run out."""

import socket
import sys
import tempfile
import unittest

from lab import ADOPT, Node, Origin, free_port, until

# Becomes the node with few descriptors.
FEW = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
os.execv(sys.argv[1], sys.argv[1:])
"""


def serve(exchange):
    exchange.answer(b"segment")


class AListener(unittest.TestCase):
    def ask(self, node, address):
        with node.viewer(address) as viewer:
            viewer.ask("/a.ts")
            self.assertEqual(viewer.answer().body, b"segment")

    def test_from_systemd_serves_on_all_workers(self):
        with socket.create_server(("127.0.0.1", 0)) as inherited, Origin(serve) as origin, Node(
            origin.address, start=[sys.executable, "-c", ADOPT, str(inherited.fileno())],
            pass_fds=[inherited.fileno()], LISTEN="systemd", WORKERS="2") as node:
            for _ in range(4):
                self.ask(node, inherited.getsockname())
            self.assertEqual(node.metric("spillway_viewer_connections_accepted_total"), 4)

    def test_from_systemd_is_missed_in_one_line(self):
        with self.assertRaisesRegex(AssertionError, "LISTEN_"):
            Node("127.0.0.1:1", LISTEN="systemd")

    def test_on_ipv6_serves(self):
        port = free_port()
        with Origin(serve) as origin, Node(origin.address, LISTEN=f"[::1]:{port}") as node:
            self.ask(node, ("::1", port))
            until(lambda: [one["client"] for one in node.records()] == ["::1"], "the record")

    def test_on_a_path_that_a_dead_node_left_behind_serves(self):
        with tempfile.TemporaryDirectory() as folder, Origin(serve) as origin:
            path = folder + "/left.sock"
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(path)
            with Node(origin.address, LISTEN="unix:" + path) as node:
                self.ask(node, path)

    def test_without_descriptors_waits_and_goes_on(self):
        with Origin(serve) as origin, Node(
            origin.address, start=[sys.executable, "-c", FEW], WORKERS="2") as node:
            self.assertEqual(node.get("/a.ts").status, 200)
            first = node.viewer()
            crowd = [node.viewer() for _ in range(80)]
            self.assertTrue(self.is_served(first))
            for viewer in crowd:
                viewer.socket.close()
            self.assertEqual(node.get("/a.ts").body, b"segment")
            self.assertGreater(node.metric("spillway_accept_backoffs_total"), 0)
            first.socket.close()

    def is_served(self, viewer):
        viewer.ask("/a.ts")
        return viewer.answer().body == b"segment"


if __name__ == "__main__":
    unittest.main()
