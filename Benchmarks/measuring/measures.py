"""The measurements: each takes a server class and gives one number, or a list of them."""
import http.client
import json
import os
import pathlib
import re
import socket
import statistics
import struct
import subprocess
import tempfile
import time

from measuring.servers import CLIENT_CORE, HERE, ORIGIN_PORT, CannotMeasure, more_descriptors

TICKS = os.sysconf("SC_CLK_TCK")
SIZES = {"1 KiB": 1024, "64 KiB": 65536, "1 MiB": 1048576}


class Bench:
    """Tools built once per run, and the folder that everything lies in."""

    def __init__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="spillway-bench-"))
        self.compile("get", "Client/get.c")
        self.compile("herd", "Herd/herd.c")
        self.compile("planted", "Allocations/planted.c")
        self.compile("count.so", "Allocations/count.c", "-shared", "-fPIC")
        self.chromium = HERE / "heads" / "chromium"

    def compile(self, name, source, *options):
        command = ["cc", "-O2", "-o", str(self.work / name), *options, str(HERE / source)]
        subprocess.run(command, check=True)

    def short_head(self, path):
        head = self.work / f"head{path.replace('/', '-')}"
        template = (HERE / "heads" / "short").read_bytes()
        head.write_bytes(template.replace(b"{path}", path.encode()))
        return head

    def get(self, server, head, size, connections, requests):
        subprocess.run(
            ["taskset", "-c", CLIENT_CORE, str(self.work / "get"), str(server.port), str(head),
             str(size), str(connections), str(requests)],
            check=True, preexec_fn=more_descriptors)


def instructions(bench, kind, head, lengths=(2_000, 12_000)):
    """User-space instructions per hit: the difference of two run lengths under callgrind."""
    totals = []
    for requests in lengths:
        out = bench.work / f"callgrind.{kind.name}.{requests}"
        server = kind(bench.work, wrapper=("valgrind", "--tool=callgrind", "-q",
                                           f"--callgrind-out-file={out}"), pin=False)
        try:
            bench.get(server, head, 1024, 1, 200)
            bench.get(server, head, 1024, 1, requests)
        finally:
            server.close()
        found = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.M)
        if not found:
            raise CannotMeasure(f"callgrind wrote no total for {kind.name}")
        totals.append(int(found.group(1)))
    return (totals[1] - totals[0]) / (lengths[1] - lengths[0])


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu(bench, servers, size, requests, rounds=5):
    """Microseconds of user and system time per hit, by server: one figure a round, interleaved."""
    head = bench.short_head(f"/size/{size}")
    figures = {server.name: [] for server in servers}
    for server in servers:
        bench.get(server, head, size, 16, max(200, requests // 10))
    for _ in range(rounds):
        for server in servers:
            before = cpu_seconds(server.pid())
            bench.get(server, head, size, 16, requests)
            spent = cpu_seconds(server.pid()) - before
            figures[server.name].append(spent / requests * 1e6)
    return figures


def wait_for_metric(server, name, least, seconds=20):
    """Waits until the lines of a metric add up to something."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        connection = UnixConnection(server.folder / "admin.sock")
        connection.request("GET", "/metrics")
        page = connection.getresponse().read().decode()
        connection.close()
        lines = [line for line in page.splitlines() if re.match(rf"{name}(\{{| )", line)]
        if sum(float(line.rsplit(" ", 1)[1]) for line in lines) >= least:
            return
        time.sleep(0.1)
    raise CannotMeasure(f"{name} did not reach {least} in {seconds} s")


def check_counter(bench):
    """The interposer must see each planted allocation before its zero means anything."""
    for planted in (0, 1, 7):
        file = bench.work / f"planted.{planted}"
        child = subprocess.Popen(
            [str(bench.work / "planted"), str(planted)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"LD_PRELOAD": str(bench.work / "count.so"), "ALLOCATIONS_FILE": str(file)})
        child.stdout.read(1)
        before = allocations(file)
        child.stdin.write(b"g")
        child.stdin.flush()
        child.stdout.read(1)
        seen = allocations(file) - before
        child.stdin.close()
        child.wait()
        if seen != planted:
            raise CannotMeasure(f"the counter saw {seen} of {planted} planted allocations")


def allocations(file):
    return struct.unpack("Q", pathlib.Path(file).read_bytes()[:8])[0]


def allocations_per_hit(bench, kind, requests=20_000):
    """Heap allocations of the whole process while it serves hits, and as many idle seconds."""
    check_counter(bench)
    file = bench.work / "allocations"
    server = kind(bench.work, environment={
        "LD_PRELOAD": str(bench.work / "count.so"), "ALLOCATIONS_FILE": str(file)})
    try:
        head = bench.short_head("/size/1024")
        bench.get(server, head, 1024, 16, requests)
        time.sleep(1.5)
        before = allocations(file)
        bench.get(server, head, 1024, 16, requests)
        time.sleep(1.5)
        return (allocations(file) - before) / requests
    finally:
        server.close()


def origin_requests(path):
    connection = http.client.HTTPConnection("127.0.0.1", ORIGIN_PORT, timeout=10)
    connection.request("GET", f"/count{path}")
    count = int(connection.getresponse().read())
    connection.close()
    return count


def herd(bench, server, label, followers=300):
    """Milliseconds from request to first body byte of followers, and the origin's requests."""
    path = f"/slow/{label}"
    run = subprocess.run(
        [str(bench.work / "herd"), str(server.port), str(bench.short_head(path)), str(followers),
         "1500"],
        capture_output=True, text=True, preexec_fn=more_descriptors)
    if run.returncode:
        raise CannotMeasure(f"herd: {run.stderr.strip()}")
    times = sorted(int(line) / 1000 for line in run.stdout.split())
    return {
        "median_ms": statistics.median(times),
        "p99_ms": times[max(0, round(len(times) * 0.99) - 1)],
        "max_ms": times[-1],
        "origin_requests": origin_requests(path),
    }


def anonymous_bytes(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous: +(\d+) kB", text, re.M).group(1)) * 1024


def idle_bytes(bench, server, connections=10_000):
    """Growth of private anonymous pages per keep-alive connection after one answer each."""
    head = bench.short_head("/size/1024")
    bench.get(server, head, 1024, 64, 5_000)
    time.sleep(1)
    before = anonymous_bytes(server.pid())
    holder = subprocess.Popen(
        [str(bench.work / "get"), str(server.port), str(head), "1024", str(connections),
         str(connections), "hold"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=more_descriptors)
    try:
        if holder.stdout.readline().strip() != b"held":
            raise CannotMeasure(f"{server.name} did not keep {connections} connections")
        time.sleep(2)
        return (anonymous_bytes(server.pid()) - before) / connections
    finally:
        holder.stdin.close()
        holder.wait()


def purge(bench, kind, objects, purges=200):
    """User-space instructions of one purge by URL, with this many objects in memory.

    Instructions are counted only between two toggles, so that filling the memory is quick.
    """
    out = bench.work / f"callgrind.purge.{objects}"
    server = kind(bench.work, wrapper=(
        "valgrind", "--tool=callgrind", "-q", "--instr-atstart=no",
        f"--callgrind-out-file={out}"), pin=False)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for number in range(objects):
            connection.request(
                "GET", f"/size/1024?n={number}", headers={"Host": "live.example.com"})
            answer = connection.getresponse()
            if answer.status != 200 or len(answer.read()) != 1024:
                raise CannotMeasure(f"object {number} was answered {answer.status}")
        connection.close()
        toggle = ["callgrind_control", "-i"]
        subprocess.run([*toggle, "on", str(server.process.pid)], check=True, capture_output=True)
        admin = UnixConnection(server.folder / "admin.sock")
        for number in range(purges):
            admin.request("POST", "/purge", body=json.dumps(
                {"url": f"http://live.example.com/size/1024?n={number}"}))
            answer = admin.getresponse()
            if answer.status != 200:
                raise CannotMeasure(f"a purge was answered {answer.status}")
            answer.read()
            admin.close()
        subprocess.run([*toggle, "off", str(server.process.pid)], check=True, capture_output=True)
    finally:
        server.close()
    text = out.read_text()
    names = dict(re.findall(r"^fn=\((\d+)\) (.+)$", text, re.M))
    parts = ("Purge", "BoundedScopes")
    wanted = {number for number, name in names.items() if any(part in name for part in parts)}
    return own_instructions(text, wanted) / purges


def own_instructions(text, wanted):
    """The instructions that callgrind gave to the functions of these numbers themselves."""
    total, current, skip = 0, None, False
    for line in text.splitlines():
        if line.startswith("fn=("):
            current = line[4:line.index(")")]
        elif line.startswith("calls="):
            skip = True
        elif re.match(r"[+*-]?\d* \d+$", line):
            if not skip and current in wanted:
                total += int(line.split()[-1])
            skip = False
    return total


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)
