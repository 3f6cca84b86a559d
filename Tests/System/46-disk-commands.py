"""What operators see of the volumes: status, metrics, ls, explain, verify, rebuild, log lines."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from lab import HERE, Node, Origin, until


def serve(exchange):
    """Long bodies under /vod/, short ones elsewhere."""
    name = exchange.path.encode()
    length = 3_000_000 if exchange.path.startswith("/vod/") else 5000
    head = f"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: {length}\r\n"
    exchange.send(head.encode() + b'ETag: "one"\r\n\r\n' + (name * length)[:length])


class Volume:
    """A folder with a volume and its index, for one node after the other."""

    def __init__(self, size="32MiB"):
        self.folder = tempfile.TemporaryDirectory(prefix="spillway-system-")
        self.path = pathlib.Path(self.folder.name)
        self.file = self.path / "volume"
        self.size = size

    def node(self, origin):
        """A node that has the volume; its command line is `run`."""
        lines = ['[[cache.volume]]', f'path = "{self.file}"', f'size = "{self.size}"']
        node = Node(origin.address, lines=lines, MEMORY=f'64MiB"\nindex = "{self.path}/index')
        self.configuration = self.path / "edge.toml"
        self.configuration.write_text((node.path / "edge.toml").read_text())
        return node

    def run(self, command, *arguments, code=0):
        """Runs `spillway cache` and gives what it printed."""
        done = subprocess.run(
            [HERE / "spillway", "cache", command, "-c", self.configuration, *arguments],
            capture_output=True, text=True, check=False)
        assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


def ask(node, command, *arguments):
    """Runs a command that asks the node."""
    return subprocess.run(
        [HERE / "cli", node.path, command, *arguments], capture_output=True, text=True,
        check=True).stdout


def fill(node):
    """Fetches six objects and waits until a volume has them."""
    for number in range(3):
        assert node.get(f"/{number}.bin").status == 200
        assert node.get(f"/vod/{number}.bin").status == 200
    until(lambda: node.metric("spillway_disk_objects") == 6, "the objects are on the volume")


class AVolume(unittest.TestCase):
    def test_is_seen_in_status_metrics_list_and_explanation(self):
        with Origin(serve) as origin, Volume() as volume:
            with volume.node(origin) as node:
                fill(node)
                label = '{volume="%s"}' % volume.file
                self.assertGreater(node.metric(f"spillway_volume_written_bytes_total{label}"), 9e6)
                self.assertEqual(node.metric(f"spillway_volume_zones{label}"), 7)
                disk = json.loads(ask(node, "status", "--json"))["disk"]
                self.assertEqual(disk["scan"], {"kind": "none"})
                self.assertEqual(disk["volumes"][0]["objects"], 6)
                self.assertIn(f"volume     {volume.file}\n", ask(node, "status"))
                rows = [json.loads(line) for line in volume.run("ls", "--json").splitlines()]
                self.assertEqual(len(rows), 6)
                self.assertEqual({row["memory"] for row in rows}, {"body"})
                self.assertEqual({row["volume"] for row in rows}, {str(volume.file)})
                self.assertIn("memory, ", volume.run("ls", "http://example.com/vod/0"))
                said = ask(node, "explain", "http://example.com/vod/0.bin")
                self.assertIn("body        in memory\n", said)
                self.assertIn("volume      maybe\n", said)
                said = ask(node, "explain", "http://example.com/none")
                self.assertIn("volume      no\n", said)
            # A new process finds them; one that is sent from the file keeps its head in memory.
            with volume.node(origin) as node:
                self.assertEqual(node.get("/vod/1.bin").status, 200)
                self.assertEqual(len(origin.requests), 6)
                listed = volume.run("ls", "--json", "http://example.com/vod/").splitlines()
                rows = {row["target"]: row for row in map(json.loads, listed)}
                self.assertEqual(len(rows), 3)
                self.assertIn(rows["/vod/1.bin"]["memory"], ("head", "body"))
                self.assertEqual(rows["/vod/2.bin"]["memory"], "none")
                self.assertEqual(len(volume.run("ls", "--limit", "2").splitlines()), 1 + 2)
                ask(node, "purge", "--prefix", "http://example.com/vod/")
                self.assertIn("purged ", volume.run("ls", "http://example.com/vod/2"))
            # Without a node the volume itself is read, and the purge is known.
            rows = [json.loads(line) for line in volume.run("ls", "--json").splitlines()]
            self.assertEqual({row["memory"] for row in rows}, {"none"})
            states = {row["target"]: row["state"] for row in rows}
            self.assertEqual(states["/0.bin"], "fresh")
            self.assertEqual(states.get("/vod/2.bin", "purged"), "purged")

    def test_is_verified_and_its_index_built_anew_without_a_node(self):
        with Origin(serve) as origin, Volume() as volume:
            with volume.node(origin) as node:
                fill(node)
                for command in ("verify", "rebuild"):
                    said = volume.run(command, code=1)
                    self.assertIn(f"spillway: {volume.file}: it is open elsewhere", said)
                    self.assertEqual(said.count("\n"), 1)
            found = json.loads(volume.run("verify", "--json"))
            self.assertEqual((found["fine"], found["bad"]), ("yes", 0))
            for name in ("data.mdb", "lock.mdb"):
                (volume.path / "index" / name).unlink()
            self.assertIn("it is not there", volume.run("verify", code=1))
            self.assertIn("6 objects", volume.run("rebuild"))
            self.assertEqual(json.loads(volume.run("verify", "--json")), found)
            # One byte is turned in the middle of a body.
            data = bytearray(volume.file.read_bytes())
            place = data.index(b"/vod/0.bin/vod/0.bin") + 500_000
            data[place] ^= 1
            volume.file.write_bytes(data)
            found = json.loads(volume.run("verify", "--json", code=1))
            self.assertEqual((found["fine"], found["bad"]), ("no", 1))
            self.assertIn(f"bad: {volume.file}, zone ", volume.run("verify", code=1))

    def test_that_gets_another_size_is_emptied_and_said_to_be(self):
        with Origin(serve) as origin, Volume() as volume:
            with volume.node(origin) as node:
                fill(node)
            volume.size = "24MiB"
            with volume.node(origin) as node:
                log = (node.path / "error.log").read_text()
                self.assertIn("its size is now 24.0 MiB and was 32.0 MiB: it was emptied", log)
                self.assertEqual(volume.file.stat().st_size, 24 << 20)
                self.assertEqual(node.get("/0.bin").status, 200)
                self.assertEqual(len(origin.requests), 7)

    def test_that_cannot_be_opened_keeps_the_node_from_starting_in_one_line(self):
        with Origin(serve) as origin, Volume() as volume:
            volume.file.write_bytes(b"something else" * 1000)
            with self.assertRaises(AssertionError) as failure:
                volume.node(origin)
            lines = str(failure.exception).strip().splitlines()
            self.assertEqual(len(lines), 1, lines)
            self.assertIn(f"cannot start: {volume.file}: it is no volume of Spillway", lines[0])


if __name__ == "__main__":
    unittest.main()
