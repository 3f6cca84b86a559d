"""What was checked and how it went, and waiting for things to happen."""
import contextlib
import subprocess
import time
import traceback


class Checks:
    """Counts and prints one line per check."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.started = time.monotonic()

    def that(self, sentence, holds, seen=""):
        """Records a check; `seen` is printed when it does not hold."""
        if holds:
            self.passed += 1
            print(f"ok    {sentence}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL  {sentence}" + (f": {seen}" if seen != "" else ""), flush=True)
        return holds

    @contextlib.contextmanager
    def part(self, name):
        """A part that breaks is one failure and does not keep the next from running."""
        try:
            yield
        except Exception as error:
            traceback.print_exc()
            self.that(f"{name} runs to its end", False, repr(error))

    def finish(self):
        """Prints the sum; gives the exit code."""
        seconds = time.monotonic() - self.started
        print(f"{self.passed} passed, {self.failed} failed ({seconds:.0f} s)", flush=True)
        return 1 if self.failed or not self.passed else 0


def wait_for(what, look, seconds=30, every=0.1):
    """The first true answer of `look`, asked until it comes or the time is over."""
    end = time.monotonic() + seconds
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(every)


def output(*command, seconds=40):
    """Runs a player to its end: (exit code, standard output, standard error)."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return -1, "", f"not done within {seconds} s"
    return done.returncode, done.stdout, done.stderr
