"""Reads the case tables of Tests/Cases: Tests/Cases/README.md has the format.

The same files are read by Tests/CaseKit for virtual time; here they become steps in real seconds.
"""

import pathlib
import re
import time
from dataclasses import dataclass, field, replace

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Cases"
FIELD = re.compile(r"[A-Za-z0-9-]+:")
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
OUTCOMES = {"hit", "miss", "validated", "asked", "stale", "refreshing", "unasked"}
REAL_WAIT_MAX = 3


class CaseError(Exception):
    """A mistake in a case file."""


@dataclass
class Answer:
    """What the origin does about one request."""
    act: str = "answers"
    status: int = 200
    fields: list = field(default_factory=list)
    body: str | None = None
    interims: list = field(default_factory=list)
    delay: float = 0


@dataclass
class Exchange:
    """A request, what the origin does about it, and what the viewer must get."""
    line: int
    method: str = "GET"
    target: str = "/"
    version: str = "1.1"
    count: int = 1
    fields: list = field(default_factory=list)
    body: str | None = None
    answers: list = field(default_factory=list)
    seen: list = field(default_factory=list)
    interims: list = field(default_factory=list)
    status: int = 0
    outcome: str | None = None
    demands: list = field(default_factory=list)
    content: tuple | None = None
    is_cut: bool = False


@dataclass
class Row:
    """What a row says about one answer."""
    target: str = "/"
    request: list = field(default_factory=list)
    status: int = 200
    fields: list = field(default_factory=list)
    body: str | None = None
    again: list = field(default_factory=list)
    wait: float = 0


@dataclass
class Case:
    """One case: what is asked, answered and expected, in order."""
    file: str
    line: int
    sentence: str
    section: str
    rules: list = field(default_factory=list)
    pending: str | None = None
    is_virtual: bool = False
    steps: list = field(default_factory=list)

    @property
    def waiting(self):
        """The seconds that it waits."""
        return sum(step[1] for step in self.steps if step[0] == "wait")


def duration(text):
    """The seconds of `250ms`, `2s`, `1h`; `None` where it is no length of time."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text)
    return int(match[1]) * UNITS[match[2]] if match else None


def is_field(text):
    """Whether a text is `Name: value`."""
    return bool(FIELD.match(text))


def unescaped(text):
    """A text with its tabs."""
    return text.replace("\\t", "\t")


def written(line, now, host):
    """A field line with its relative date and its host written out."""
    match = re.fullmatch(r"([A-Za-z0-9-]+:) now(?:([+-])(\S+))?(?: as (\S+))?", line)
    if match:
        offset = duration(match[3]) if match[3] else 0
        moment = time.gmtime(now + (-offset if match[2] == "-" else offset))
        form = {"rfc850": "%A, %d-%b-%y %H:%M:%S GMT", "asctime": "%a %b %e %H:%M:%S %Y"}.get(
            match[4], "%a, %d %b %Y %H:%M:%S GMT")
        line = f"{match[1]} {time.strftime(form, moment)}"
    return line.replace("{host}", host)


class Reader:
    """Reads one file, line by line, each by its first word."""

    def __init__(self, file):
        self.file, self.number, self.cases = file, 0, []
        self.case = self.table = self.settings = self.exchange = None
        self.is_about_requests = False

    def error(self, message):
        """What is wrong in this line."""
        return CaseError(f"{self.file}:{self.number}: {message}")

    def read(self, text):
        """All cases of a text."""
        for line in text.split("\n"):
            self.number += 1
            self.take(line)
        self.end()
        return self.cases

    def take(self, line):
        """One line."""
        text = line.strip(" \t")
        if not text or text.startswith("#"):
            return
        word, _, rest = text.partition(" ")
        rest = rest.strip(" \t")
        if not line.startswith(" "):
            self.begin(word, rest)
        elif self.table and "=>" in text:
            self.row(text)
        elif word in ("rule", "pending", "virtual", "path", "with"):
            self.setting(word, rest)
        elif self.case:
            self.step(word, rest)
        else:
            raise self.error("belongs to no case")

    def begin(self, word, rest):
        """A heading."""
        self.end()
        match = re.fullmatch(r"(.*)\[([^\[]+)\]", rest)
        if not match:
            raise self.error("ends with no section, such as [RFC 9111 4.2]")
        heading = Case(self.file, self.number, match[1].strip(), match[2])
        if word == "case":
            self.case = heading
        elif word in ("table", "requests"):
            self.table, self.settings = heading, Row()
            self.is_about_requests = word == "requests"
        else:
            raise self.error(f"`{word}` begins nothing")

    def end(self):
        """The end of a case or table."""
        self.end_exchange()
        if self.case:
            self.cases.append(self.case)
        self.case = self.table = None

    def end_exchange(self):
        """The end of a request's lines."""
        if self.exchange:
            self.case.steps.append(("exchange", self.exchange))
        self.exchange = None

    def setting(self, word, rest):
        """What holds for a whole case or table."""
        heading = self.table or self.case
        if word == "rule":
            heading.rules = heading.rules + [rest]
        elif word == "pending":
            heading.pending = rest
        elif word == "virtual":
            heading.is_virtual = True
        elif word == "path":
            self.settings.target = rest
        else:
            for item in rest.split(" | "):
                self.item(item.strip(), self.settings, False)

    def item(self, text, row, is_request):
        """One item of a row."""
        if text.isdigit():
            row.status = int(text)
        elif text in ("", "-"):
            return
        elif text.startswith(">"):
            row.request = row.request + [unescaped(text[1:].strip())]
        elif text.startswith("again "):
            row.again = row.again + [unescaped(text[6:])]
        elif text.startswith("body "):
            row.body = unescaped(text[5:])
        elif text.startswith("wait "):
            row.wait = duration(text[5:])
        elif text.startswith("/"):
            row.target = text
        elif not is_field(text):
            raise self.error(f"`{text}` is no part of a row")
        elif is_request:
            row.again = row.again + [unescaped(text)]
        else:
            row.fields = row.fields + [unescaped(text)]

    def row(self, text):
        """One row of a table."""
        left, _, verdict = text.rpartition("=>")
        verdict = verdict.split(" -- ")[0].strip()
        case = replace(self.table, line=self.number, steps=[])
        if verdict.endswith("]"):
            verdict, _, section = verdict[:-1].rpartition("[")
            verdict, case.section = verdict.strip(), section
        row = replace(self.settings)
        for item in left.strip().split(" | "):
            if item.strip().startswith("pending "):
                case.pending = item.strip()[8:]
            else:
                self.item(item.strip(), row, self.is_about_requests)
        case.sentence += f": {left.strip()} => {verdict}"
        case.steps = RowSteps(row, verdict, self.number).steps
        self.cases.append(case)

    def step(self, word, rest):
        """One step of a case."""
        if word == ">":
            if is_field(rest):
                self.exchange.fields.append(unescaped(rest))
            elif rest.startswith("body "):
                self.exchange.body = unescaped(rest[5:])
            else:
                self.end_exchange()
                self.exchange = self.request(rest.split())
        elif word == "<<":
            self.answer(rest)
        elif word == ">>":
            self.seen(rest)
        elif word == "<":
            self.viewer(rest)
        elif word in ("wait", "purge"):
            self.end_exchange()
            value = duration(rest) if word == "wait" else rest.split()
            self.case.steps.append((word, value))
        else:
            raise self.error(f"`{word}` is no step")

    def request(self, words):
        """`3 GET /a HTTP/1.0`."""
        exchange = Exchange(self.number)
        if words[0].isdigit():
            exchange.count = int(words.pop(0))
        exchange.method, exchange.target = words[:2]
        if len(words) == 3:
            exchange.version = words[2].removeprefix("HTTP/")
        return exchange

    def answer(self, text):
        """What the origin does."""
        answers = self.exchange.answers
        if text.isdigit():
            if answers and answers[-1].status < 200:
                answers[-1].interims.append((answers[-1].status, answers[-1].fields))
                answers[-1].status, answers[-1].fields = int(text), []
            else:
                answers.append(Answer(status=int(text)))
        elif text in ("refuses", "closes"):
            answers.append(Answer(act=text))
        elif text == "cuts":
            answers[-1].act = text
        elif text == "body" or text.startswith("body "):
            answers[-1].body = unescaped(text[5:])
        elif text.startswith("after "):
            answers[-1].delay = duration(text[6:])
        else:
            answers[-1].fields.append(unescaped(text))

    def seen(self, text):
        """What the origin must see."""
        seen = self.exchange.seen
        if not is_field(text) and not text.startswith("no ") and "/" in text:
            seen.append((text, []))
            return
        if not seen:
            seen.append((None, []))
        seen[-1][1].append(self.demand(text))

    def viewer(self, text):
        """What the viewer must get."""
        words = text.split(" ")
        exchange = self.exchange
        if words[0].isdigit():
            if len(words) == 1 and int(words[0]) < 200:
                exchange.interims.append(int(words[0]))
                return
            exchange.status = int(words[0])
            exchange.outcome = words[1] if len(words) > 1 else None
            if exchange.outcome not in OUTCOMES | {None}:
                raise self.error(f"`{words[1]}` is no outcome")
        elif words[0] == "body":
            exchange.content = ("text", unescaped(text[5:]))
        elif words[0] == "cut":
            exchange.is_cut = True
        elif words[0] == "from":
            exchange.content = ("from", int(words[1]))
        elif words[0] == "part":
            span, _, body = text[5:].partition(" = ")
            parts = exchange.content[1] if exchange.content else []
            exchange.content = ("parts", parts + [(span.strip(), unescaped(body))])
        else:
            exchange.demands.append(self.demand(text))

    def demand(self, text):
        """What one field must say: name, test, value, line."""
        words = text.split(" ")
        if len(words) == 2 and words[0] == "no":
            return (words[1], "absent", None, self.number)
        if len(words) == 1 and ":" not in text:
            return (words[0], "present", None, self.number)
        if len(words) >= 3 and words[1] in ("has", "lacks"):
            return (words[0], words[1], " ".join(words[2:]), self.number)
        name, _, value = text.partition(":")
        return (name, "equals", unescaped(value.strip(" \t")), self.number)


class RowSteps:
    """A row written out: what shows its verdict end to end, in few seconds."""

    def __init__(self, row, verdict, line):
        self.row, self.line, self.steps = row, line, []
        again = row.request + row.again
        words = verdict.split(" ")
        self.ask("miss", row.request, "answer")
        if row.wait:
            self.steps.append(("wait", row.wait))
        if words[0] == "fresh":
            then = words[words.index("then") + 1] if "then" in words else None
            self.show_fresh(duration(words[1]), then, again)
        elif words[0] == "validated":
            self.ask("validated", again, "not modified")
        elif words[0] == "asked":
            self.ask("asked", again, "answer")
        elif words[0] in ("not", "miss"):
            self.ask("miss", again, "answer")
        elif words[0] == "hit":
            self.ask("hit", again)
        else:
            self.ask("unasked", again, status=int(words[0]))
            exchange = self.steps[-1][1]
            if len(words) > 1 and words[1] == "bytes":
                span, _, body = verdict[4:].partition(" = ")
                exchange.demands.append(("Content-Range", "equals", span.strip(), line))
                exchange.content = ("text", unescaped(body)) if body else None
            elif len(words) > 1:
                parts = [word.split("=", 1) for word in words[2:]]
                exchange.content = (
                    "parts", [("bytes " + span, unescaped(body)) for span, body in parts])

    def show_fresh(self, seconds, then, fields):
        """Fresh until half a second before the end, not half a second behind it."""
        if seconds > REAL_WAIT_MAX:
            self.ask("hit", fields)
            return
        if seconds > 0.5:
            self.steps.append(("wait", seconds - 0.5))
        self.ask("hit", fields)
        self.steps.append(("wait", 1))
        if then in ("stale", "error"):
            self.ask("stale" if then == "stale" else "asked", fields, "failure",
                     status=503 if then == "error" else None)
        else:
            self.ask("refreshing" if then else "asked", fields, "answer")

    def ask(self, outcome, fields, reply=None, status=None):
        """One exchange."""
        row = self.row
        exchange = Exchange(
            self.line, target=row.target, fields=list(fields), outcome=outcome,
            status=status or row.status)
        if reply == "answer":
            exchange.answers = [Answer(status=row.status, fields=row.fields, body=row.body)]
        elif reply == "not modified":
            exchange.answers = [Answer(status=304, fields=row.fields)]
        elif reply == "failure":
            exchange.answers = [Answer(status=503)]
        self.steps.append(("exchange", exchange))


def read_all():
    """All cases, by file name."""
    return [case for path in sorted(FOLDER.glob("*.cases"))
            for case in Reader(path.name).read(path.read_text())]
