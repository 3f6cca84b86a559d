"""What the tests in Python share: a node, an origin that does as it is told, a raw viewer."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent

# Makes an inherited socket the third descriptor, as systemd does, and becomes the node.
ADOPT = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


def until(condition, what, seconds=10):
    """Waits until `condition()` is true and returns its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not after {seconds} s")
        time.sleep(0.02)
    return value


def free_port():
    """A TCP port that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Node:
    """A running node. `origins` are "host:port"; `lines` is TOML behind the site's table.

    It listens on a Unix socket, or with `tcp` on a port: there a reset is told from an end.
    """

    def __init__(self, *origins, lines=(), tcp=False, start=None, pass_fds=(), **environment):
        self.folder = tempfile.TemporaryDirectory(prefix="spillway-system-")
        self.path = pathlib.Path(self.folder.name)
        self.address = str(self.path / "edge.sock")
        if tcp:
            self.address = ("127.0.0.1", free_port())
            environment["LISTEN"] = "%s:%d" % self.address
        command = [str(HERE / "node"), str(self.path), ",".join(origins), *lines]
        self.command = (start or []) + command
        self.setting = {"env": {**os.environ, **environment}, "pass_fds": pass_fds}
        self._start()

    def _start(self):
        self.process = subprocess.Popen(self.command, **self.setting)
        try:
            until(self._is_up, "the node starts")
        except AssertionError:
            self.process.kill()
            self.process.wait()
            log = (self.path / "error.log").read_text()
            self.folder.cleanup()
            raise AssertionError(log) from None

    def _is_up(self):
        assert self.process.poll() is None, (self.path / "error.log").read_text()
        # The file is there a moment before anybody listens.
        with socket.socket(socket.AF_UNIX) as admin:
            return admin.connect_ex(str(self.path / "admin.sock")) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._stop()
        finally:
            self.folder.cleanup()

    def _stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the node does not stop") from None
        log = (self.path / "error.log").read_text()
        assert code == 0, f"the node ended with {code}:\n{log}"

    def restart(self):
        """Ends it and starts it again, over the same files."""
        self._stop()
        self._start()

    def viewer(self, address=None, receive_buffer=None):
        """A connection to the node."""
        return Viewer(address or self.address, receive_buffer)

    def get(self, path, **fields):
        """One request on a connection of its own."""
        with self.viewer() as viewer:
            viewer.ask(path, **fields)
            return viewer.answer()

    def metric(self, name):
        """The value of one line of the metrics page; 0 where there is none."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.path / "admin.sock"))
            admin.sendall(b"GET /metrics HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n")
            page = b"".join(iter(lambda: admin.recv(65536), b"")).decode()
        for line in page.splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def records(self):
        """The access log so far."""
        return [json.loads(line) for line in (self.path / "access.log").read_text().splitlines()]


class Answer:
    """One response: status, fields, body; `is_cut` if it broke before its framing ended."""

    def __init__(self, status, fields, body=b"", is_cut=False):
        self.status, self.fields, self.body, self.is_cut = status, fields, body, is_cut


class Viewer:
    """A raw connection; nothing of it is tidied up."""

    def __init__(self, address, receive_buffer=None):
        family = socket.AF_UNIX if isinstance(address, str) else (
            socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        self.socket = socket.socket(family)
        self.socket.settimeout(10)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(address)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, path, method="GET", **fields):
        """Sends a request head."""
        head = f"{method} {path} HTTP/1.1\r\nHost: example.com\r\n"
        head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        self.socket.sendall(head.encode() + b"\r\n")

    def fill(self):
        """Reads once; `False` at the end."""
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def take(self, count):
        """Exactly `count` bytes."""
        if len(self.buffer) < count:
            self.gather(count)
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def gather(self, count):
        """Reads until the buffer holds so much; megabytes are not copied again and again."""
        data = bytearray(max(count, len(self.buffer)))
        have = len(self.buffer)
        data[:have] = self.buffer
        view = memoryview(data)
        try:
            while have < count:
                more = self.socket.recv_into(view[have:])
                if not more:
                    raise EOFError
                have += more
        finally:
            self.buffer = bytes(view[:have])

    def line(self):
        """Up to the next CRLF."""
        while b"\r\n" not in self.buffer:
            if not self.fill():
                raise EOFError
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def head(self):
        """A response head."""
        status = int(self.line().split(" ")[1])
        fields = {}
        while line := self.line():
            name, value = line.split(":", 1)
            fields[name.lower()] = value.strip()
        return Answer(status, fields)

    def answer(self):
        """A whole response, or what there was of it."""
        answer = self.head()
        try:
            if "chunked" in answer.fields.get("transfer-encoding", ""):
                while size := int(self.line(), 16):
                    answer.body += self.take(size)
                    self.line()
                self.line()
            elif answer.status != 304:
                answer.body = self.take(int(answer.fields.get("content-length", 0)))
        except (EOFError, ConnectionResetError):
            answer.body, answer.is_cut = answer.body + self.buffer, True
        return answer

    def ends_by_reset(self):
        """Reads to the end, and says whether that was a reset; `buffer` keeps what came."""
        try:
            while self.fill():
                pass
            return False
        except ConnectionResetError:
            return True


class Origin:
    """A server on 127.0.0.1: `serve(exchange)` runs for each request, on a thread of its own."""

    def __init__(self, serve, host="127.0.0.1", port=0):
        self.serve = serve
        self.requests = []
        self.listener = socket.create_server((host, port))
        self.address = "%s:%d" % self.listener.getsockname()[:2]
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A plain close leaves the accepting thread, and with it the port, as it was.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        with connection, contextlib.suppress(OSError, EOFError):
            exchange = Exchange(connection)
            while exchange.receive():
                self.requests.append(exchange.path)
                self.serve(exchange)


class Exchange:
    """One connection at an origin, and the request that is under way."""

    def __init__(self, connection):
        self.socket = connection
        # A head and its body are two calls: the second must not wait for an acknowledgement.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.path = ""
        self.head = ""

    def receive(self):
        """The next request head; `False` at the end."""
        while b"\r\n\r\n" not in self.buffer:
            data = self.socket.recv(65536)
            if not data:
                return False
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.head = head.decode("latin-1")
        self.path = self.head.split(" ")[1]
        return True

    def send(self, data):
        """Sends bytes as they are."""
        self.socket.sendall(data)

    def begin(self, *fields, status="200 OK"):
        """Sends a response head."""
        lines = [f"HTTP/1.1 {status}", "Cache-Control: max-age=60", *fields]
        self.send("".join(line + "\r\n" for line in lines).encode() + b"\r\n")

    def answer(self, body, *fields):
        """Sends a whole response."""
        self.begin(f"Content-Length: {len(body)}", *fields)
        self.send(body)

    def chunk(self, data):
        """Sends one chunk."""
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def close(self):
        """Ends the connection."""
        self.socket.shutdown(socket.SHUT_RDWR)
        raise EOFError

    def reset(self):
        """Ends the connection by a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        raise EOFError


def box(kind, payload):
    """An ISO base media box."""
    return struct.pack(">I4s", 8 + len(payload), kind) + payload
