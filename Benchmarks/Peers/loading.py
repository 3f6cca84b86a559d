"""Runs of Spillway's load tools, bounded in time, on the client's core."""
import contextlib
import json
import subprocess

from measuring.servers import CLIENT_CORE, CORES, CannotMeasure, more_descriptors
from peers import BINARY
from processes import HOST


def run(words, seconds, cores=CLIENT_CORE):
    """The JSON of a load tool, which exits with 1 if an answer was not what it should be."""
    command = ["taskset", "-c", cores, str(BINARY), "load", *map(str, words), "--host", HOST,
               "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 45,
                              preexec_fn=more_descriptors)
    except subprocess.TimeoutExpired:
        raise CannotMeasure(f"load {words[0]} did not end in {seconds + 45:.0f} s") from None
    with contextlib.suppress(ValueError, IndexError):
        return json.loads(done.stdout.strip().splitlines()[-1])
    raise CannotMeasure(f"load {words[0]} exited {done.returncode}: "
                        f"{(done.stderr or done.stdout).strip()[-200:]}")


def failures(answer):
    """What went wrong for viewers, as words; requests that were not sent in time are no answers."""
    wrong = {key: count for key, count in answer.items() if count and (
        key.startswith("failed_") and key != "failed_unsent"
        or key in ("status_3xx", "status_4xx", "status_5xx"))}
    return ", ".join(f"{key} {count}" for key, count in wrong.items())


def hit(server, path, seconds, connections=16, cores=None, rate=None, keys=None, requests=None):
    """A closed loop, or an open one at a rate; raises where more than 1 in 1000 failed."""
    words = ["hit", f"http://127.0.0.1:{server.port}{path}", "-c", connections,
             "-d", f"{int(seconds * 1000)}ms"]
    words += ["--rate", int(rate)] if rate else []
    words += ["--keys", keys] if keys else []
    words += ["-n", requests] if requests else []
    answer = run(words, seconds, cores or CLIENT_CORE)
    bad = answer["answers"] - answer["status_2xx"] + sum(
        count for key, count in answer.items()
        if key.startswith("failed_") and key != "failed_unsent")
    if not answer["status_2xx"] or bad > answer["answers"] / 1000:
        raise CannotMeasure(f"of {answer['answers']} answers: {failures(answer) or 'none came'}")
    return answer


def both_cores():
    return f"0-{CORES - 1}" if CORES > 1 else "0"
