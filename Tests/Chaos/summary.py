"""What was measured against which bound, as a table and as JSON."""

import json
import pathlib
import time
import unittest

ROWS = []


def load():
    """Processes that ran or waited, over the last minute."""
    return float(pathlib.Path("/proc/loadavg").read_text().split()[0])


class Bounds(unittest.TestCase):
    """A test that measures: each bound that does not hold is a failure of its own."""

    maxDiff = None

    def holds(self, what, bound, measured, is_held, seen=""):
        """Records one line; `seen` says more where it does not hold."""
        test = self._testMethodName.removeprefix("test_").replace("_", " ")
        subject = f"{type(self).subject}, " if getattr(type(self), "subject", "") else ""
        row = {"test": subject + test, "what": what, "bound": bound, "measured": measured,
               "holds": bool(is_held), "load": load()}
        if seen and not is_held:
            row["seen"] = str(seen)[:400]
        ROWS.append(row)
        with self.subTest(what):
            self.assertTrue(is_held, f"{measured}, bound {bound}. {seen}")

    def at_most(self, what, bound, measured, unit="", seen=""):
        """`measured` is no more than `bound`."""
        self.holds(what, f"≤ {bound}{unit}", f"{round(measured, 2)}{unit}",
                   measured <= bound, seen)

    def none(self, what, findings, *kinds):
        """Watchers saw none of it."""
        self.holds(what, "0", str(findings.count(*kinds)), not findings.count(*kinds),
                   findings.words(*kinds))


def show():
    """The table."""
    for test in dict.fromkeys(row["test"] for row in ROWS):
        rows = [row for row in ROWS if row["test"] == test]
        print(f"\n{test} (load {max(row['load'] for row in rows)})")
        for row in rows:
            mark = "ok  " if row["holds"] else "FAIL"
            print(f"  {mark} {row['what']:<44} {row['bound']:>13} {row['measured']:>15}")
            if "seen" in row:
                print(f"       {row['seen']}")
    held = sum(row["holds"] for row in ROWS)
    print(f"\nchaos: {held} of {len(ROWS)} bounds held, load {load()}", flush=True)


def write(path):
    """The same for programs."""
    text = {"when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "rows": ROWS}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(text, indent=1, ensure_ascii=False) + "\n")
