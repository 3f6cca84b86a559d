"""The scripted origin of one case, for 60-cases.py."""

import asyncio
import contextlib
import re
import time

from case_rows import written

PORT = 28100


def has_date(answer):
    """Whether a field of an answer is a date that the clock says."""
    return any(re.search(r": now\b", line) for line in answer.fields)


async def the_middle_of_a_second():
    """Dates are whole seconds: none is written just before the next one begins."""
    while not 0.05 < time.time() % 1 < 0.6:
        await asyncio.sleep(0.05)


class Origin:
    """The origin of one case: does what the exchange that runs says."""

    def __init__(self, address, host):
        self.address, self.host = address, host
        self.server, self.writers = None, set()
        self.seen, self.unexpected, self.sent = [], [], {}
        self.stored, self.newest = {}, {}
        self.exchange, self.number, self.next = None, 0, 0
        self.answered, self.delayed, self.changed = 0, 0, asyncio.Event()

    async def listen(self):
        """Takes connections."""
        if not self.server:
            self.server = await asyncio.start_server(self.serve, self.address, PORT)

    async def refuse(self):
        """Takes none any more."""
        if self.server:
            self.server.close()
            self.server = None
        for writer in list(self.writers):
            writer.close()

    async def starts_well(self, exchange):
        """Waits for a moment at which the dates of this exchange stay in their second."""
        if any(map(has_date, exchange.answers)):
            await the_middle_of_a_second()

    def begin(self, exchange, number):
        """Begins an exchange."""
        self.stored.update(self.newest)
        self.newest, self.seen, self.unexpected = {}, [], []
        self.exchange, self.number, self.next = exchange, number, 0
        self.answered, self.delayed = 0, 0

    async def has_answered(self, count, seconds):
        """Waits until so many requests of this exchange have their answers; not for ever."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.answered < count:
                    self.changed.clear()
                    await self.changed.wait()

    async def serve(self, reader, writer):
        """One connection."""
        self.writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                length = re.search(r"(?im)^content-length: *(\d+)", head)
                if length:
                    await reader.readexactly(int(length[1]))
                goes_on = await self.answer(head, writer)
                self.answered += 1
                self.changed.set()
                if not goes_on:
                    break
        self.writers.discard(writer)
        writer.close()

    async def answer(self, head, writer):
        """Answers one request; `False` ends the connection."""
        self.seen.append(head)
        index, self.next = self.next, self.next + 1
        answers = self.exchange.answers
        if answers and index >= len(answers) and answers[-1].act == "closes":
            index = len(answers) - 1
        if index >= len(answers):
            self.unexpected.append(head)
            writer.write(b"HTTP/1.1 500 Unexpected\r\nCache-Control: no-store\r\n"
                         b"Content-Length: 0\r\n\r\n")
            return True
        answer = answers[index]
        if answer.act in ("closes", "refuses"):
            return False
        self.delayed += answer.delay
        await asyncio.sleep(answer.delay)
        if has_date(answer):
            await the_middle_of_a_second()
        for status, fields in answer.interims:
            writer.write(self.head(status, fields))
            await writer.drain()
            await asyncio.sleep(0.02)
        method = head.split(" ")[0]
        body = self.body(answer, method, index)
        fields = list(answer.fields)
        if (answer.status not in (204, 304) and method != "HEAD"
                and not any(line.lower().startswith("content-length:") for line in fields)):
            fields.append(f"Content-Length: {len(body)}")
        writer.write(self.head(answer.status, fields))
        writer.write(body[:len(body) // 2] if answer.act == "cuts" else body)
        await writer.drain()
        if answer.act == "cuts":
            await asyncio.sleep(0.05)
        return answer.act != "cuts"

    def head(self, status, fields):
        """A response head."""
        lines = [f"HTTP/1.1 {status} Scripted"]
        now = time.time()
        lines += [written(line, now, self.host) for line in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def body(self, answer, method, index):
        """The body of an answer."""
        if answer.status in (204, 304) or method == "HEAD":
            return b""
        text = answer.body
        body = (f"answer {self.number}.{index + 1}" if text is None else text).encode()
        self.sent[self.number] = body
        if method == "GET":
            self.newest[self.exchange.target] = body
        return body
