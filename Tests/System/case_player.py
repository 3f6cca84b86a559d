"""Plays one case against a running node, for 60-cases.py, and measures how late it was."""

import asyncio
import subprocess
import time

from case_fields import value
from case_origin import PORT, Origin
from case_rows import written
from case_verdict import Verdict
from lab import HERE

# A node that says nothing for so long hangs; no machine is that slow. Long enough for its own
# limits (5 s for an origin's first byte) to show as an answer.
HANG = 20
# How long the origin must be left alone behind an answer before the next request. Where a wait
# follows, all of it counts: what comes late is seen before the next exchange begins.
QUIET = 0.05
# How long a refresh may take to reach its origin: an event ends the wait, this only bounds it.
REFRESH_MAX = 10


class Response:
    """What a viewer got."""

    def __init__(self):
        self.head, self.status, self.body, self.interims, self.is_cut = "", 0, b"", [], False


class Schedule:
    """How far a case is behind its plan: its waits, its origin's delays, the runner's pauses."""

    def __init__(self):
        self.begun, self.planned, self.late = None, 0, 0

    def begin(self):
        """The first request is sent: the plan counts from here."""
        if self.begun is None:
            self.begun = time.monotonic()

    def measure(self):
        """An answer is complete; what was late once may have gone wrong for good."""
        self.late = max(self.late, time.monotonic() - self.begun - self.planned)


class Player:
    """Plays one case."""

    def __init__(self, case, index):
        self.case, self.node = case, None
        self.host = f"c{index}.test"
        # An address for each, so that one may refuse connections while the others take them.
        self.origin = Origin(f"127.28.{index // 250}.{index % 250 + 1}", self.host)
        self.verdict, self.schedule = Verdict(case, self.origin), Schedule()
        self.played, self.rested, self.unseen = 0, 0, None

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

    async def play(self):
        """Plays all steps."""
        await self.origin.listen()
        self.rested = time.monotonic()
        try:
            for kind, step in self.case.steps:
                if kind == "wait":
                    await self.wait(step)
                elif kind == "purge":
                    await self.conclude()
                    await self.purge(*step)
                else:
                    await self.conclude()
                    await self.exchange(step)
            await self.conclude()
        except Exception as error:  # A case that breaks the runner is a failed case.
            self.verdict.complain(self.case.line, f"broke off: {error!r}")
        await self.origin.refuse()

    async def wait(self, seconds):
        """Lets time pass, counted from the last answer."""
        self.schedule.planned += seconds
        self.rested += seconds
        await asyncio.sleep(self.rested - time.monotonic())

    async def pause(self, seconds):
        """Lets time pass that no line of the case asks for."""
        self.schedule.planned += seconds
        await asyncio.sleep(seconds)

    async def purge(self, kind, text=""):
        """Purges by the command line; a wait behind it begins when it is done."""
        if kind == "prefix":
            text = f"http://{self.host}{text}"
        process = await asyncio.create_subprocess_exec(
            str(HERE / "cli"), str(self.node.path), "purge", f"--{kind}", text,
            stdout=subprocess.DEVNULL)
        if await process.wait():
            self.verdict.complain(self.case.line, "the purge failed")
        self.rested = time.monotonic()

    async def exchange(self, exchange):
        """Plays one exchange; what came of it is looked at when the next one begins."""
        self.played += 1
        if any(answer.act == "refuses" for answer in exchange.answers):
            await self.origin.refuse()
            await self.pause(QUIET)
        elif self.schedule.begun is None:
            await self.origin.starts_well(exchange)
        self.origin.begin(exchange, self.played)
        self.schedule.begin()
        responses = await asyncio.gather(*[self.ask(exchange) for _ in range(exchange.count)])
        if exchange.outcome == "refreshing":
            self.schedule.measure()
            await self.origin.has_answered(max(1, len(exchange.seen)), REFRESH_MAX)
            for _ in range(2):
                await self.turn()
        self.schedule.planned += self.origin.delayed
        self.schedule.measure()
        self.rested = time.monotonic()
        self.unseen = (exchange, responses, self.schedule.late)

    async def conclude(self):
        """Looks at the exchange before, once its origin has been left alone for a moment."""
        if not self.unseen:
            return
        exchange, responses, self.verdict.late = self.unseen
        self.unseen = None
        if (left := self.rested + QUIET - time.monotonic()) > 0:
            await self.pause(left)
        for response in responses:
            self.verdict.look(response, exchange)
        self.verdict.look_at_origin(exchange)
        self.verdict.late = self.schedule.late
        await self.origin.listen()

    async def turn(self):
        """Waits for a turn of the node's only worker: what came before, it has read by then."""
        reader, writer = await asyncio.open_unix_connection(self.node.address)
        writer.write(b"GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n")
        await asyncio.wait_for(reader.read(-1), HANG)
        writer.close()

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
            await asyncio.wait_for(self.read(reader, response, exchange.method), HANG)
            writer.close()
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            response.is_cut = True
            response.body += getattr(error, "partial", b"")
        except TimeoutError:
            self.verdict.is_certain = True
            self.verdict.complain(exchange.line, f"the viewer got no whole answer in {HANG} s")
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
