"""How the demo ends: whatever ends it, nothing of it stays."""
import os
import pathlib
import signal
import socket
import subprocess

from checks import output, wait_for
from demo import Demo, free_ports, is_alive


def ended(demo, seconds=15):
    """The exit code; `None` when it still runs."""
    try:
        return demo.process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def leftovers(demo):
    """Processes that name the demo's folder, however they came about."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        if str(demo.folder) in words:
            found.append(words.replace("\0", " "))
    return found + [name for name, pid in demo.pids.items() if is_alive(pid)]


def check_interrupt(demo, checks):
    demo.process.send_signal(signal.SIGINT)
    code = ended(demo)
    checks.that("Ctrl-C ends the demo with exit code 0", code == 0, code)
    checks.that("Ctrl-C leaves no process behind", not leftovers(demo), leftovers(demo))
    checks.that("Ctrl-C leaves no file behind", not demo.folder.exists(), demo.folder)


def check_death_of_a_part(spillway, folder, checks):
    with Demo(spillway, folder) as demo:
        os.kill(demo.pids["encoder a"], signal.SIGKILL)
        code = ended(demo)
        checks.that("the death of an encoder ends the demo with exit code 1", code == 1, code)
        demo.errors.seek(0)
        said = demo.errors.read()
        checks.that("it says which part died", "encoder a has ended (signal 9)" in said, said)
        checks.that("it leaves no process behind", not leftovers(demo), leftovers(demo))
        checks.that("it leaves no file behind", not demo.folder.exists(), demo.folder)


def check_death_of_the_demo(spillway, folder, checks):
    with Demo(spillway, folder, waits=False) as demo:
        def servers():
            found = demo.children()
            runs = [words for words in found.values() if "setpriv" not in words]
            return found if len(runs) >= 3 else None

        children = wait_for("three servers", servers)
        demo.process.kill()
        demo.process.wait()
        try:
            wait_for("their end", lambda: not any(map(is_alive, children)), 10)
            alive = []
        except TimeoutError:
            alive = [words for pid, words in children.items() if is_alive(pid)]
        checks.that("a demo that is killed takes its servers with it", not alive, alive)


def check_refusals(spillway, folder, checks):
    """What cannot work is said in one line, before anything is started."""
    port = free_ports(4)
    ports = ["--port", str(port), "--metrics-port", str(port + 3)]
    with socket.create_server(("127.0.0.1", port + 2)):
        code, _, said = output("/usr/bin/env", f"TMPDIR={folder}", spillway, "demo", *ports)
    checks.that(
        "a port that is taken is named in one line, exit code 1",
        code == 1 and f"127.0.0.1:{port + 2} for origin b is taken" in said
        and said.count("\n") == 1, f"exit code {code}, {said}")
    code, _, said = output(
        "/usr/bin/env", f"TMPDIR={folder}", "PATH=/nonexistent", spillway, "demo", *ports)
    checks.that(
        "programs that are missing are named in one line, exit code 1",
        code == 1 and "ffmpeg" in said and "make demo" in said and said.count("\n") == 1,
        f"exit code {code}, {said}")
    left = list(folder.glob("spillway-demo-*"))
    checks.that("neither leaves a file behind", not left, left)
