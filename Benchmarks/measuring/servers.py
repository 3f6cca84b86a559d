"""Starts, watches and ends what is measured: the origin, nginx and Spillway."""
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent
ORIGIN_PORT = 18070
CORES = os.cpu_count() or 1
SERVER_CORE, CLIENT_CORE = ("0", "1") if CORES > 1 else ("0", "0")


class CannotMeasure(Exception):
    """The reason why a figure cannot be taken, for the reader of the table."""


def more_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (65536, max(hard, 65536)))
    except (OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def wait_for(port, process, seconds=30):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise CannotMeasure(f"{process.args[0]} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise CannotMeasure(f"nothing listens on port {port} after {seconds} s")


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Origin:
    def __init__(self):
        script = HERE / "measuring" / "origin.py"
        self.process = subprocess.Popen([sys.executable, str(script), str(ORIGIN_PORT)])
        wait_for(ORIGIN_PORT, self.process)

    def close(self):
        end(self.process)


class Server:
    """One of the two servers, on its committed configuration, in a folder of its own."""

    def __init__(self, work, wrapper=(), environment=None, pin=True):
        self.folder = pathlib.Path(work) / self.name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.prepare()
        self.output = open(self.folder / "output", "wb")
        self.start(wrapper, environment, pin)
        try:
            wait_for(self.port, self.process)
        except CannotMeasure:
            self.close()
            raise CannotMeasure(f"{self.name}: {self.last_words()}") from None

    def start(self, wrapper=(), environment=None, pin=True):
        taskset = ["taskset", "-c", SERVER_CORE] if pin else []
        self.process = subprocess.Popen(
            [*taskset, *wrapper, *self.command(single=bool(wrapper))],
            cwd=self.folder,
            env={**os.environ, **(environment or {})},
            stdout=self.output,
            stderr=subprocess.STDOUT,
            preexec_fn=more_descriptors,
        )

    def last_words(self):
        text = (self.folder / "output").read_text(errors="replace").strip()
        return text.splitlines()[-1] if text else "ended without a word"

    def close(self):
        end(self.process)
        self.output.close()


class Nginx(Server):
    name, port = "nginx", 18080

    def prepare(self):
        (self.folder / "logs").mkdir()
        shutil.copy(HERE / "nginx.conf", self.folder)
        # Debian's worker runs as www-data under a root master; here it owns its folder.
        self.folder.chmod(0o777)

    def command(self, single):
        globals_ = "daemon off;" + (" master_process off;" if single else "")
        if os.getuid() == 0:
            globals_ += " user root;"
        return ["nginx", "-p", f"{self.folder}/", "-c", "nginx.conf", "-g", globals_]

    def pid(self):
        """The worker's, not the master's."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = children.read_text().split()
        return int(found[0]) if found else self.process.pid


class Spillway(Server):
    name, port = "spillway", 18090
    binary = ROOT / ".build" / "release" / "spillway"
    workers = 1

    def prepare(self):
        text = (HERE / "spillway.toml").read_text().replace(
            "workers = 1", f"workers = {self.workers}").replace("/tmp/bench", str(self.folder))
        (self.folder / "spillway.toml").write_text(text)
        if not self.binary.exists():
            raise CannotMeasure("no release binary: make release")
        # Debian's valgrind stops on Swift's debug information: a copy without it, names kept.
        self.copy = self.folder / "spillway"
        subprocess.run(["objcopy", "--strip-debug", str(self.binary), str(self.copy)], check=True)

    def command(self, single):
        return [str(self.copy), "serve", "-c", "spillway.toml"]

    def pid(self):
        return self.process.pid


class SpillwayWithTwoWorkers(Spillway):
    workers = 2


class SpillwayOnVolume(Spillway):
    """With a volume beside its memory; `restart` leaves the volume alone to remember."""
    volume = """
[[cache.volume]]
path = "%s/volume"
size = "2GiB"
"""

    def prepare(self):
        super().prepare()
        self.configure()

    def configure(self):
        """Adds index and volume to the committed configuration."""
        file = self.folder / "spillway.toml"
        text = file.read_text().replace(
            'max_object = "64MiB"',
            f'max_object = "64MiB"\nindex = "{self.folder}/index"' + self.volume % self.folder)
        file.write_text(text)

    def restart(self):
        """Ends the process and starts another on the same volume."""
        end(self.process)
        self.start()
        wait_for(self.port, self.process)
