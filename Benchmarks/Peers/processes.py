"""A server under measurement: its processes, their CPU time and their memory."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from measuring.servers import CORES, SERVER_CORE, CannotMeasure, more_descriptors, wait_for

HERE = pathlib.Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")
HOST = "live.example.com"


def family(pid):
    """A process and all below it that live."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # a thread that ended meanwhile
            continue
        for child in children:
            found += family(int(child))
    return found


def cpu_seconds(pid):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def own_bytes(pid):
    """What a process has in memory besides files; of pages that it shares, its share."""
    try:
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return 1024 * sum(int(number) for number in re.findall(r"^Pss_(?:Anon|Shmem): +(\d+)", text,
                                                           re.M))


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Peer:
    """One of the servers on its configuration, in a folder of its own, on one core or two."""

    template = target = None
    # Why a test has no figure for this server, by the test's name: the cell says it.
    cannot = {}
    # What stands behind a figure that tells of something else than the others' do.
    marks = {}
    # It has its disk tier in the rows of hits as well: after a restart hits come from there.
    hits_from_disk = False
    # What the reader must know about all its cells.
    remark = None
    # Seconds that it may take to end, the writing of its index included.
    patience = 15

    def __init__(self, work, origin, workers=1, keeps=False):
        """`keeps`: what it stores must still be there after `restart`."""
        self.work, self.origin, self.workers, self.keeps = work, origin, workers, keeps
        self.folder = pathlib.Path(work) / self.name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        # Some give up root's rights as they start, and still write into their folder.
        self.folder.chmod(0o777)
        self.prepare()
        self.output = open(self.folder / "output", "wb")
        self.begin()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @classmethod
    def version(cls):
        run = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", cls.package],
                             capture_output=True, text=True)
        return run.stdout.strip() or None

    def prepare(self):
        self.write(self.template, self.target or self.template)

    def write(self, template, target, **words):
        """The committed file with its @WORDS@ filled in."""
        text = (HERE / template).read_text()
        words = {"PORT": self.port, "ORIGIN": self.origin, "WORKERS": self.workers,
                 "FOLDER": self.folder, **words}
        for word, value in words.items():
            text = text.replace(f"@{word}@", str(value))
        (self.folder / target).write_text(text)

    def begin(self):
        self.launch()
        try:
            wait_for(self.port, self.process)
        except CannotMeasure as trouble:
            self.stop()
            raise CannotMeasure(f"{trouble}; {self.last_words()}") from None
        except BaseException:  # the run was ended: nobody else knows of this server yet
            self.stop()
            raise

    def launch(self):
        """Starts it and waits for nothing."""
        cores = SERVER_CORE if self.workers == 1 else f"0-{min(self.workers, CORES) - 1}"
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, *self.command()], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=subprocess.STDOUT, preexec_fn=more_descriptors)

    def last_words(self):
        text = (self.folder / "output").read_text(errors="replace").strip()
        return text.splitlines()[-1] if text else "it said nothing"

    def end(self):
        """Asks it to end, and ends what is left of it after its patience."""
        known = family(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        limit = time.monotonic() + self.patience
        try:
            while any(alive(pid) for pid in known) and time.monotonic() < limit:
                self.process.poll()
                time.sleep(0.02)
        finally:  # also where the run is ended meanwhile
            for pid in known:
                if alive(pid):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def stop(self):
        self.end()
        self.output.close()

    def pids(self):
        return family(self.process.pid)

    def cpu(self):
        return sum(cpu_seconds(pid) for pid in self.pids())

    def memory(self):
        return sum(own_bytes(pid) for pid in self.pids())
