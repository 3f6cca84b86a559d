"""What the case tables of Tests/Cases are made of, and how a row of them is written out."""

import re
import time
from dataclasses import dataclass, field

FIELD = re.compile(r"[A-Za-z0-9-]+:")
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
OUTCOMES = {"hit", "miss", "validated", "asked", "stale", "refreshing", "unasked"}
REAL_WAIT_MAX = 3


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
    first: list = field(default_factory=list)
    status: int = 200
    fields: list = field(default_factory=list)
    body: str | None = None
    again: list = field(default_factory=list)
    wait: float = 0


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


class RowSteps:
    """A row written out: what shows its verdict end to end, in few seconds."""

    def __init__(self, row, verdict, line):
        self.row, self.line, self.steps = row, line, []
        again = row.request + row.again
        words = verdict.split(" ")
        first = row.request + row.first
        if any(line.lower().startswith("vary:") for line in row.fields):
            # A Fill sends no field of its viewer before it knows that the origin looks at it: the
            # first answer that names one may cost a second request.
            self.ask("asked", first, "answer")
            self.steps[-1][1].answers *= 2
        else:
            self.ask("miss", first, "answer")
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
