"""The live stream: Chromium's own HLS player, ffprobe on HLS, ffprobe on DASH."""
import json
import re

from checks import output, wait_for

SEGMENT = re.compile(r"^/live/\d+-([012])-\d+\.m4s$")


def check(demo, browser, checks, screenshot):
    status, fields, page = demo.get("/")
    checks.that("the page comes through the node", status == 200 and "Via" in fields, fields)
    browser.open(demo.told["page"])
    check_chromium(demo, browser, checks)
    check_page(browser, checks)
    if screenshot:
        wait_for("15 s of play", lambda: browser.position() > 15, 60)
        browser.screenshot(screenshot)
    check_probe(demo, checks, "HLS", demo.told["hls"])
    check_probe(demo, checks, "DASH", demo.told["dash"])
    check_logs(demo, checks)


def check_chromium(demo, browser, checks):
    start = wait_for(
        "the first picture", lambda: browser.position() or None, 60)
    before = len(played(demo))
    reached = browser.plays_until(start + 10)
    checks.that("Chromium plays 10 s of live HLS", reached is True, reached)
    segments = len(played(demo))
    checks.that(
        "over four segments or more", segments >= 4 and segments - before >= 4,
        f"{before} before, {segments} after")


def played(demo):
    """The pictures' segments that the browser's player asked for; the page's crowd has CMCD."""
    return {
        record["path"] for record in demo.access_log()
        if SEGMENT.match(record["path"]) and "Chrome" in record["user_agent"]
        and "CMCD" not in record["query"] and record["status"] in (200, 206)}


def check_page(browser, checks):
    def shown(name):
        return browser.run("return document.getElementById(arguments[0]).textContent", name)

    ratio = shown("ratio")
    checks.that("the page shows the hit ratio", re.match(r"^\d+\.\d%$", ratio), ratio)
    number = shown("origins-asked")
    checks.that("the page shows the origins' requests", number.replace(",", "").isdigit(), number)
    rows = browser.run("return document.querySelectorAll('#requests tr').length")
    checks.that("the page lists the last requests", rows >= 5, rows)


def check_probe(demo, checks, name, url):
    code, text, errors = output(
        "ffprobe", "-v", "error", "-show_streams", "-show_packets", "-read_intervals", "%+4",
        "-of", "json", url)
    found = json.loads(text) if code == 0 else {"streams": [], "packets": []}
    pictures = {one["width"] for one in found["streams"] if one.get("codec_name") == "h264"}
    sound = [one for one in found["streams"] if one.get("codec_name") == "aac"]
    checks.that(
        f"ffprobe finds three renditions and sound in the live {name}",
        pictures == {640, 426, 256} and sound, errors or found["streams"])
    checks.that(
        f"ffprobe reads 4 s of the live {name} without an error",
        len(found["packets"]) > 200 and not errors, errors or len(found["packets"]))


def check_logs(demo, checks):
    segments = [one for one in demo.access_log() if one["path"].endswith(".m4s")]
    hits = sum(one["cache"] == "hit" for one in segments)
    shared = sum(one["cache"] in ("hit", "joined") for one in segments)
    checks.that("the access log shows hits", hits > 0, f"{len(segments)} segments, no hit")
    checks.that(
        "most segments cost no origin request", shared > len(segments) / 2,
        f"{shared} of {len(segments)}")
    bad = [one for one in demo.access_log() if one["status"] >= 400 and one["status"] != 499]
    checks.that("no request failed", not bad, bad[:3])
    asked = 0
    for name in "ab":
        seen = demo.seen_by_origin(name)
        live = {path: count for path, count in seen.items() if path.endswith(".m4s")}
        asked += len(live)
        twice = {path: count for path, count in live.items() if count > 1}
        checks.that(f"origin {name} saw each segment at most once", not twice, twice)
    checks.that("the origins were asked for segments", asked >= 8, asked)
