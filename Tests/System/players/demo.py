"""A running `spillway demo`, and what its parts have logged."""
import collections
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import urllib.request


def free_ports(count):
    """The first of `count` consecutive ports that nobody listens on."""
    first = 21000
    while first < 30000:
        taken = [port for port in range(first, first + count) if not is_free(port)]
        if not taken:
            return first
        first = taken[-1] + 1
    raise RuntimeError("no free ports between 21000 and 30000")


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_alive(pid):
    """Whether a process exists and is no zombie."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class Demo:
    """Started with `--json`; ready once it has announced itself."""

    def __init__(self, spillway, folder, waits=True):
        port = free_ports(4)
        self.errors = open(folder / "demo.log", "a+")
        self.process = subprocess.Popen(
            [spillway, "demo", "--json", "--port", str(port), "--metrics-port", str(port + 3)],
            stdout=subprocess.PIPE, stderr=self.errors, env={**os.environ, "TMPDIR": str(folder)})
        self.told = None
        if waits:
            self.wait_until_ready()

    def wait_until_ready(self, seconds=90):
        readable, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if readable else b""
        if not line:
            self.end()
            self.errors.seek(0)
            raise RuntimeError(f"the demo is not ready: {self.errors.read()}")
        self.told = json.loads(line)
        self.folder = pathlib.Path(self.told["folder"])
        self.pids = self.told["pids"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """For tests that broke: asks, then kills."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def children(self):
        """The processes that it has started, with what they run."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid:
                    found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found

    def get(self, path, **fields):
        """(status, fields, body) through the node."""
        request = urllib.request.Request(self.told["page"] + path.lstrip("/"), headers=fields)
        with urllib.request.urlopen(request, timeout=15) as answer:
            return answer.status, answer.headers, answer.read()

    def access_log(self):
        """The node's records of requests for streams, oldest first."""
        lines = (self.folder / "access.log").read_text(errors="replace").splitlines()
        records = []
        for line in lines:
            try:
                records.append(json.loads(line))
            except ValueError:
                continue  # the last line, while it is written
        return [record for record in records if record["cache"] != "bypass"]

    def seen_by_origin(self, name):
        """How often an origin was asked for each path."""
        lines = (self.folder / f"origin-{name}-access.log").read_text().splitlines()
        return collections.Counter(
            line.split()[1] for line in lines if line.startswith("GET "))
