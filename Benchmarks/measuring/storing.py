"""What a disk tier is for: writing, restarts with a full volume, hits in memory meanwhile."""
import http.client
import os
import pathlib
import re
import shutil
import subprocess
import time

from measuring.measures import wait_for_metric
from measuring.servers import (
    CLIENT_CORE, HERE, ROOT, CannotMeasure, Nginx, Spillway, SpillwayOnVolume, end, wait_for)

ORIGIN_PORT = 18071


class FastOrigin:
    """An nginx that has one small and one large file under any name."""

    def __init__(self, work):
        self.folder = pathlib.Path(work) / "origin"
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "logs").mkdir(parents=True)
        (self.folder / "data").mkdir()
        (self.folder / "data" / "small").write_bytes(b"s" * 1024)
        (self.folder / "data" / "large").write_bytes(os.urandom(1 << 20))
        shutil.copy(HERE / "origin.conf", self.folder)
        user = " user root;" if os.getuid() == 0 else ""
        self.process = subprocess.Popen(
            ["taskset", "-c", CLIENT_CORE, "nginx", "-p", f"{self.folder}/", "-c", "origin.conf",
             "-g", f"daemon off;{user}"])
        wait_for(ORIGIN_PORT, self.process)

    def close(self):
        end(self.process)


class FullNginx(Nginx):
    """With keys for a million objects, which it keeps for as long as the row takes."""

    def prepare(self):
        super().prepare()
        file = self.folder / "nginx.conf"
        file.write_text(file.read_text().replace("18070", str(ORIGIN_PORT)).replace(
            "keys_zone=edge:64m max_size=2g inactive=1h",
            "keys_zone=edge:256m max_size=16g inactive=24h"))


class FullSpillway(SpillwayOnVolume):
    """With a volume that a million small objects fit into."""
    volume = SpillwayOnVolume.volume.replace("2GiB", "8GiB")

    def configure(self):
        super().configure()
        file = self.folder / "spillway.toml"
        file.write_text(file.read_text().replace("18070", str(ORIGIN_PORT)))


class EmptySpillway(Spillway):
    """Without a volume, before the same origin."""

    def prepare(self):
        super().prepare()
        file = self.folder / "spillway.toml"
        file.write_text(file.read_text().replace("18070", str(ORIGIN_PORT)))


def build_writer():
    subprocess.run(
        ["swift", "build", "--package-path", str(HERE / "Micro"), "--scratch-path",
         str(ROOT / ".build-micro"), "-c", "release", "--product", "Writes"],
        check=True, capture_output=True)
    return ROOT / ".build-micro" / "release" / "Writes"


def dd_speed(file, total):
    """MB/s of dd past the page cache, in blocks of 1 MiB, over the beginning of a file."""
    since = time.monotonic()
    subprocess.run(
        ["dd", "if=/dev/zero", f"of={file}", "bs=1M", f"count={total >> 20}", "oflag=direct",
         "conv=notrunc,fdatasync"], check=True, capture_output=True)
    return total / (time.monotonic() - since) / 1e6


def write_speeds(writer, folder, size, total=1 << 30, rounds=5):
    """MB/s of dd and of a volume's writer, in turn over the same blocks of the same file.

    The file was written before, as a volume's is after its first round: a file system takes longer
    for blocks that were only reserved. The zeros of dd make it a new volume each time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Sixteen times as long: its zones have their full size, as a real volume's have.
    subprocess.run(["fallocate", "-l", str(16 * total), str(folder / "volume")], check=True)
    dd_speed(folder / "volume", 2 * total)
    dd, ours = [], []
    for _ in range(rounds):
        dd.append(dd_speed(folder / "volume", total))
        shutil.rmtree(folder / "index", ignore_errors=True)
        run = subprocess.run(
            [str(writer), str(folder), str(size), str(total)],
            check=True, capture_output=True, text=True)
        ours.append(float(run.stdout))
    shutil.rmtree(folder)
    return dd, ours


def numbered_head(bench, folder):
    head = bench.work / f"head-{folder}"
    template = (HERE / "heads" / "short").read_bytes()
    head.write_bytes(template.replace(b"{path}", f"/{folder}/#########".encode()))
    return head


def drop_page_cache():
    """So that a restart finds nothing in memory that a reboot would not leave there."""
    subprocess.run(["sync"], check=True)
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError as trouble:
        raise CannotMeasure(f"the page cache cannot be dropped: {trouble}") from None


def first_hit(server, number, since):
    """Seconds from the start of the process to the end of a hit of one of its objects."""
    limit = since + 300
    while time.monotonic() < limit:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            connection.request(
                "GET", f"/small/{number:09d}", headers={"Host": "live.example.com"})
            answer = connection.getresponse()
            body, spent = answer.read(), time.monotonic() - since
            connection.close()
        except OSError:
            time.sleep(0.002)
            continue
        said = answer.headers.get("Cache-Status") or answer.headers.get("X-Cache-Status") or ""
        if answer.status != 200 or len(body) != 1024 or not re.search(r";hit|^HIT", said):
            raise CannotMeasure(f"{server.name}: {answer.status} {said} is no hit")
        return spent
    raise CannotMeasure(f"{server.name} gave no answer in 300 s")


def scanned(server, since):
    """Seconds until nginx's cache loader, which begins a minute after the start, has ended.

    It may take minutes, so `BENCH_SCAN_SECONDS` bounds it: so many, or more, is what is told then.
    """
    seconds = int(os.environ.get("BENCH_SCAN_SECONDS", "600"))
    while time.monotonic() - since < seconds:
        if time.monotonic() - since > 62:
            found = subprocess.run(
                ["pgrep", "-P", str(server.process.pid), "-f", "cache loader"],
                capture_output=True)
            if found.returncode:
                return time.monotonic() - since
        time.sleep(0.2)
    return time.monotonic() - since


def restart(bench, kind, objects):
    """Fills a server with small objects, ends it, and times the first hit of the next one.

    Returns the seconds to the first hit and those to the end of nginx's scan, `None` for Spillway.
    """
    server = kind(bench.work)
    try:
        bench.get(server, numbered_head(bench, "small"), 1024, 16, objects)
        if isinstance(server, SpillwayOnVolume):
            # A volume that cannot follow sheds writes: a hundredth is no other measurement.
            wait_for_metric(server, "spillway_disk_objects", objects * 0.99, seconds=120)
        end(server.process)
        drop_page_cache()
        since = time.monotonic()
        server.start()
        spent = first_hit(server, objects // 2, since)
        scan = scanned(server, since) if isinstance(server, Nginx) else None
        return spent, scan
    finally:
        server.close()


def hit_times(bench, server, requests):
    """Microseconds at p50, p99 and p99.9 of one connection's hits of 1 KiB in memory."""
    run = subprocess.run(
        ["taskset", "-c", CLIENT_CORE, str(bench.work / "get"), str(server.port),
         str(bench.short_head("/small/000000000")), "1024", "1", str(requests), "times"],
        check=True, capture_output=True, text=True)
    return [float(word) for word in run.stdout.split()[:3]]


def inserts(bench, server, requests):
    """The same hits alone, and while another client has objects of 1 MiB fetched one by one."""
    bench.get(server, bench.short_head("/small/000000000"), 1024, 1, 2_000)
    alone = hit_times(bench, server, requests)
    writer = subprocess.Popen(
        ["taskset", "-c", CLIENT_CORE, str(bench.work / "get"), str(server.port),
         str(numbered_head(bench, "large")), str(1 << 20), "4", "1000000"],
        stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        beside = hit_times(bench, server, requests)
        if writer.poll() is not None:
            raise CannotMeasure("what is fetched beside the hits ended before them")
        return alone, beside
    finally:
        end(writer)
