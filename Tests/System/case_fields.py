"""What the fields and the body of a head must say, for 60-cases.py."""

import re


def value(name, head):
    """All lines of a field, joined by commas; `None` where there is none."""
    lines = [line.split(":", 1) for line in head.split("\r\n")[1:] if ":" in line]
    values = [pair[1].strip() for pair in lines if pair[0].lower() == name.lower()]
    return ", ".join(values) if values else None


def matches(found, wanted):
    """Whether a member is as wanted; real seconds make `ttl` a little less."""
    if found == wanted:
        return True
    left, right = re.fullmatch(r"ttl=(-?\d+)", found), re.fullmatch(r"ttl=(-?\d+)", wanted)
    return bool(left and right) and int(right[1]) - 3 <= int(left[1]) <= int(right[1])


def words(text):
    """The members and parameters of a value."""
    return [word.strip() for word in re.split(r"[,;]", text) if word.strip()]


def complaint(demand, head):
    """What is wrong with a field, if anything is."""
    name, test, wanted, _ = demand
    found = value(name, head)
    if test == "absent":
        return found is not None and f"{name} is there: {found}"
    if test == "lacks":
        return found is not None and wanted in words(found) and f"{name} has {wanted}: {found}"
    if found is None:
        return f"{name} is missing"
    if test == "present" or (test == "equals" and found == wanted):
        return None
    if test == "has":
        return not any(matches(word, wanted) for word in words(found)) and (
            f"{name} has no {wanted}: {found}")
    if name.lower() == "age" and wanted.isdigit() and found.isdigit():
        if int(wanted) <= int(found) <= int(wanted) + 2:
            return None
    if name.lower() == "cache-status":
        left, right = words(found), words(wanted)
        if len(left) == len(right) and all(map(matches, left, right)):
            return None
    return f"{name} is {found}, not {wanted}"


def parts(body):
    """The ranges of a multipart/byteranges body."""
    text = body.decode("utf-8", "replace")
    boundary = next((line for line in text.split("\r\n") if line.startswith("--")), None)
    found = []
    for piece in ("\r\n" + text).split("\r\n" + (boundary or "--")):
        if piece.startswith("\r\n") and "\r\n\r\n" in piece:
            head, _, content = piece.partition("\r\n\r\n")
            found.append((value("Content-Range", head) or "", content))
    return found
