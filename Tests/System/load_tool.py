"""Runs the load tools of the binary under test."""

import json
import subprocess

from lab import HERE


def load(*arguments, code=0):
    """Runs a load tool; gives its figures, or what it said where `code` is 2."""
    done = subprocess.run(
        [HERE / "spillway", "load", *arguments, *([] if code == 2 else ["--json"])],
        capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
    return done.stderr if code == 2 else json.loads(done.stdout)
