"""Reads the case tables of Tests/Cases: Tests/Cases/README.md has the format.

The same files are read by Tests/CaseKit for virtual time; here they become steps in real seconds.
"""

import pathlib
import re
from dataclasses import dataclass, field, replace

from case_rows import OUTCOMES, Answer, Exchange, Row, RowSteps, duration, is_field, unescaped

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Cases"


class CaseError(Exception):
    """A mistake in a case file."""


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
        elif text.startswith("first "):
            row.first = row.first + [unescaped(text[6:])]
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


def read_all():
    """All cases, by file name."""
    return [case for path in sorted(FOLDER.glob("*.cases"))
            for case in Reader(path.name).read(path.read_text())]
