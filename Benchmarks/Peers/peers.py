"""The seven servers, each with what it can do. Why each is configured as it is: its file."""
import os
import pathlib
import pwd
import shutil
import subprocess

from measuring.measures import wait_for_metric
from measuring.servers import ROOT, CannotMeasure
from processes import HERE, Peer

MEMORY_ONLY = "memory only"
SIZES = {"1k": 1 << 10, "16k": 16 << 10, "64k": 64 << 10, "1m": 1 << 20, "4m": 4 << 20}
# The release binary: the server, and the tool that loads all of them.
BINARY = pathlib.Path(os.environ.get("SPILLWAY_BINARY", ROOT / ".build/release/spillway"))


class Spillway(Peer):
    """On the configuration of `make bench`, with as much memory as the others have.

    Its hits come from a volume, as an edge node's do and nginx's come from files.
    """
    name, port = "spillway", 18090
    hits_from_disk = True

    def settle(self, objects):
        """So many objects are in the volume, and a new process has them from there."""
        wait_for_metric(self, "spillway_disk_objects", objects)
        self.end()
        self.begin()

    @classmethod
    def version(cls):
        run = subprocess.run([str(BINARY), "--version"], capture_output=True, text=True)
        return run.stdout.strip() or None

    def prepare(self):
        text = (HERE.parent / "spillway.toml").read_text()
        for old, new in (("workers = 1", f"workers = {self.workers}"), ("18070", self.origin),
                         ("/tmp/bench", self.folder), ('"512MiB"', '"2GiB"')):
            text = text.replace(old, str(new))
        if self.keeps:
            text = text.replace("[[origin]]", f'index = "{self.folder}/index"\n'
                                "[[cache.volume]]\n"
                                f'path = "{self.folder}/volume"\nsize = "4GiB"\n\n[[origin]]', 1)
        (self.folder / "spillway.toml").write_text(text)

    def command(self):
        return [str(BINARY), "serve", "-c", "spillway.toml"]


class Nginx(Peer):
    """On the configuration of `make bench`: lock, stale while updating, background update."""
    name, package, port = "nginx", "nginx-light", 18080
    marks = {"object": "(keys; bodies are files)"}

    def prepare(self):
        (self.folder / "logs").mkdir(mode=0o777)
        text = (HERE.parent / "nginx.conf").read_text()
        for old, new in (("worker_processes 1", f"worker_processes {self.workers}"),
                         ("18070", self.origin),
                         # It holds back a last small segment until the client acknowledges the
                         # rest, 40 ms on loopback with its segments of 64 KiB. The client of
                         # `make bench` acknowledges at once; `load hit` and players do not.
                         ("tcp_nopush on", "tcp_nopush off")):
            text = text.replace(old, str(new))
        (self.folder / "nginx.conf").write_text(text)

    def command(self):
        # Debian's worker runs as www-data under a root master; here it owns its folder.
        user = " user root;" if os.getuid() == 0 else ""
        return ["nginx", "-p", f"{self.folder}/", "-c", "nginx.conf", "-g", f"daemon off;{user}"]


class Varnish(Peer):
    """Memory, one pool of threads a core; its log is the shared memory that it always writes."""
    name, package, port = "varnish", "varnish", 18081
    template = "varnish.vcl"
    cannot = {"restart": MEMORY_ONLY}

    def command(self):
        # https://varnish-cache.org/docs/7.1/users-guide/performance.html
        parameters = {
            "thread_pools": self.workers,
            # Threads wait for their viewers: 300 of one herd, and the players of live-event, must
            # find some without waiting for the herder. The most stays at its default of 5000.
            "thread_pool_min": 1000,
            "timeout_idle": 75,  # as the others keep idle viewers; its default is 5 s
            "listen_depth": 4096,
        }
        options = [word for name, value in parameters.items() for word in ("-p", f"{name}={value}")]
        return ["varnishd", "-F", "-j", "none", "-n", str(self.folder / "state"),
                "-a", f"127.0.0.1:{self.port},HTTP", "-f", str(self.folder / self.template),
                "-s", "malloc,2G", *options]


class Haproxy(Peer):
    name, package, port = "haproxy", "haproxy", 18082
    template = "haproxy.cfg"
    marks = {"object": "(all taken at start)"}
    cannot = {"restart": MEMORY_ONLY}
    remark = "joins no misses: each viewer of an object still being fetched has its own fetch"

    def command(self):
        return ["haproxy", "-db", "-f", self.template]


class TrafficServer(Peer):
    name, package, port = "trafficserver", "trafficserver", 18083

    def prepare(self):
        for folder in ("etc", "log", "run", "cache"):
            (self.folder / folder).mkdir()
        self.write("trafficserver.config", "etc/records.config", SYNC=2 if self.keeps else 60)
        self.write("trafficserver-logging.yaml", "etc/logging.yaml")
        (self.folder / "etc" / "remap.config").write_text(
            f"map / http://127.0.0.1:{self.origin}/\n")
        (self.folder / "etc" / "storage.config").write_text(f"{self.folder}/cache 4G\n")
        for file in ("ip_allow.yaml", "plugin.config", "cache.config", "parent.config",
                     "hosting.config", "volume.config", "sni.yaml", "ssl_multicert.config"):
            given = pathlib.Path("/etc/trafficserver") / file
            if given.exists():
                shutil.copy(given, self.folder / "etc")
        # https://docs.trafficserver.apache.org/en/9.2.x/developer-guide/layout/runroot.en.html
        places = {"prefix": self.folder, "exec_prefix": "/usr", "bindir": "/usr/bin",
                  "sbindir": "/usr/bin", "sysconfdir": self.folder / "etc",
                  "libexecdir": "/usr/lib/trafficserver/modules", "logdir": self.folder / "log",
                  "localstatedir": self.folder / "run", "runtimedir": self.folder / "run",
                  "cachedir": self.folder / "cache", "datadir": self.folder / "etc",
                  "libdir": "/usr/lib", "mandir": "/usr/share/man", "infodir": "/usr/share/info",
                  "includedir": "/usr/include"}
        (self.folder / "runroot.yaml").write_text(
            "".join(f"{name}: {place}\n" for name, place in places.items()))

    def command(self):
        # Without traffic_manager, which only watches it and starts it anew.
        return ["traffic_server", f"--run-root={self.folder}/runroot.yaml"]


class H2o(Peer):
    """Serves files: what it cannot do without a cache has no figure."""
    name, package, port = "h2o", "h2o", 18084
    template = "h2o.conf"
    patience = 2  # it waits for its viewers, however idle
    remark = "no proxy cache in H2O 2.2: it serves the same files from its own folder"
    cannot = dict.fromkeys(
        ("herd", "herd-2s", "herd-50ms", "miss-64k", "object", "restart", "live-event"),
        "no proxy cache")

    def prepare(self):
        super().prepare()
        for name, size in SIZES.items():
            file = self.folder / "files" / name / "object"
            file.parent.mkdir(parents=True)
            file.write_bytes(b"x" * size)

    def command(self):
        return ["h2o", "-c", self.template]


class Squid(Peer):
    """In memory; with a rock store, the one that all workers may share, where it must restart."""
    name, package, port = "squid", "squid", 18085
    template = "squid.conf"

    def prepare(self):
        disk = f"cache_dir rock {self.folder}/rock 4096" if self.keeps else "# no cache_dir"
        shared = "memory_cache_shared on" if self.workers > 1 else "memory_cache_shared off"
        self.write(self.template, self.template, DISK=disk, SHARED=shared)
        if os.getuid() == 0:  # it becomes Debian's user as it starts
            shutil.chown(self.folder, pwd.getpwnam("proxy").pw_uid)
        if self.keeps:
            run = subprocess.run(["squid", "--foreground", "-z", "-n", "benchmark", "-f",
                                  self.template], cwd=self.folder, capture_output=True, text=True,
                                 timeout=60)
            if run.returncode:
                raise CannotMeasure(f"squid -z: {run.stderr.strip()[-200:]}")

    def command(self):
        return ["squid", "--foreground", "-n", "benchmark", "-f", self.template]


KINDS = (Spillway, Nginx, Varnish, Haproxy, TrafficServer, H2o, Squid)
