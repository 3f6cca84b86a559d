"""What is wrong with a case that was played, for 60-cases.py."""

from case_fields import complaint, parts, value, words

# Rows ask half a second before a lifetime ends and half a second behind it. What is late by less
# than this leaves 0.2 s of that to the pauses that the runner makes itself.
LATE_MAX = 0.3


class Verdict:
    """Compares what viewers and the origin of one case saw with what its lines say.

    `late` is how far behind its plan the case was when what is looked at happened. Whatever was
    wrong by then may be the machine's fault: a case is void if nothing was wrong before.
    """

    def __init__(self, case, origin):
        self.case, self.origin = case, origin
        self.complaints, self.late, self.is_certain = [], 0, False

    @property
    def is_void(self):
        """Whether it went wrong, but only when it was late."""
        return bool(self.complaints) and not self.is_certain

    def complain(self, line, text):
        """Notes what is wrong."""
        self.complaints.append(f"{self.case.file}:{line}: {text}")
        self.is_certain = self.is_certain or self.late <= LATE_MAX

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
