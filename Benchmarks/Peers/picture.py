"""The result for readers: a table in README.md and two charts, all from peers.json."""
import json
import re
import subprocess
import tempfile

from measuring.servers import ROOT
from peers import KINDS

README = ROOT / "README.md"
CHARTS = ROOT / "Documentation" / "charts"
BEGIN, END = "<!-- peers:begin -->", "<!-- peers:end -->"
TITLES = {"spillway": "Spillway", "nginx": "nginx", "varnish": "Varnish", "haproxy": "HAProxy",
          "trafficserver": "Traffic Server", "h2o": "H2O (files)", "squid": "Squid"}
SIZES = {"1k": "1 KiB", "16k": "16 KiB", "64k": "64 KiB", "1m": "1 MiB", "4m": "4 MiB"}
# Rows of the table: words, test, metric, and whether more is better.
ROWS = [
    *((f"CPU per {words} hit, µs", f"hit-{size}", "cpu_us_per_hit", False)
      for size, words in SIZES.items()),
    *((f"hits of {words} a second, one core", f"hit-{size}", "requests_per_second", True)
      for size, words in SIZES.items()),
    *((f"CPU per {words} hit, two cores, µs", f"hit-{size}-2cores", "cpu_us_per_hit", False)
      for size, words in SIZES.items() if size in ("1k", "64k", "4m")),
    ("latency of {rate} hits a second, p50, ms", "open-loop-1k", "latency_p50_ms", False),
    ("the same, p99", "open-loop-1k", "latency_p99_ms", False),
    ("the same, p99.9", "open-loop-1k", "latency_p999_ms", False),
    ("herd on a Fill of 2 s: p99 first byte, ms", "herd-2s", "ttfb_p99_ms", False),
    ("the same: origin requests", "herd-2s", "origin_requests", False),
    ("herd on a Fill of 50 ms: p99 first byte, ms", "herd-50ms", "ttfb_p99_ms", False),
    ("the same: origin requests", "herd-50ms", "origin_requests", False),
    ("misses of 64 KiB a second", "miss-64k", "requests_per_second", True),
    ("CPU per miss of 64 KiB, µs", "miss-64k", "cpu_us_per_miss", False),
    ("memory per idle connection, bytes", "idle", "bytes_per_connection", False),
    ("memory per object of 1 KiB, bytes", "object", "bytes_per_object", False),
    ("restart with {objects} objects to first hit, s", "restart", "first_hit_s", False),
    ("live event: CPU s per Gbit", "live-event", "cpu_s_per_gbit", False),
    ("p99 first byte of fresh segments, ms", "live-event", "fresh_first_byte_p99_ms", False),
    ("p99 age of playlists, ms", "live-event", "playlist_age_p99_ms", False),
    ("origin requests per publication", "live-event", "origin_requests_per_publication", False),
    ("time spent rebuffering, %", "live-event", "rebuffering_percent", False),
]


def figure(value):
    if abs(value) >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}".replace(",", " ")
    return f"{value:.3g}"


def reason(server, test, metric):
    """What stands in a cell without a figure."""
    kind = next(kind for kind in KINDS if kind.name == server)
    # Players saw new segments later than 200 ms after their end: a matter of the playlists' age.
    other = "none was asked for" if metric.startswith("fresh_") else "not measured"
    return kind.cannot.get(test, other)


def table(result):
    """The table as Markdown: a line per test, the best figure of each in bold."""
    rows = {(row["test"], row["server"], row["metric"]): row for row in result["rows"]}
    marks = {kind.name: kind.marks for kind in KINDS}
    lines = ["| | " + " | ".join(TITLES.values()) + " |", "| --- |" + " --- |" * len(TITLES)]
    for words, test, metric, more_is_better in ROWS:
        found = {server: rows.get((test, server, metric)) for server in TITLES}
        values = {server: row["value"] for server, row in found.items()
                  if row and row["value"] is not None}
        # A cell with a mark tells of something else: it cannot be the best.
        rivals = [value for server, value in values.items() if test not in marks[server]]
        best = (max if more_is_better else min)(rivals) if rivals else None
        facts = next((row for row in found.values() if row and row["value"] is not None), {})
        cells = [words.format(rate=figure(facts.get("rate", 0)),
                              objects=figure(facts.get("objects", 0)))]
        for server in TITLES:
            if server not in values:
                cells.append(reason(server, test, metric))
                continue
            text, mark = figure(values[server]), marks[server].get(test)
            is_best = values[server] == best and not mark
            cells.append(f"**{text}**" if is_best else f"{text} {mark}" if mark else text)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def caption(about):
    versions = ", ".join(f"{TITLES[name].split(' (')[0]} {version}"
                         for name, version in about["versions"].items() if name != "spillway")
    length = " A quick run: its figures are rough." if about["run"] == "quick" else ""
    return (f"`make bench-peers`, {about['date'][:10]}, kernel {about['kernel']}, "
            f"{about['processor']}, {about['cores']} cores, one worker each unless said; medians, "
            "spread and reasons in `Benchmarks/results/peers.json`, settings in "
            f"[Benchmarks/Peers](Benchmarks/Peers/README.md). {versions}.{length}")


def charts_text():
    return ("![CPU per hit by size](Documentation/charts/peers-cpu.svg)\n\n"
            "![First byte in a herd](Documentation/charts/peers-herd.svg)")


def draw(result, name, title, unit, tests, metric):
    """A group of bars for each test, a bar for each server, on a logarithmic scale."""
    rows = {(row["test"], row["server"]): row["value"] for row in result["rows"]
            if row["metric"] == metric}
    data = "\n".join(
        " ".join([f'"{words}"'] + [str(rows.get((test, server)) or "NaN") for server in TITLES])
        for test, words in tests.items())
    plots = ", ".join(
        f"$data using {column}:xtic(1) title '{words}' linecolor rgb '{colour}'"
        for column, (words, colour) in enumerate(zip(TITLES.values(), COLOURS), 2))
    script = f"""
set terminal svg size 900,380 font 'sans-serif,13' background '#ffffff'
set output '{CHARTS / name}'
set title '{title}'
set ylabel '{unit}'
set logscale y
set style data histograms
set style histogram clustered gap 1
set style fill solid 1.0 noborder
set grid ytics linecolor rgb '#dddddd'
set key outside right
set datafile missing 'NaN'
$data << END
{data}
END
plot {plots}
"""
    with tempfile.NamedTemporaryFile("w", suffix=".gnuplot") as file:
        file.write(script)
        file.flush()
        subprocess.run(["gnuplot", file.name], check=True, timeout=60)


# Spillway stands out; the others can be told apart by those who see few colours.
COLOURS = ("#0b6e4f", "#9aa5b1", "#f0a202", "#5c6bc0", "#c2185b", "#7d5a3c", "#81c3d7")


def show(file, publish):
    """Prints the table; with `publish` it goes into README.md, with its charts."""
    result = json.loads(file.read_text())
    text = table(result)
    print(text)
    if not publish:
        return
    CHARTS.mkdir(parents=True, exist_ok=True)
    draw(result, "peers-cpu.svg", "CPU per hit, one core", "microseconds",
         {f"hit-{size}": words for size, words in SIZES.items()}, "cpu_us_per_hit")
    draw(result, "peers-herd.svg", "300 viewers of one object being fetched: p99 to first byte",
         "milliseconds", {"herd-2s": "fetched in 2 s", "herd-50ms": "fetched in 50 ms"},
         "ttfb_p99_ms")
    page = README.read_text()
    between = f"{BEGIN}\n{caption(result['about'])}\n\n{text}\n\n{charts_text()}\n{END}"
    README.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: between, page, flags=re.S))

