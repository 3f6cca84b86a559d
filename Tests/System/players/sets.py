"""Streams on demand of every container that players meet: made once, cached and played."""
import struct

from checks import output, wait_for

SOURCE = [
    "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25",
    "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
]
ENCODED = [
    "-t", "8", "-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-preset", "ultrafast",
    "-pix_fmt", "yuv420p", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0",
    "-b:v", "300k", "-c:a", "aac", "-b:a", "64k",
]
SECONDS = 8


def check(demo, browser, checks):
    for name, make, playlist, kinds in [
        ("AES-128 TS", make_aes, "index.m3u8", {".ts"}),
        ("WebVTT", make_subtitles, "master.m3u8", {".vtt"}),
        ("ID3 audio", make_audio, "index.m3u8", {".aac"}),
        ("CMAF with prft, emsg and sidx", make_cmaf, "master.m3u8", {".m4s"}),
    ]:
        with checks.part(name):
            folder = demo.folder / "site" / make.__name__.removeprefix("make_")
            folder.mkdir()
            make(folder)
            check_cached(demo, checks, name, folder, kinds)
            check_played(demo, browser, checks, name, f"{folder.name}/{playlist}")
    with checks.part("WebVTT cues"):
        check_decoded(
            demo, checks, "WebVTT cues", "subtitles/text-0.vtt", ("-map", "0:s", "-f", "webvtt"))
        check_cues(browser, checks)
    with checks.part("CMAF as DASH"):
        check_decoded(demo, checks, "CMAF as DASH", "cmaf/stream.mpd")


def check_cached(demo, checks, name, folder, kinds):
    """Every file byte for byte, and from memory when it is asked for again."""
    different, fetched, files = [], [], 0
    for file in sorted(folder.iterdir()):
        path, whole = f"/{folder.name}/{file.name}", file.read_bytes()
        first, second = demo.get(path), demo.get(path)
        if first[2] != whole or second[2] != whole:
            different.append(file.name)
        if file.suffix in kinds:
            files += 1
            if ";hit" not in second[1]["Cache-Status"].replace(" ", ""):
                fetched.append(f"{file.name}: {second[1]['Cache-Status']}")
            _, _, part = demo.get(path, Range="bytes=7-106")
            if part != whole[7:107]:
                different.append(f"{file.name} bytes 7-106")
    checks.that(f"{name}: each byte is the origin's", not different, different)
    checks.that(f"{name}: all {files} segments are cached", files >= 3 and not fetched, fetched)


def check_played(demo, browser, checks, name, path):
    check_decoded(demo, checks, name, path)
    browser.play(f"/{path}")
    reached = browser.plays_until(SECONDS - 2, 40)
    checks.that(f"{name}: Chromium plays it", reached is True, reached)


def check_decoded(demo, checks, name, path, form=("-f", "null")):
    code, _, errors = output(
        "ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", demo.told["page"] + path,
        *form, "-")
    # The version in Debian 12 does not follow subtitle playlists, and says so as an error.
    lines = [line for line in errors.splitlines() if "support the subtitle" not in line]
    checks.that(
        f"{name}: ffmpeg decodes all of it", code == 0 and not lines,
        f"exit code {code}, {lines[-3:]}")


def check_cues(browser, checks):
    """The browser's own WebVTT parser, on the file as the node gives it."""
    browser.run(
        "const video = document.querySelector('video'), track = document.createElement('track');"
        "track.src = '/subtitles/text-0.vtt'; track.kind = 'subtitles'; video.append(track);"
        "track.track.mode = 'showing'; window.track = track;")
    cues = wait_for(
        "the cues", lambda: browser.run("return window.track.track.cues?.length || 0"), 20)
    checks.that("WebVTT: Chromium reads the cues", cues == 1, cues)


def ffmpeg(*words):
    code, _, errors = output("ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, words))
    if code:
        raise RuntimeError(f"ffmpeg: {errors}")


def make_aes(folder):
    """TS segments, encrypted whole: no length of theirs is a multiple of 188."""
    (folder / "video.key").write_bytes(bytes(range(16)))
    info = folder / "key-info"
    info.write_text(f"video.key\n{folder}/video.key\n{'0' * 31}1\n")
    ffmpeg(
        *SOURCE, *ENCODED, "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod",
        "-hls_key_info_file", info, "-hls_segment_filename", folder / "%d.ts",
        folder / "index.m3u8")
    info.unlink()


def make_subtitles(folder):
    """Pictures, sound, and a text of one cue per segment."""
    ffmpeg(
        *SOURCE, *ENCODED, "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod",
        "-hls_segment_filename", folder / "%d.ts", folder / "video.m3u8")
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2", "#EXT-X-PLAYLIST-TYPE:VOD"]
    for index in range(4):
        (folder / f"text-{index}.vtt").write_text(
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\n\n"
            f"00:00:0{2 * index}.200 --> 00:00:0{2 * index + 1}.800\ncue {index + 1}\n")
        lines += ["#EXTINF:2.0,", f"text-{index}.vtt"]
    (folder / "text.m3u8").write_text("\n".join(lines + ["#EXT-X-ENDLIST", ""]))
    (folder / "master.m3u8").write_text(
        "#EXTM3U\n"
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English",LANGUAGE="en",'
        'DEFAULT=YES,AUTOSELECT=YES,URI="text.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=320x180,SUBTITLES="text"\n'
        "video.m3u8\n")


def make_audio(folder):
    """Packed audio: frames of AAC behind an ID3 tag that holds the time (HLS, RFC 8216 3.4)."""
    whole = folder / "whole"
    ffmpeg(*SOURCE, "-t", SECONDS, "-map", "1:a", "-c:a", "aac", "-b:a", "64k", "-f", "adts", whole)
    data, frames = whole.read_bytes(), []
    whole.unlink()
    place = 0
    while place + 7 <= len(data):
        count = (data[place + 3] & 3) << 11 | data[place + 4] << 3 | data[place + 5] >> 5
        frames.append(data[place:place + count])
        place += count
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2", "#EXT-X-PLAYLIST-TYPE:VOD"]
    each = 90
    for index in range(0, len(frames), each):
        part = frames[index:index + each]
        owner = b"com.apple.streaming.transportStreamTimestamp\0"
        private = owner + struct.pack(">Q", index * 1024 * 90000 // 48000)
        frame = b"PRIV" + struct.pack(">I", len(private)) + b"\0\0" + private
        size = len(frame)
        tag = b"ID3\x04\0\0" + bytes([0, 0, size >> 7 & 127, size & 127]) + frame
        name = f"sound-{index // each}.aac"
        (folder / name).write_bytes(tag + b"".join(part))
        lines += [f"#EXTINF:{len(part) * 1024 / 48000:.6f},", name]
    (folder / "index.m3u8").write_text("\n".join(lines + ["#EXT-X-ENDLIST", ""]))


def make_cmaf(folder):
    """Fragments that begin with styp, emsg, sidx and prft boxes."""
    ffmpeg(
        *SOURCE, *ENCODED, "-f", "dash", "-seg_duration", "2", "-use_template", "1",
        "-use_timeline", "1", "-write_prft", "1", "-hls_playlist", "1",
        "-init_seg_name", "init-$RepresentationID$.mp4",
        "-media_seg_name", "$RepresentationID$-$Number$.m4s",
        "-adaptation_sets", "id=0,streams=v id=1,streams=a", folder / "stream.mpd")
    for file in folder.glob("*.m4s"):
        file.write_bytes(with_boxes(file.read_bytes()))


def with_boxes(segment):
    """The segment with an event message behind its styp, and a prft or sidx if it has none."""
    boxes, place = [], 0
    while place < len(segment):
        count = struct.unpack(">I", segment[place:place + 4])[0]
        boxes.append(segment[place:place + count])
        place += count
    kinds = [one[4:8] for one in boxes]
    first = kinds.index(b"moof")
    length = sum(map(len, boxes[first:]))
    if b"prft" not in kinds:
        boxes.insert(first, box(b"prft", struct.pack(">IIQQ", 1 << 24, 1, 0xE8F5 << 32, 0)))
        length += len(boxes[first])
    if b"sidx" not in kinds:
        boxes.insert(boxes.index(next(one for one in boxes if one[4:8] in (b"prft", b"moof"))),
                     box(b"sidx", struct.pack(
                         ">IIIIIHHIII", 0, 1, 1000, 0, 0, 0, 1, length, 2000, 0x90000000)))
    event = box(b"emsg", struct.pack(">I", 0) + b"urn:scte:scte35:2013:bin\0\0"
                + struct.pack(">IIII", 90000, 0, 0, 7) + b"\xfc\x30\x11")
    boxes.insert(1 if kinds[0] == b"styp" else 0, event)
    return b"".join(boxes)


def box(kind, body):
    return struct.pack(">I", 8 + len(body)) + kind + body
