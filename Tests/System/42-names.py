"""Names of origins follow the DNS: a changed answer is used for the next connection."""

import socket
import struct
import threading
import unittest

from lab import Node, Origin, free_port, until


class NameServer:
    """A DNS server on UDP: `answers` maps a name to an IPv4 address; others do not exist."""

    def __init__(self, answers):
        self.answers = answers
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if not query:
                return self.socket.close()
            self.asked += 1
            self.socket.sendto(self._answer(query), peer)

    def _answer(self, query):
        labels, position = [], 12
        while length := query[position]:
            labels.append(query[position + 1:position + 1 + length].decode().lower())
            position += 1 + length
        question = query[12:position + 5]
        kind = struct.unpack(">H", query[position + 1:position + 3])[0]
        address = self.answers.get(".".join(labels))
        code = 0x8180 if address else 0x8183
        records = b""
        if address and kind == 1:
            records = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton(address)
        return query[:2] + struct.pack(
            ">HHHHH", code, 1, 1 if records else 0, 0, 0) + question + records

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", self.socket.getsockname())


class AName(unittest.TestCase):
    def test_that_changes_its_address_is_followed(self):
        def serve(body):
            def one(exchange):
                exchange.answer(body, "Connection: close")
                exchange.close()
            return one

        port = free_port()
        with NameServer({"origin.test": "127.0.0.2"}) as names, \
                Origin(serve(b"two"), host="127.0.0.2", port=port) as two, \
                Origin(serve(b"three"), host="127.0.0.3", port=port) as three, \
                Node(f"origin.test:{port}", NODE=f'resolver = ["{names.address}"]') as node:
            self.assertEqual(node.get("/1.bin").body, b"two")
            names.answers["origin.test"] = "127.0.0.3"
            paths = (f"/{number}.bin" for number in range(2, 10_000))
            until(lambda: node.get(next(paths)).body == b"three", "the new address is used", 30)
            self.assertTrue(two.requests and three.requests)

    def test_that_does_not_exist_is_a_502_until_it_does(self):
        with NameServer({}) as names, \
                Origin(lambda exchange: exchange.answer(b"here")) as origin, \
                Node(f"late.test:{origin.port}", NODE=f'resolver = ["{names.address}"]') as node:
            answer = node.get("/a.bin")
            self.assertEqual(answer.status, 502)
            self.assertGreater(node.metric('spillway_origin_errors_total{kind="dns"}'), 0)
            names.answers["late.test"] = "127.0.0.1"
            paths = (f"/{number}.bin" for number in range(10_000))
            until(lambda: node.get(next(paths)).body == b"here", "the name is found", 30)


if __name__ == "__main__":
    unittest.main()
