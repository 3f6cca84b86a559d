"""A disk that fails, fills up, slows down or vanishes costs what lay on it and nothing else.

The faults come from fault_shim.c, which is compiled here and preloaded; two more come from the
kernel where this is root: an ext4 image on a loop device that is shut down, a full tmpfs.
"""

import contextlib
import errno
import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time
import unittest

from lab import HERE, until
from volume_lab import KIBIBYTE, MEBIBYTE, Content, Shelf, quiet

# More than memory keeps of, so that some of it is served from the volume alone.
SIZES = (0, 100, 5000, 64 * KIBIBYTE + 1, 2 * MEBIBYTE, 9 * MEBIBYTE)
PATHS = [f"/disk/{index}/{size}.bin" for index, size in enumerate(SIZES)]
HOT = [f"/hot/{index}/{10 * KIBIBYTE}.bin" for index in range(5)]
FAULTS = ("milliseconds", "code")
CALLS = ("read", "write", "sync")


def setUpModule():
    global shop, shim
    shop = tempfile.TemporaryDirectory(prefix="spillway-faults-")
    shim = pathlib.Path(shop.name, "fault_shim.so")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", shim, HERE / "fault_shim.c", "-ldl"],
                   check=True)


def tearDownModule():
    shop.cleanup()


class Faults:
    """What the shim is to do to the files of a shelf."""

    def __init__(self, shelf):
        self.shelf = shelf
        self.control = shelf.path / "control"
        self.control.write_bytes(bytes(4096))

    def node(self, content, **settings):
        """A node over the shim."""
        return self.shelf.node(
            content.address, LD_PRELOAD=str(shim), FAULT_CONTROL=str(self.control),
            FAULT_VOLUME=str(self.shelf.volume), FAULT_INDEX=f"{self.shelf.index}/", **settings)

    def set(self, target="volume", **faults):
        """For example `read_milliseconds=1000`, `write_code=errno.EIO`."""
        place = 0 if target == "volume" else 24
        values = [faults.get(f"{call}_{kind}", 0) for kind in FAULTS for call in CALLS]
        with open(self.control, "r+b") as file:
            file.seek(place)
            file.write(struct.pack("6i", *values))


class AFault(unittest.TestCase):
    """Each test breaks the disk below a running node, and mends it where it can be mended."""

    @contextlib.contextmanager
    def broken(self, **settings):
        """A node with objects on its volume and others in its memory."""
        with Content() as content, Shelf() as shelf:
            shelf.fill(content, PATHS)
            faults = Faults(shelf)
            with faults.node(content, **settings) as node:
                for path in HOT:
                    node.asked(path, content)
                yield content, shelf, faults, node
                self.assertTrue(node.is_dead or node.is_alive(), node.errors())

    def memory_is_served(self, node, content):
        """Of what is in memory nobody asks the origin or notices the disk."""
        before = len(content.requests)
        for _ in range(20):
            for path in HOT:
                self.assertIn("hit", node.asked(path, content).fields["cache-status"])
        self.assertEqual(len(content.requests), before)

    def right_or_cut(self, node, content, path):
        """No byte is wrong; whether all of them came."""
        answer = node.get(path)
        self.assertEqual(answer.status, 200)
        body = content.body(path)
        self.assertEqual(answer.body, body[:len(answer.body)], f"{path}: wrong bytes")
        return not answer.is_cut

    def all_come(self, node, content, paths=PATHS):
        """Whatever breaks off comes from somewhere else when it is asked for again."""
        for path in paths:
            until(lambda: self.right_or_cut(node, content, path), f"{path} is whole")

    def test_that_delays_each_read_for_a_second_sends_misses_to_the_origin(self):
        with self.broken() as (content, _, faults, node):
            late = node.metric("spillway_disk_answers_late_total")
            faults.set(read_milliseconds=1000)
            began = time.monotonic()
            for path in PATHS[:3]:
                node.asked(path, content)
            self.memory_is_served(node, content)
            # Three misses of a second each would have taken that long; the rest is memory.
            self.assertLess(time.monotonic() - began, 3)
            self.assertGreater(node.metric("spillway_disk_answers_late_total"), late)
            faults.set()
            self.all_come(node, content)

    def test_that_delays_each_write_for_a_second_delays_no_answer(self):
        with self.broken() as (content, _, faults, node):
            faults.set(write_milliseconds=1000, sync_milliseconds=1000)
            began = time.monotonic()
            new = [f"/new/{index}/{size}.bin" for index, size in enumerate(SIZES[:5] * 4)]
            for path in new:
                node.asked(path, content)
            self.memory_is_served(node, content)
            self.assertLess(time.monotonic() - began, len(new) / 2)
            faults.set()

    def test_of_every_read_costs_a_fetch(self):
        for code in (errno.EIO,):
            with self.broken() as (content, _, faults, node):
                faults.set(read_code=code)
                self.all_come(node, content)
                self.memory_is_served(node, content)
                faults.set()
                self.all_come(node, content)

    def test_of_every_write_costs_what_was_not_written(self):
        for code in (errno.ENOSPC, errno.EROFS):
            self.writes_fail({"write_code": code})

    def test_of_every_sync_costs_what_was_not_written(self):
        self.writes_fail({"sync_code": errno.EIO})

    def test_of_the_index_costs_what_was_not_written(self):
        for code in (errno.ENOSPC, errno.EIO):
            self.writes_fail({"write_code": code}, "index")
        self.writes_fail({"sync_code": errno.EIO}, "index")

    def writes_fail(self, kinds, target="volume"):
        new = [f"/new/{index}/{size}.bin" for index, size in enumerate(SIZES)]
        with self.broken() as (content, shelf, faults, node):
            faults.set(target, **kinds)
            for path in new:
                node.asked(path, content)
            # A purge has its own file: it holds, whatever the volume says.
            content.change(PATHS[1])
            node.purge(url=f"http://example.com{PATHS[1]}")
            for path in PATHS + new:
                node.asked(path, content)
            self.memory_is_served(node, content)
            self.assertTrue(node.is_alive(), node.errors())
            node.kill()
            faults.set(target)
            with shelf.node(content.address) as again:
                self.all_come(again, content, PATHS + new)
                with quiet(content, again):
                    for path in PATHS[2:]:
                        again.asked(path, content)

    def test_of_a_full_index_costs_what_did_not_fit(self):
        paths = [f"/many/{index}/10.bin" for index in range(3000)]
        with Content() as content, Shelf() as shelf:
            faults = Faults(shelf)
            with faults.node(content, FAULT_MAP=str(256 * KIBIBYTE)) as node:
                for path in paths + HOT:
                    node.asked(path, content)
                self.memory_is_served(node, content)
                self.assertTrue(node.is_alive())
            with faults.node(content, FAULT_MAP=str(256 * KIBIBYTE)) as node:
                for path in paths + HOT:
                    node.asked(path, content)

    def test_that_takes_the_bytes_of_the_volume_away_costs_a_fetch(self):
        with self.broken() as (content, shelf, _, node):
            os.truncate(shelf.volume, 0)
            self.all_come(node, content)
            self.memory_is_served(node, content)
            self.all_come(node, content)

    def test_that_takes_half_of_the_volume_away_under_a_viewer_costs_him_at_most_his_answer(self):
        with self.broken() as (content, shelf, _, node):
            with node.viewer(receive_buffer=4096) as viewer:
                viewer.ask(PATHS[-1])
                self.assertEqual(viewer.head().status, 200)
                viewer.take(1000)
                os.truncate(shelf.volume, 3 * MEBIBYTE)
                with contextlib.suppress(EOFError, ConnectionResetError):
                    viewer.gather(SIZES[-1] - 1000)
                body = content.body(PATHS[-1])[1000:]
                self.assertEqual(viewer.buffer, body[:len(viewer.buffer)])
            self.all_come(node, content)

    def test_that_unlinks_volume_and_index_costs_them_at_the_next_start(self):
        with Content() as content, Shelf() as shelf:
            shelf.fill(content, PATHS)
            with shelf.node(content.address) as node:
                shelf.volume.unlink()
                shutil.rmtree(shelf.index)
                for path in PATHS + HOT:
                    node.asked(path, content)
            for _ in range(2):
                with shelf.node(content.address) as node:
                    for path in PATHS + HOT:
                        node.asked(path, content)

    def test_of_the_clock_makes_old_objects_stale_not_wrong(self):
        with Content() as content, Shelf() as shelf:
            shelf.fill(content, PATHS)
            faults = Faults(shelf)
            with faults.node(content, FAULT_CLOCK="700") as node:
                content.change(PATHS[2])
                for path in PATHS:
                    node.asked(path, content)
                # All but the changed one are confirmed, or were no longer worth keeping.
                self.assertEqual(len(content.requests), 2 * len(PATHS))


# ext4's ioctl to stop at once, without its journal (2): what a pulled disk looks like.
SHUTDOWN = 0x8004587D


@unittest.skipUnless(os.geteuid() == 0 and pathlib.Path("/dev/loop-control").exists(),
                     "needs root and loop devices")
class AFileSystem(unittest.TestCase):
    @contextlib.contextmanager
    def mounted(self, *kind):
        """A file system of its own."""
        with tempfile.TemporaryDirectory(prefix="spillway-mount-") as folder:
            target = pathlib.Path(folder, "mount")
            target.mkdir()
            image = pathlib.Path(folder, "image")
            if kind[0] == "ext4":
                with open(image, "wb") as file:
                    file.truncate(160 * MEBIBYTE)
                subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
                command = ["mount", "-o", "loop", image, target]
            else:
                command = ["mount", "-t", "tmpfs", "-o", f"size={kind[1]}", "none", target]
            if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
                self.skipTest("nothing can be mounted here")
            try:
                yield target
            finally:
                subprocess.run(["umount", target], check=True)

    def test_that_is_shut_down_costs_what_lay_on_it(self):
        with self.mounted("ext4") as target, Content() as content, Shelf(folder=target) as shelf:
            shelf.fill(content, PATHS)
            with shelf.node(content.address) as node:
                for path in HOT:
                    node.asked(path, content)
                folder = os.open(target, os.O_RDONLY)
                fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", 2))
                os.close(folder)
                for path in PATHS:
                    until(lambda: AFault.right_or_cut(self, node, content, path), path)
                AFault.memory_is_served(self, node, content)
                self.assertTrue(node.is_alive())
                node.kill()

    def test_without_room_for_the_volume_is_said_in_one_line(self):
        with self.mounted("tmpfs", "32m") as target, Shelf(folder=target) as shelf:
            with self.assertRaisesRegex(AssertionError, "there is no room for it"):
                shelf.node("127.0.0.1:9")

    def test_without_room_for_the_index_serves_without_it(self):
        paths = [f"/many/{index}/10.bin" for index in range(3000)]
        with self.mounted("tmpfs", "256k") as target, Content() as content, Shelf() as shelf:
            shelf.index = target / "index"
            for _ in range(2):
                with shelf.node(content.address) as node:
                    for path in paths:
                        node.asked(path, content)


if __name__ == "__main__":
    unittest.main()
