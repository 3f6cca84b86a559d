"""Command lines of real encoders: ffmpeg, two small renditions and sound, live, into a folder."""

import math
import time

SEGMENT = 2
WINDOW = 6
RATE = 15


class Stream:
    """A kind of live stream: `entry` is its multivariant playlist or manifest."""

    def __init__(self, name, entry, playlists, output, sounds):
        self.name, self.entry, self.playlists, self.output = name, entry, playlists, output
        # HLS has the sound in each rendition, DASH once for all.
        self.sounds = sounds


def boundary():
    """A moment soon at which several encoders can start together."""
    return (math.floor(time.time() / SEGMENT) + 2) * SEGMENT


def command(stream, folder, number=0, is_locked=False, together=None):
    """What runs an encoder: `(argv, seconds until it has to start)`.

    A locked encoder starts at a multiple of the segment's length, numbers its segments by the wall
    clock and stamps them with it, so that two of them name the same moment alike whenever they were
    started. Others count from `number` and stamp from zero, as stock encoders do; those that start
    `together`, at a moment, name the same moments alike too.
    """
    start = 0
    wait = 0.0
    stamps = ("", "")
    locked = []
    if together:
        wait = max(0.0, together - time.time())
    frames = SEGMENT * RATE
    if is_locked:
        now = time.time() + 0.3
        number = math.floor(now / SEGMENT) + 1
        start = number * SEGMENT
        wait = max(0.0, start - time.time())
        stamps = (f"setpts=PTS+{start}/TB,", f"asetpts=PTS+{start}/TB,")
        locked = ["-fps_mode", "passthrough", "-copyts", "-flags", "+bitexact",
                  "-fflags", "+bitexact"]
    sounds = f"asplit={len(stream.sounds)}{''.join(stream.sounds)}"
    graph = (f"[0:v]{stamps[0]}split=2[hi][more];[more]scale=160:90[lo];[1:a]{stamps[1]}{sounds}")
    mapped = [word for one in ("[hi]", "[lo]", *stream.sounds) for word in ("-map", one)]
    argv = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-re",
            "-f", "lavfi", "-i", f"testsrc2=size=320x180:rate={RATE}",
            "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
            "-filter_complex", graph, *mapped, *locked,
            "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-profile:v",
            "baseline", "-threads", "1", "-g", str(frames), "-keyint_min", str(frames),
            "-sc_threshold", "0",
            "-force_key_frames", f"expr:gte(t,{start}+n_forced*{SEGMENT})",
            "-b:v:0", "120k", "-b:v:1", "60k", "-c:a", "aac", "-b:a", "32k", "-ac", "1"]
    return argv + stream.output(folder, number), wait


def hls(kind, name):
    """The output of HLS with one kind of segments."""
    # Without frag_discont an encoder stamps each of its runs from zero.
    container = {
        "mpegts": ["-hls_segment_type", "mpegts"],
        "fmp4": ["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4",
                 "-hls_segment_options", "movflags=+frag_discont"],
    }[kind]

    def output(folder, number):
        return ["-f", "hls", "-hls_time", str(SEGMENT), "-hls_list_size", str(WINDOW),
                "-hls_delete_threshold", str(WINDOW), "-start_number", str(number), *container,
                "-hls_flags",
                "independent_segments+delete_segments+program_date_time+temp_file",
                "-master_pl_name", "master.m3u8",
                "-var_stream_map", "v:0,a:0,name:hi v:1,a:1,name:lo",
                "-hls_segment_filename", f"{folder}/%v/{name}", f"{folder}/%v/index.m3u8"]
    return output


def dash(*naming):
    """The output of DASH with one kind of names; its manifest is yet to be published."""
    def output(folder, number):
        return ["-f", "dash", "-seg_duration", str(SEGMENT),
                "-window_size", str(WINDOW), "-extra_window_size", str(WINDOW), *naming,
                "-remove_at_exit", "0", "-adaptation_sets", "id=0,streams=v id=1,streams=a",
                f"{folder}/made.mpd"]
    return output


PLAYLISTS = ("hi/index.m3u8", "lo/index.m3u8")
SOUNDS = ("[a]", "[b]")
FMP4 = Stream("HLS fMP4", "master.m3u8", PLAYLISTS, hls("fmp4", "%d.m4s"), SOUNDS)
TS = Stream("HLS TS", "master.m3u8", PLAYLISTS, hls("mpegts", "%d.ts"), SOUNDS)
NUMBER = Stream("DASH by number", "main.mpd", ("main.mpd",),
                dash("-use_template", "1", "-use_timeline", "0"), SOUNDS[:1])
TIMELINE = Stream("DASH by timeline", "main.mpd", ("main.mpd",),
                  dash("-use_template", "1", "-use_timeline", "1",
                       "-media_seg_name", "$RepresentationID$-$Time$.m4s"), SOUNDS[:1])
