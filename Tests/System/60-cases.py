"""The case tables of Tests/Cases against the release binary, in real seconds, all at once.

Cases that wait for more than four seconds are left to virtual time. SPILLWAY_CASE chooses those
whose place or sentence contains it; SPILLWAY_PENDING=1 runs the pending ones as well.
"""

import asyncio
import os
import subprocess
import sys
import time

from case_fields import complaint, parts, value, words
from case_file import read_all
from case_origin import PORT, Origin
from case_rows import written
from lab import HERE, Node

WAITING_MAX = 4
TOGETHER = 100


class Response:
    """What a viewer got."""

    def __init__(self):
        self.head, self.status, self.body, self.interims, self.is_cut = "", 0, b"", [], False


class Player:
    """Plays one case."""

    def __init__(self, case, index, node):
        self.case, self.node = case, node
        self.host = f"c{index}.test"
        # An address for each, so that one may refuse connections while the others take them.
        self.origin = Origin(f"127.28.{index // 250}.{index % 250 + 1}", self.host)
        self.complaints, self.played = [], 0

    def configuration(self):
        """The origin and the site of this case, as TOML."""
        lines = ["[[origin]]", f'name = "{self.host}"', 'host = "origin"',
                 f'server = [{{ url = "http://{self.origin.address}:{PORT}" }}]',
                 "[[site]]", f'hosts = ["{self.host}"]', f'origin = "{self.host}"']
        if self.case.rules:
            lines.append("[[site.rule]]")
            if not any(rule.startswith("match ") for rule in self.case.rules):
                lines.append('match = "/**"')
        return lines + self.case.rules

    def complain(self, line, text):
        """Notes what is wrong."""
        self.complaints.append(f"{self.case.file}:{line}: {text}")

    async def play(self):
        """Plays all steps."""
        await self.origin.listen()
        for kind, step in self.case.steps:
            if kind == "wait":
                await asyncio.sleep(step)
            elif kind == "purge":
                await self.purge(*step)
            else:
                await self.exchange(step)
        await self.origin.refuse()

    async def purge(self, kind, text=""):
        """Purges by the command line."""
        if kind == "prefix":
            text = f"http://{self.host}{text}"
        process = await asyncio.create_subprocess_exec(
            str(HERE / "cli"), str(self.node.path), "purge", f"--{kind}", text,
            stdout=subprocess.DEVNULL)
        if await process.wait():
            self.complain(self.case.line, "the purge failed")

    async def exchange(self, exchange):
        """Plays one exchange."""
        self.played += 1
        is_down = any(answer.act == "refuses" for answer in exchange.answers)
        if is_down:
            await self.origin.refuse()
        self.origin.begin(exchange, self.played)
        responses = await asyncio.gather(*[self.ask(exchange) for _ in range(exchange.count)])
        await asyncio.sleep(0.15 if exchange.outcome in ("hit", "refreshing") else 0.02)
        for response in responses:
            self.look(response, exchange)
        self.look_at_origin(exchange)
        if is_down:
            await self.origin.listen()

    async def ask(self, exchange):
        """One viewer's request."""
        response = Response()
        fields = [written(line, time.time(), self.host) for line in exchange.fields]
        if exchange.body is not None:
            fields.append(f"Content-Length: {len(exchange.body.encode())}")
        if value("Host", "\r\n" + "\r\n".join(fields)) is None:
            fields.insert(0, f"Host: {self.host}")
        target = written(exchange.target, 0, self.host)
        head = [f"{exchange.method} {target} HTTP/{exchange.version}", *fields]
        try:
            reader, writer = await asyncio.open_unix_connection(self.node.address)
            writer.write(("\r\n".join(head) + "\r\n\r\n" + (exchange.body or "")).encode())
            await asyncio.wait_for(self.read(reader, response, exchange.method), 10)
            writer.close()
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            response.is_cut = True
            response.body += getattr(error, "partial", b"")
        except TimeoutError:
            self.complain(exchange.line, "the viewer got no whole answer in ten seconds")
        return response

    async def read(self, reader, response, method):
        """A whole response."""
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
            status = int(head.split(" ")[1])
            if status >= 200:
                break
            response.interims.append(status)
        response.head, response.status = head, status
        if method == "HEAD" or status in (204, 304):
            return
        if length := value("Content-Length", head):
            response.body = await reader.readexactly(int(length))
        elif value("Transfer-Encoding", head):
            while size := int(await reader.readuntil(b"\r\n"), 16):
                response.body += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readuntil(b"\r\n")
        else:
            response.body = await reader.read(-1)

    def look(self, response, exchange):
        """Compares a response with what it must be."""
        line = exchange.line
        if response.interims != exchange.interims:
            self.complain(line, f"interim answers are {response.interims}")
        if response.is_cut != exchange.is_cut:
            self.complain(line, "the answer was cut" if response.is_cut else "it was not cut")
        if not exchange.status:
            return
        if response.status != exchange.status:
            self.complain(line, f"the status is {response.status}, not {exchange.status}")
        for demand in exchange.demands:
            if text := complaint(demand, response.head):
                self.complain(demand[3], text)
        self.look_at_body(response, exchange)
        status = value("Cache-Status", response.head) or ""
        is_hit = "hit" in words(status.rpartition(",")[2])
        if exchange.outcome == "stale" and "ttl=-" not in status:
            self.complain(line, f"not stale: {status}")
        if exchange.outcome in ("hit", "refreshing") and not is_hit:
            self.complain(line, f"no hit: {status}")
        if exchange.outcome in ("miss", "asked", "validated") and is_hit:
            self.complain(line, f"a hit: {status}")

    def look_at_body(self, response, exchange):
        """Compares the body."""
        kind, content = exchange.content or (None, None)
        expected = None
        if kind == "parts":
            if parts(response.body) != content:
                self.complain(exchange.line, f"the parts are {parts(response.body)}")
            return
        if kind == "text":
            expected = content.encode()
        elif kind == "from":
            expected = self.origin.sent.get(content)
        elif exchange.method == "HEAD" or exchange.status in (204, 304):
            expected = b""
        elif exchange.status == 206 or exchange.is_cut:
            return
        elif exchange.outcome in ("hit", "validated", "stale", "refreshing"):
            expected = self.origin.stored.get(exchange.target)
        elif exchange.outcome in ("miss", "asked"):
            expected = self.origin.sent.get(self.origin.number)
        if expected is not None and expected != response.body:
            self.complain(exchange.line, f"the body is {response.body}, not {expected}")

    def look_at_origin(self, exchange):
        """Compares what the origin saw."""
        seen, line, outcome = self.origin.seen, exchange.line, exchange.outcome
        for head in self.origin.unexpected:
            self.complain(line, f"an unexpected request reached the origin: {head.strip()}")
        conditional = [value("If-None-Match", head) or value("If-Modified-Since", head)
                       for head in seen]
        if outcome in ("hit", "unasked") and seen:
            self.complain(line, "the origin was asked")
        if outcome in ("miss", "validated", "refreshing") and len(seen) != 1:
            self.complain(line, f"the origin was asked {len(seen)} times")
        if outcome == "miss" and any(conditional):
            self.complain(line, "the origin was asked under a condition")
        if outcome == "validated" and not all(conditional):
            self.complain(line, "the origin was asked without a condition")
        if outcome == "asked" and not seen:
            self.complain(line, "the origin was not asked")
        for index, (request, demands) in enumerate(exchange.seen):
            if index >= len(seen):
                self.complain(line, f"the origin saw {len(seen)} requests")
                break
            if request and " ".join(seen[index].split(" ")[:2]) != request:
                self.complain(line, f"the origin saw {seen[index].split(chr(13))[0]}")
            for demand in demands:
                if text := complaint(demand, seen[index]):
                    self.complain(demand[3], f"at the origin: {text}")


def chosen(case):
    """Whether a case runs here and now."""
    asked = os.environ.get("SPILLWAY_CASE", "")
    if asked not in f"{case.file}:{case.line}" and asked not in case.sentence:
        return False
    if case.pending is not None and "SPILLWAY_PENDING" not in os.environ:
        return False
    return not case.is_virtual and case.waiting <= WAITING_MAX


async def play_all(players):
    """Plays all cases, so many at a time."""
    gate = asyncio.Semaphore(TOGETHER)

    async def play(player):
        async with gate:
            try:
                await player.play()
            except Exception as error:  # A case that breaks the runner is a failed case.
                player.complain(player.case.line, f"broke off: {error!r}")

    await asyncio.gather(*[play(player) for player in players])


def main():
    """Runs the chosen cases and prints a line per failure."""
    cases = [case for case in read_all() if chosen(case)]
    players = [Player(case, index, None) for index, case in enumerate(cases)]
    lines = [line for player in players for line in player.configuration()]
    with Node("127.0.0.1:9", lines=lines) as node:
        for player in players:
            player.node = node
        asyncio.run(play_all(players))
    failed = [player for player in players if player.complaints]
    for player in failed:
        for text in player.complaints:
            print(text)
        print(f"  {player.case.sentence} [{player.case.section}]")
    print(f"{len(cases) - len(failed)} cases hold, {len(failed)} do not")
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
