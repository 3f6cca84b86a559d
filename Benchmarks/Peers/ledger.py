"""What was measured: figures by test, server and metric, and why some are missing."""
import json
import statistics
import sys
import time

METRICS = {
    "hit": ("cpu_us_per_hit", "requests_per_second"),
    "hit-2cores": ("cpu_us_per_hit",),
    "open-loop-1k": ("latency_p50_ms", "latency_p99_ms", "latency_p999_ms"),
    "herd": ("ttfb_p99_ms", "origin_requests"),
    "miss-64k": ("requests_per_second", "cpu_us_per_miss"),
    "idle": ("bytes_per_connection",),
    "object": ("bytes_per_object",),
    "restart": ("first_hit_s",),
    "live-event": ("cpu_s_per_gbit", "fresh_first_byte_p99_ms", "playlist_age_p99_ms",
                   "origin_requests_per_publication", "rebuffering_percent"),
}


def metrics_of(test):
    if test.startswith("hit-"):
        return METRICS["hit-2cores" if test.endswith("-2cores") else "hit"]
    return METRICS["herd" if test.startswith("herd") else test]


class Ledger:
    def __init__(self):
        self.since = time.monotonic()
        self.figures, self.extras, self.notes = {}, {}, []
        self.tests, self.servers = [], []

    def plan(self, tests, servers):
        """Each of these rows will stand in the result, with a figure or with a note."""
        self.tests += [test for test in tests if test not in self.tests]
        self.servers = servers

    def add(self, test, server, **figures):
        for metric, figure in figures.items():
            if figure is not None:
                self.figures.setdefault((test, server, metric), []).append(figure)

    def also(self, test, server, **facts):
        """Circumstances of a row: the rate that was asked, how busy the server was."""
        self.extras.setdefault((test, server), {}).update(facts)

    def note(self, test, server, why):
        entry = {"test": test, "server": server, "why": str(why)[:400]}
        if entry not in self.notes:
            self.notes.append(entry)
            self.say(f"{test}: {server}: {entry['why']}")

    def say(self, text):
        print(f"[{time.monotonic() - self.since:6.0f} s] {text}", file=sys.stderr, flush=True)

    def median(self, test, server, metric):
        figures = self.figures.get((test, server, metric))
        return statistics.median(figures) if figures else None

    def rows(self):
        for test in self.tests:
            for server in self.servers:
                for metric in metrics_of(test):
                    figures = self.figures.get((test, server, metric))
                    yield {
                        "test": test, "server": server, "metric": metric,
                        "value": tidy(self.median(test, server, metric)),
                        "spread": [tidy(min(figures)), tidy(max(figures))] if figures else None,
                        **self.extras.get((test, server), {}),
                    }

    def unexplained(self):
        """Rows without a figure and without a note: there must be none."""
        known = {(note["test"], note["server"]) for note in self.notes}
        return sorted({(row["test"], row["server"]) for row in self.rows()
                       if row["value"] is None} - known)

    def text(self, about):
        for test, server in self.unexplained():
            self.note(test, server, "its tool gave no such figure")
        parts = [f'  "about": {json.dumps(about)}']
        for name, entries in (("rows", self.rows()), ("notes", self.notes)):
            lines = ",\n    ".join(json.dumps(entry) for entry in entries)
            parts.append(f'  "{name}": [\n    {lines}\n  ]')
        return "{\n" + ",\n".join(parts) + "\n}\n"


def tidy(figure):
    """Four digits: more would be noise."""
    return None if figure is None else float(f"{figure:.4g}")
