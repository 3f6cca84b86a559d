"""An origin as operators have it, an encoder and nginx over its folder, and what befalls it."""

import contextlib
import datetime
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import encoders
from lab import free_port, until

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr emerg;
worker_rlimit_nofile 4096;
events {{ worker_connections 2048; }}
http {{
  log_format seen '$msec $status $request_uri "$http_user_agent"';
  access_log {folder}/access.log seen;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  types {{ application/vnd.apple.mpegurl m3u8; application/dash+xml mpd; video/mp4 mp4;
           video/iso.segment m4s; video/mp2t ts; text/html html; text/javascript mjs js; }}
  keepalive_timeout 75s; keepalive_requests 100000;
  server {{
    listen {host}:{port};
    root {folder}/www;
    location ~ \\.(m3u8|mpd)$ {{ add_header Cache-Control no-cache; }}
    location ~ \\.(m4s|ts|mp4)$ {{ if (-f {folder}/lost) {{ return 404; }} }}
  }}
}}
"""


def ip(*words):
    """Runs `ip`."""
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


class Namespace:
    """A network of its own for one origin, whose answers can be made to vanish."""

    used = 0

    def __init__(self):
        Namespace.used += 1
        self.name = f"chaos{os.getpid()}-{Namespace.used}"
        self.link = f"ch{os.getpid() % 100000}-{Namespace.used}"
        net = f"10.213.{Namespace.used % 256}"
        self.near, self.host = f"{net}.1", f"{net}.2"
        ip("netns", "add", self.name)
        try:
            ip("link", "add", self.link, "type", "veth", "peer", "name", "far", "netns", self.name)
            ip("addr", "add", f"{self.near}/30", "dev", self.link)
            ip("link", "set", self.link, "up")
            ip("-n", self.name, "addr", "add", f"{self.host}/30", "dev", "far")
            ip("-n", self.name, "link", "set", "far", "up")
            ip("-n", self.name, "link", "set", "lo", "up")
        except subprocess.CalledProcessError:
            self.close()
            raise

    def drop(self):
        """From now on nothing of it comes back: no answer, no reset, no acknowledgement."""
        text = subprocess.run(["ip", "-n", self.name, "-br", "link", "show", "far"], check=True,
                              capture_output=True, text=True).stdout
        # A neighbour that answers no question would be an unreachable host, which is an error.
        ip("neigh", "replace", self.host, "lladdr", text.split()[2], "dev", self.link,
           "nud", "permanent")
        ip("-n", self.name, "route", "replace", "blackhole", f"{self.near}/32")

    def close(self):
        """Takes it away; the pair of links goes with it."""
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)


class Publisher:
    """Publishes an encoder's manifest the way a packager would.

    ffmpeg tells players to stay 2 s behind, and dates its start before its first segment can be
    had: half a segment of margin, and three segments of delay, take its place. Packagers whose
    encoders started together know when, and all of them say that.
    """

    def __init__(self, made, published, start=None):
        self.made, self.published, self.start = made, published, start
        self.seen = None
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        """Whenever there is a new one."""
        while not self.is_over.wait(0.02):
            with contextlib.suppress(FileNotFoundError):
                state = self.made.stat()
                if (state.st_mtime_ns, state.st_ino) != self.seen:
                    self.seen = (state.st_mtime_ns, state.st_ino)
                    self.publish(self.made.read_text())

    def publish(self, text):
        """One manifest, under its name in one step."""
        start = re.search(r'availabilityStartTime="([^"]+)Z"', text)
        if start:
            begun = datetime.datetime.fromisoformat(start[1])
            if self.start:
                begun = datetime.datetime.fromtimestamp(self.start, datetime.timezone.utc)
            later = begun.replace(tzinfo=None) + datetime.timedelta(seconds=encoders.SEGMENT / 2)
            text = text.replace(start[1], later.isoformat(timespec="milliseconds"), 1)
        text = re.sub(r'(suggestedPresentationDelay)="[^"]+"',
                      rf'\1="PT{3 * encoders.SEGMENT}S"', text)
        part = self.published.with_suffix(".part")
        part.write_text(text)
        part.rename(self.published)

    def close(self):
        """Ends it."""
        self.is_over.set()
        self.thread.join()


class Origin:
    """One encoder and one server of files, each a process of its own that can be hurt."""

    def __init__(self, name, folder, stream, is_locked=False, number=0, is_apart=False,
                 together=None):
        self.name, self.stream, self.is_locked = name, stream, is_locked
        self.together = together
        self.folder = pathlib.Path(folder) / name
        self.root = self.folder / "www/live"
        for rendition in ("hi", "lo"):
            (self.root / rendition).mkdir(parents=True)
        (self.folder / "www/who.txt").write_text(name)
        self.network = Namespace() if is_apart else None
        self.host = self.network.host if self.network else "127.0.0.1"
        self.port = free_port()
        self.address = f"{self.host}:{self.port}"
        self.server = self.encoder = self.publisher = None
        (self.folder / "nginx.conf").write_text(
            NGINX.format(folder=self.folder, host=self.host, port=self.port))
        try:
            self.serve()
            self.encode(number)
            if stream.entry == "main.mpd":
                self.publisher = Publisher(
                    self.root / "made.mpd", self.root / stream.entry, together)
        except BaseException:
            self.close()
            raise

    # What it is made of

    def serve(self):
        """Starts the server."""
        within = ["ip", "netns", "exec", self.network.name] if self.network else []
        self.server = subprocess.Popen(
            [*within, "nginx", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)],
            stdin=subprocess.DEVNULL)
        until(self.is_open, f"origin {self.name} serves")

    def is_open(self):
        """Whether it accepts connections."""
        with socket.socket() as client:
            client.settimeout(1)
            return client.connect_ex((self.host, self.port)) == 0

    def encode(self, number=0):
        """Starts the encoder; where it is not locked, from this segment number on."""
        argv, wait = encoders.command(
            self.stream, str(self.root), number, self.is_locked, self.together)
        time.sleep(wait)
        with open(self.folder / "encoder.log", "ab") as log:
            self.encoder = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=log)

    def is_ready(self, segments=4):
        """Whether there is enough for players to begin three segments behind."""
        made = [one for one in self.root.rglob("*") if one.suffix in (".m4s", ".ts")]
        # DASH has a track of its own for sound, and calls initialization segments alike.
        wanted = segments * 2 if self.publisher is None else (segments + 1) * 3
        listed = [self.root / one for one in (self.stream.entry, *self.stream.playlists)]
        return len(made) >= wanted and all(one.exists() for one in listed)

    def requests(self, since=0.0):
        """Its access log: (Unix time, status, target, user agent)."""
        found = []
        for line in (self.folder / "access.log").read_text(errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                moment, status, target, agent = line.split(" ", 3)
                if float(moment) >= since:
                    found.append((float(moment), int(status), target, agent.strip('"')))
        return found

    # What befalls it

    def kill(self):
        """The server dies: its port refuses."""
        self.server.kill()
        self.server.wait()

    def stop(self):
        """The server hangs: connections are made by the kernel and nothing is answered."""
        self.server.send_signal(signal.SIGSTOP)

    def blackhole(self):
        """Packets to it are lost."""
        self.network.drop()

    def end(self):
        """The encoder is told to end, and tells players that the event is over."""
        self.encoder.send_signal(signal.SIGTERM)

    def freeze(self):
        """The encoder hangs: the playlist is there, and stays as it is."""
        self.encoder.send_signal(signal.SIGSTOP)

    def restart_encoder(self, number=0):
        """The encoder dies without a word, and another begins."""
        self.encoder.kill()
        self.encoder.wait()
        self.encode(number)

    def lose_segments(self):
        """Media is not found, playlists are."""
        (self.folder / "lost").touch()

    def close(self):
        """Ends all of it."""
        for process in (self.encoder, self.server):
            if process:
                # A process that was stopped dies of this as well.
                process.kill()
                process.wait()
        if self.publisher:
            self.publisher.close()
        if self.network:
            self.network.close()
