"""Headless Chromium, driven by chromedriver over the WebDriver protocol: plain HTTP and JSON."""
import base64
import json
import signal
import subprocess
import urllib.error
import urllib.request

from checks import wait_for
from demo import free_ports

ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio", "--window-size=1280,1040",
    "--no-first-run",
]


class Browser:
    """One window; ends with everything it started."""

    def __init__(self, folder):
        port = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.log = open(folder / "chromedriver.log", "w")
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdout=self.log, stderr=self.log)
        self.session = None
        try:
            wait_for("chromedriver", self.is_ready, 30)
            options = {"args": ARGUMENTS + [f"--user-data-dir={folder}/chromium"]}
            wanted = {
                "browserName": "chrome", "goog:chromeOptions": options,
                "pageLoadStrategy": "eager", "timeouts": {"pageLoad": 60_000, "script": 30_000},
            }
            made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}}, 90)
            self.session = f"/session/{made['sessionId']}"
        except BaseException:
            self.end()
            raise

    def is_ready(self):
        try:
            return self.ask("GET", "/status", None, 5)["ready"]
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        if self.session:
            try:
                self.ask("DELETE", self.session, None, 20)
            except (OSError, RuntimeError):
                pass  # it is ended below
        self.driver.send_signal(signal.SIGTERM)
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.log.close()

    def ask(self, method, path, body, seconds=60):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"WebDriver: {error.read().decode(errors='replace')}") from None

    def open(self, url):
        self.ask("POST", f"{self.session}/url", {"url": url})

    def run(self, script, *arguments):
        """What a script returns."""
        body = {"script": script, "args": list(arguments)}
        return self.ask("POST", f"{self.session}/execute/sync", body)

    def screenshot(self, file):
        file.write_bytes(base64.b64decode(self.ask("GET", f"{self.session}/screenshot", None)))

    def play(self, url):
        """Plays another stream in the page's player."""
        self.run(
            "const video = document.querySelector('video'); video.src = arguments[0];"
            "video.play().catch(() => {});", url)

    def position(self):
        """How far the player is; it says what went wrong instead, if something did."""
        error, time = self.run(
            "const video = document.querySelector('video');"
            "return [video.error && `${video.error.code} ${video.error.message}`,"
            " video.currentTime];")
        if error:
            raise RuntimeError(f"the player gave up: {error}")
        return time

    def plays_until(self, seconds, bound=60):
        """Waits until the player has come so far: whether it has, or what it says instead."""
        try:
            wait_for("the player", lambda: self.position() >= seconds, bound, 0.25)
        except (RuntimeError, TimeoutError) as error:
            return error
        return True
