"""The origin of the rows that need no scripted one: an nginx on the client's core."""
import contextlib
import http.client
import os
import pathlib
import shutil
import socket
import subprocess
import time

from measuring.servers import CLIENT_CORE, end, more_descriptors, wait_for
from peers import SIZES
from processes import HERE

ORIGIN_PORT = 18071


class Origin:
    """Objects of each size under any name, and a count of the requests for them."""

    def __init__(self, work):
        folder = pathlib.Path(work) / "origin"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "logs").mkdir(parents=True)
        (folder / "data").mkdir()
        for name, size in SIZES.items():
            (folder / "data" / name).write_bytes(os.urandom(size))
        shutil.copy(HERE / "origin.conf", folder)
        user = " user root;" if os.getuid() == 0 else ""
        self.asked = self.seen = 0
        self.process = subprocess.Popen(
            ["taskset", "-c", CLIENT_CORE, "nginx", "-p", f"{folder}/", "-c", "origin.conf",
             "-g", f"daemon off;{user}"], preexec_fn=more_descriptors)
        wait_for(ORIGIN_PORT, self.process)

    def requests(self):
        """How many came for objects: all that it counts but these questions."""
        connection = http.client.HTTPConnection("127.0.0.1", ORIGIN_PORT, timeout=10)
        connection.request("GET", "/requests")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        self.asked += 1
        self.seen = int(lines[2].split()[2]) - self.asked
        return self.seen

    def close(self):
        end(self.process)


@contextlib.contextmanager
def stand_in(port):
    """Listens where a load tool will be the origin later, while a server starts.

    Squid connects to its parent as it starts, and takes one that refuses for dead for a while.
    """
    if port == ORIGIN_PORT:
        yield
        return
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        yield
        time.sleep(0.3)
