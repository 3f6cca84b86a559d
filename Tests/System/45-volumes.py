"""What lies on a volume is served after a restart, byte for byte, and nothing else is."""

import contextlib
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from lab import HERE, until
from volume_lab import KIBIBYTE, MEBIBYTE, Content, Shelf, bytes_of, quiet

# What is longer than 8 MiB streams past the memory of these nodes and lies on the volume alone.
BIG = 8 * MEBIBYTE + 123
SIZES = (
    0, 1, KIBIBYTE, 64 * KIBIBYTE - 1, 64 * KIBIBYTE, 64 * KIBIBYTE + 1, MEBIBYTE - 1, MEBIBYTE,
    MEBIBYTE + 1, 2 * MEBIBYTE, 5 * MEBIBYTE, BIG)
PATHS = [f"/plain/{size}.bin" for size in SIZES]
CHUNKED = [f"/chunked/{size}.bin" for size in (0, 1, 300_000, BIG + 1)]


class AVolume(unittest.TestCase):
    """Each test fills a volume, ends the node, and looks what the next one makes of it."""

    def test_brings_every_size_back_without_the_origin(self):
        with Content("Age: 100") as content, Shelf() as shelf:
            content.chunked.update(CHUNKED)
            shelf.fill(content, PATHS + CHUNKED)
            with shelf.node(content.address) as node, quiet(content, node):
                for path in PATHS + CHUNKED:
                    for _ in range(2):
                        answer = node.asked(path, content)
                        self.assertGreaterEqual(int(answer.fields["age"]), 100)
                        self.assertIn("etag", answer.fields)

    def test_answers_ranges_heads_and_conditions_of_what_it_holds(self):
        with Content() as content, Shelf() as shelf:
            shelf.fill(content, PATHS)
            for path, size in zip(PATHS, SIZES):
                if size == 0:
                    continue
                with shelf.node(content.address) as node, quiet(content, node):
                    self.look_at(node, content, path, size)

    def look_at(self, node, content, path, size):
        body = content.body(path)
        for first, last in (
                (0, 0), (size // 2, size - 1), (size // 3, size // 2), (size - 1, size)):
            answer = node.get(path, Range=f"bytes={first}-{last}")
            self.assertEqual(answer.status, 206, path)
            self.assertEqual(answer.body, body[first:last + 1], (path, first, last))
        answer = node.get(path, Range="bytes=-1")
        self.assertEqual((answer.status, answer.body), (206, body[-1:]))
        with node.viewer() as viewer:
            viewer.ask(path, "HEAD")
            answer = viewer.head()
            self.assertEqual((answer.status, answer.fields["content-length"]), (200, str(size)))
            viewer.ask(path, If_None_Match=answer.fields["etag"])
            self.assertEqual(viewer.head().status, 304)

    def test_answers_the_first_question_be_it_a_head_or_a_range(self):
        path = f"/first/{BIG}.bin"
        with Content() as content, Shelf() as shelf:
            shelf.fill(content, [path])
            with shelf.node(content.address) as node, quiet(content, node):
                with node.viewer() as viewer:
                    viewer.ask(path, "HEAD")
                    self.assertEqual(viewer.head().fields["content-length"], str(BIG))
            with shelf.node(content.address) as node, quiet(content, node):
                answer = node.get(path, Range="bytes=7000000-7000999")
                self.assertEqual(answer.body, content.body(path)[7_000_000:7_001_000])

    def test_tells_variants_apart(self):
        path = "/varies/200000.bin"

        def vary(exchange):
            kind = exchange.head.lower().split("x-kind: ")[1].split("\r\n")[0]
            return ["Vary: X-Kind", f"X-Body: {kind}"]

        with Content() as content, Shelf() as shelf:
            content.special[path] = vary
            kinds = ("one", "two", "three")
            with shelf.node(content.address) as node:
                for kind in kinds:
                    self.assertEqual(
                        node.get(path, X_Kind=kind).body, bytes_of(path, kind, 200_000))
            with shelf.node(content.address) as node:
                with quiet(content, node):
                    for kind in kinds * 2:
                        self.assertEqual(
                            node.get(path, X_Kind=kind).body, bytes_of(path, kind, 200_000))
                self.assertEqual(node.get(path, X_Kind="new").body, bytes_of(path, "new", 200_000))

    def test_keeps_on_tmpfs_as_well(self):
        with Content() as content, Shelf(folder="/dev/shm") as shelf:
            shelf.fill(content, PATHS)
            with shelf.node(content.address) as node, quiet(content, node):
                for path in PATHS * 2:
                    node.asked(path, content)

    def test_is_for_one_node_alone(self):
        with Content() as content, Shelf() as shelf, tempfile.TemporaryDirectory() as folder:
            with shelf.node(content.address) as node:
                node.asked(PATHS[2], content)
                for index in (shelf.index, pathlib.Path(folder, "another")):
                    lines = shelf.lines.replace(str(shelf.index), str(index))
                    second = subprocess.run(
                        [HERE / "node", folder, content.address], timeout=20,
                        env={**os.environ, "CACHE": lines})
                    log = pathlib.Path(folder, "error.log").read_text()
                    self.assertEqual(second.returncode, 1, log)
                    self.assertIn("it is open elsewhere", log)
                    self.assertEqual(log.count("\n"), 1, log)
                node.asked(PATHS[2], content)

    def test_smaller_than_what_is_asked_keeps_serving_right(self):
        chance = random.Random(1)
        paths = [f"/set{index}/{chance.choice((1, 9, 200, 1500)) * KIBIBYTE}.bin"
                 for index in range(400)]
        with Content() as content, Shelf("24MiB") as shelf:
            for _ in range(2):
                with shelf.node(content.address, MEMORY="16MiB") as node:
                    for path in chance.sample(paths, len(paths)) + paths[:40]:
                        node.asked(path, content)
                        if chance.random() < 0.02:
                            content.change(path)
                            node.purge(url=f"http://example.com{path}")


class WhatIsNoLongerTrue(unittest.TestCase):
    """A purge and its like hold after a restart, however the node ended."""

    def purge_and_restart(self, is_killed):
        by_url, by_prefix = "/url/100.bin", ["/below/1000.bin", "/below/deep/9000000.bin"]
        by_tag, left = ["/tag/70000.bin", "/tag/1500000.bin"], ["/left/100.bin", "/left/80000.bin"]
        purged = [by_url, *by_prefix, *by_tag]
        with Content() as content, Shelf() as shelf:
            for path in by_tag:
                content.special[path] = ["Surrogate-Key: event"]
            shelf.fill(content, purged + left)
            with shelf.node(content.address) as node:
                for path in purged:
                    content.change(path)
                node.purge(url=f"http://example.com{by_url}")
                node.purge(prefix="http://example.com/below/")
                node.purge(tag="event")
                if is_killed:
                    node.kill()
            with shelf.node(content.address) as node:
                with quiet(content, node):
                    for path in left:
                        node.asked(path, content)
                for path in purged:
                    node.asked(path, content)
            with shelf.node(content.address) as node, quiet(content, node):
                for path in purged + left:
                    node.asked(path, content)

    def test_a_purge_holds_after_a_restart(self):
        self.purge_and_restart(is_killed=False)

    def test_a_purge_holds_after_a_kill_right_behind_its_answer(self):
        self.purge_and_restart(is_killed=True)

    def test_what_was_purged_before_it_was_committed_is_gone_too(self):
        with Content() as content, Shelf() as shelf:
            with shelf.node(content.address) as node:
                for path in PATHS:
                    node.asked(path, content)
                    content.change(path)
                node.purge(prefix="http://example.com/plain/")
                node.kill()
            with shelf.node(content.address) as node:
                for path in PATHS:
                    node.asked(path, content)

    def test_purges_in_a_row_are_all_written_down(self):
        # A second is the rhythm in which the node itself writes down what requests have purged.
        with Content() as content, Shelf() as shelf, shelf.node(content.address) as node:
            end = time.monotonic() + 4
            while time.monotonic() < end:
                node.purge(url="http://example.com/a.bin")

    def test_what_became_uncacheable_does_not_come_back(self):
        paths = {f"/{word}/{size}.bin": word for word in ("private", "no-store")
                 for size in (100, 9_000_000)}
        with Content() as content, Shelf() as shelf:
            for path in paths:
                content.special[path] = ["Cache-Control: max-age=600, no-cache"]
            shelf.fill(content, paths)
            for path, word in paths.items():
                content.change(path)
                content.special[path] = [f"Cache-Control: {word}"]
            shelf.fill(content, paths)
            for path in paths:
                content.change(path)
                content.special[path] = []
            shelf.fill(content, paths)

    def test_what_was_deleted_does_not_come_back(self):
        paths = ("/deleted/100.bin", "/deleted/9000000.bin")
        with Content() as content, Shelf() as shelf:
            shelf.fill(content, paths)
            with shelf.node(content.address) as node:
                for path in paths:
                    with node.viewer() as viewer:
                        viewer.ask(path, "DELETE")
                        self.assertEqual(viewer.answer().status, 200)
                    content.change(path)
            shelf.fill(content, paths)


class ADamagedStore(unittest.TestCase):
    """It is mended by the node itself, and no wrong byte leaves it."""

    def rebuild_after(self, damage):
        with Content() as content, Shelf() as shelf:
            shelf.fill(content, PATHS)
            damage(shelf.index)
            with shelf.node(content.address) as node:
                until(lambda: "the index is built" in node.errors(), "the index is built")
                with quiet(content, node):
                    for path in PATHS:
                        node.asked(path, content)
            with shelf.node(content.address) as node, quiet(content, node):
                for path in PATHS:
                    node.asked(path, content)

    def test_without_index_builds_one(self):
        self.rebuild_after(shutil.rmtree)

    def test_with_garbage_as_index_builds_one(self):
        def overwrite(index):
            data = index / "data.mdb"
            data.write_bytes(os.urandom(data.stat().st_size))

        self.rebuild_after(overwrite)

    def test_with_half_an_index_builds_one(self):
        def cut(index):
            data = index / "data.mdb"
            os.truncate(data, data.stat().st_size // 2)

        self.rebuild_after(cut)

    def test_with_flipped_bytes_gives_none_of_them_away(self):
        with Content() as content, Shelf() as shelf:
            shelf.fill(content, PATHS)
            shelf.flip(MEBIBYTE + 77, 1000)
            with shelf.node(content.address) as node:
                for path in PATHS:
                    self.fetched_again(node, content, path)
                for path in PATHS:
                    node.asked(path, content)
                long = [size for size in SIZES if size > 4096]
                self.assertGreaterEqual(len(content.requests), len(PATHS) + len(long))

    def fetched_again(self, node, content, path):
        """What breaks is cut where it breaks, never goes on with other bytes."""
        answer = node.get(path)
        body = content.body(path)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.body, body[:len(answer.body)], f"{path}: wrong bytes")
        if not answer.is_cut:
            self.assertEqual(len(answer.body), len(body))

    def test_with_a_flipped_byte_in_every_region_gives_none_of_them_away(self):
        with Content() as content, Shelf() as shelf:
            shelf.fill(content, PATHS)
            shelf.flip(4097, 77_777)
            with shelf.node(content.address) as node:
                for path in PATHS:
                    self.fetched_again(node, content, path)
                for path in PATHS:
                    until(lambda: not node.get(path).is_cut, f"{path} is whole again")
                    node.asked(path, content)


class AViewerWhoStopsReading(unittest.TestCase):
    """He gets the old bytes or an abort, though their place is written anew."""

    def test_never_gets_bytes_of_another_object(self):
        sizes = (70_000, MEBIBYTE, 3_000_000, BIG)
        old = [f"/old/{size}.bin" for size in sizes]
        with Content() as content, Shelf("32MiB") as shelf:
            shelf.fill(content, old)
            with shelf.node(content.address, tcp=True, MEMORY="16MiB") as node:
                viewers = {path: node.viewer(receive_buffer=4096) for path in old}
                with quiet(content, node):
                    for path, viewer in viewers.items():
                        viewer.ask(path)
                        self.assertEqual(viewer.head().status, 200)
                        viewer.take(10)
                for index in range(60):
                    node.asked(f"/new{index}/{MEBIBYTE + 5000}.bin", content)
                whole = 0
                for path, viewer in viewers.items():
                    body = content.body(path)
                    viewer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * MEBIBYTE)
                    with contextlib.suppress(EOFError, ConnectionResetError):
                        viewer.gather(len(body) - 10)
                        whole += 1
                    got = viewer.buffer
                    self.assertEqual(got, body[10:10 + len(got)], f"{path}: wrong bytes")
                    viewer.socket.close()
                self.assertGreater(whole, 0)


if __name__ == "__main__":
    unittest.main()
