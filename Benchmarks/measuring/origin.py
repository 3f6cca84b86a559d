"""The origin of the benchmarks: bodies of a known size, one slow body, and a count of requests.

/size/N             N bytes at once
/slow/NAME          1 MiB over two seconds, a piece every 50 ms
/live/...           1 KiB: the path of the recorded Chromium head
/count/slow/NAME    how often /slow/NAME was asked for
"""
import collections
import http.server
import sys
import time

PIECES = 40
PIECE = b"s" * 26_214
seen = collections.Counter()


class Origin(http.server.BaseHTTPRequestHandler):
    disable_nagle_algorithm = True  # head and body are two writes
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        seen[path] += 1
        if path.startswith("/slow/"):
            self.answer(PIECES * len(PIECE))
            for _ in range(PIECES):
                self.wfile.write(PIECE)
                self.wfile.flush()
                time.sleep(2.0 / PIECES)
        elif path.startswith("/count/"):
            body = str(seen[path.removeprefix("/count")]).encode()
            self.answer(len(body))
            self.wfile.write(body)
        else:
            size = int(path.rsplit("/", 1)[1]) if path.startswith("/size/") else 1024
            self.answer(size)
            self.wfile.write(b"x" * size)

    def answer(self, size):
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", str(size))
        self.send_header("Cache-Control", "public, max-age=3600")
        self.send_header("ETag", f'"{size}"')
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Origin).serve_forever()
