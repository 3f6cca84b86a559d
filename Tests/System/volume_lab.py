"""What the tests of the disk tier share: a volume that outlives its nodes, and an origin that knows
what every byte has to be."""

import contextlib
import hashlib
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import tempfile
import threading

from lab import HERE, Node, Origin, until

FILLS_MAX = 5
KIBIBYTE = 1 << 10
MEBIBYTE = 1 << 20


def bytes_of(path, version, size):
    """The body of a version of a path: no two places of any two bodies are alike."""
    return random.Random(f"{path} {version}").randbytes(size)


def tag_of(body):
    """A strong entity tag."""
    return '"%s"' % hashlib.md5(body).hexdigest()


def size_of(path):
    """The size that a path asks for: the number before its last dot."""
    return int(re.search(r"(\d+)\.\w+$", path.split("?")[0])[1])


class Content(Origin):
    """An origin whose paths name their sizes (`/a/1000.bin`) and whose bodies have versions.

    `fields` are what all answers carry, `special` what those of one path do; of a path in `chunked`
    no length is told. It answers conditions (304) and ranges (206) as a server of files does.
    """

    def __init__(self, *fields, age="max-age=600"):
        self.age = age
        self.fields = fields
        self.special = {}
        self.chunked = set()
        self.versions = {}
        self.confirmed = 0
        self.lock = threading.Lock()
        super().__init__(self.reply)

    def body(self, path):
        """What the path is now."""
        return bytes_of(path, self.versions.get(path, 0), size_of(path))

    def change(self, path):
        """Another version from now on."""
        self.versions[path] = self.versions.get(path, 0) + 1

    def reply(self, exchange):
        """Answers one request."""
        path = exchange.path
        version = self.versions.get(path, 0)
        special = self.special.get(path, ())
        special = list(special(exchange) if callable(special) else special)
        kind = [line[8:] for line in special if line.startswith("X-Body: ")]
        body = bytes_of(path, kind[0] if kind else version, size_of(path))
        tag = tag_of(body)
        fields = [f"ETag: {tag}", f"X-Version: {version}", *self.fields, *special]
        if not any(line.startswith("Cache-Control:") for line in special):
            fields.append(f"Cache-Control: {self.age}")
        match = re.search(r"(?im)^if-none-match: *(.*?)\s*$", exchange.head)
        if match and match[1] == tag:
            self.confirmed += 1
            return self.send(exchange, "304 Not Modified", fields, b"")
        part = re.search(r"(?im)^range: *bytes=(\d+)-(\d*)\s*$", exchange.head)
        if part and int(part[1]) < len(body):
            first = int(part[1])
            last = min(int(part[2] or len(body) - 1), len(body) - 1)
            fields.append(f"Content-Range: bytes {first}-{last}/{len(body)}")
            return self.send(exchange, "206 Partial Content", fields, body[first:last + 1])
        return self.send(exchange, "200 OK", fields, body)

    def send(self, exchange, status, fields, body):
        """Sends an answer in the framing of its path."""
        is_bare = exchange.head.startswith("HEAD ") or status.startswith("304")
        is_chunked = exchange.path in self.chunked and not is_bare
        if is_chunked:
            fields.append("Transfer-Encoding: chunked")
        elif not status.startswith("304"):
            fields.append(f"Content-Length: {len(body)}")
        lines = (f"HTTP/1.1 {status}", *fields, "")
        exchange.send("".join(line + "\r\n" for line in lines).encode())
        if is_bare:
            return
        if is_chunked:
            for start in range(0, len(body), 50_000):
                exchange.chunk(body[start:start + 50_000])
            exchange.send(b"0\r\n\r\n")
        else:
            exchange.send(body)


class VolumeNode(Node):
    """A node that may be killed."""

    is_dead = False

    def kill(self):
        """The end that nothing foresees."""
        self.process.kill()
        self.process.wait()
        self.is_dead = True

    def __exit__(self, *all_of_it):
        if self.is_dead:
            self.folder.cleanup()
        else:
            super().__exit__(*all_of_it)

    def asked(self, path, content, **fields):
        """GETs a path and compares the body with what it has to be."""
        answer = self.get(path, **fields)
        assert answer.status == 200 and not answer.is_cut, (path, answer.status, answer.is_cut)
        assert answer.body == content.body(path), f"{path}: wrong bytes"
        return answer

    def purge(self, **what):
        """Purges by `url`, `prefix` or `tag`; returns once the node has said that it holds."""
        body = json.dumps(what).encode()
        with socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(10)
            admin.connect(str(self.path / "admin.sock"))
            admin.sendall(b"POST /purge HTTP/1.1\r\nHost: node\r\nConnection: close\r\n"
                          b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            answer = b"".join(iter(lambda: admin.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 "), answer

    def is_alive(self):
        """Whether the process runs."""
        return self.process.poll() is None

    def errors(self):
        """The error log so far."""
        return (self.path / "error.log").read_text()


class Shelf:
    """A folder with a volume and its index, for one node after the other."""

    def __init__(self, size="64MiB", folder=None):
        self.size = size
        self.folder = tempfile.TemporaryDirectory(
            prefix="spillway-volume-", dir=folder, ignore_cleanup_errors=True)
        self.path = pathlib.Path(self.folder.name)
        self.volume = self.path / "volume"
        self.index = self.path / "index"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    @property
    def lines(self):
        """What stands behind [cache]."""
        return (f'index = "{self.index}"\n[[cache.volume]]\npath = "{self.volume}"\n'
                f'size = "{self.size}"')

    def node(self, *origins, **settings):
        """A node on this volume."""
        settings.setdefault("MEMORY", "64MiB")
        return VolumeNode(*origins, CACHE=self.lines, **settings)

    def starting(self, *origins):
        """A process that has only begun to start a node; end it yourself."""
        folder = self.path / "starting"
        folder.mkdir(exist_ok=True)
        return subprocess.Popen(
            [HERE / "node", folder, ",".join(origins)], env={**os.environ, "CACHE": self.lines})

    def fill(self, content, paths, **settings):
        """A node fetches the paths and ends.

        Whose writer was lapped by a Fill, as a busy machine may let it be, is filled once more.
        """
        for _ in range(FILLS_MAX):
            with self.node(content.address, **settings) as node:
                for path in paths:
                    node.asked(path, content)
                lapped = node.metric("spillway_disk_streams_lapped_total")
            if not lapped:
                return
        raise AssertionError(f"the volume was lapped in each of {FILLS_MAX} fills")

    def flip(self, start, step):
        """Changes a byte every `step` bytes from `start` on."""
        data = bytearray(self.volume.read_bytes())
        data[start::step] = bytes(byte ^ 0x5a for byte in data[start::step])
        with open(self.volume, "r+b") as file:
            file.write(data)


@contextlib.contextmanager
def quiet(content, node):
    """Within it the origin is asked for no more paths than the volume answered too late for.

    A volume has 20 ms to answer; a machine that is late is not a volume that forgot.
    """
    before = len(content.requests)
    late = node.metric("spillway_disk_answers_late_total")
    yield
    asked = content.requests[before:]
    allowed = node.metric("spillway_disk_answers_late_total") - late
    assert len(set(asked)) <= allowed, (
        f"the origin was asked for {asked}, {allowed} answers were late")


def warmed(node, content, path):
    """Waits until the volume answers for `path`: what it holds is read from the start."""
    def is_there():
        hits = node.metric("spillway_disk_hits_total")
        node.asked(path, content)
        return node.metric("spillway_disk_hits_total") > hits
    until(is_there, f"the volume answers for {path}")
