"""Servers that are probed: a dead one costs no viewer a time-out, one that is back proves it."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import time
import unittest

from lab import HERE, Node, Origin, until

HEALTH = 'health = { path = "/health", interval = "300ms", timeout = "300ms", body = "fine" }'


class Server:
    """An origin that answers probes as it is told, and all else with a small object."""

    def __init__(self):
        self.is_well = True

    def serve(self, exchange):
        if exchange.path != "/health":
            exchange.answer(b"x" * 1000)
        elif self.is_well:
            exchange.answer(b"all is fine\n")
        else:
            exchange.begin("Content-Length: 0", status="503 Service Unavailable")


@contextlib.contextmanager
def full_server():
    """The address of a server that takes no connection: its queue is full and it never accepts."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = []
        for _ in range(8):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(address)
        time.sleep(0.1)
        try:
            yield "%s:%d" % address
        finally:
            for one in waiting:
                one.close()


def is_healthy(node, address):
    return node.metric('spillway_origin_server_healthy{server="%s"}' % address) == 1


def failed_probes(node, address):
    return node.metric(
        'spillway_origin_probes_total{server="%s",outcome="failed"}' % address)


def is_down(node, address):
    # A node that has just started has no line of the server yet.
    return failed_probes(node, address) >= 2 and not is_healthy(node, address)


def status(node, *options):
    binary = os.environ.get("SPILLWAY", str(HERE / "spillway"))
    socket_path = str(pathlib.Path(node.path) / "admin.sock")
    return subprocess.run(
        [binary, "status", "--socket", socket_path, *options], check=True,
        capture_output=True, text=True).stdout


class ServersThatAreProbed(unittest.TestCase):
    def test_and_take_no_connection_cost_no_viewer_a_time_out(self):
        with full_server() as dead, Origin(Server().serve) as good, \
                Node(dead, good.address, ORIGIN=HEALTH, WORKERS="2") as node:
            until(lambda: is_down(node, dead), "the dead server is found")
            for number in range(200):
                self.assertEqual(node.get(f"/{number}.bin").status, 200)
                time.sleep(0.01)
            # Counted of viewers' fetches alone; a clock would count the machine's pauses too.
            for name in ('errors_total{kind="connect_timeout"}',
                         'retries_total{reason="next_server"}'):
                self.assertEqual(node.metric("spillway_origin_" + name), 0)
            self.assertIn(f"{dead} is down: ", status(node))
            self.assertIn("last probe failed (timed out after 300ms)", status(node))
            log = (node.path / "error.log").read_text()
            self.assertEqual(log.count(f"origin/{dead} is down: timed out after 300ms"), 1)

    def test_and_come_back_get_no_viewer_before_three_probes_passed(self):
        server = Server()
        server.is_well = False
        with Origin(server.serve) as first, Origin(Server().serve) as second, \
                Node(first.address, second.address, ORIGIN=HEALTH, WORKERS="2") as node:
            until(lambda: is_down(node, first.address), "the sick server is found")
            self.assertIn("last probe failed (status 503)", status(node))
            first.requests.clear()
            server.is_well = True
            number = 0
            end = time.monotonic() + 10
            while all(path == "/health" for path in list(first.requests)):
                self.assertLess(time.monotonic(), end, "it never came back")
                self.assertEqual(node.get(f"/{number}.bin").status, 200)
                number += 1
                time.sleep(0.02)
            before = next(i for i, path in enumerate(first.requests) if path != "/health")
            # A probe of before may have been answered by the server that was still sick.
            self.assertIn(before, (3, 4))
            self.assertTrue(is_healthy(node, first.address))
            row = json.loads(status(node, "--json"))["origin"]["servers"][0]
            self.assertEqual((row["server"], row["state"]), (first.address, "healthy"))
            self.assertEqual(row["probes"]["last"], "passed")
            for line in ("is down: status 503", "is up again"):
                until(
                    lambda: f"origin/{first.address} {line}" in
                    (node.path / "error.log").read_text(), f"the log says that it {line}")


if __name__ == "__main__":
    unittest.main()
