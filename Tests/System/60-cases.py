"""The case tables of Tests/Cases against the release binary, in real seconds, many at once.

Cases that wait for more than four seconds are left to virtual time. SPILLWAY_CASE chooses those
whose place or sentence contains it; SPILLWAY_PENDING=1 runs the pending ones as well.

A slow machine asks too late. A case that went wrong while it was behind its plan is void and is
played again in a further round, at a new node and in less company; one that went wrong on time has
failed. Who is still late in the last round fails, and is told why.
"""

import asyncio
import os
import sys

from case_file import read_all
from case_player import Player
from case_verdict import LATE_MAX
from lab import Node

WAITING_MAX = 4
# How many cases play at once in each round. The first is as fast as an idle machine allows; a
# machine that is late with three at a time is of no use for real seconds.
ROUNDS = (100, 30, 10, 3)


def chosen(case):
    """Whether a case runs here and now."""
    asked = os.environ.get("SPILLWAY_CASE", "")
    if asked not in f"{case.file}:{case.line}" and asked not in case.sentence:
        return False
    if case.pending is not None and "SPILLWAY_PENDING" not in os.environ:
        return False
    return not case.is_virtual and case.waiting <= WAITING_MAX


async def play_all(players, together):
    """Plays all cases, so many at a time."""
    gate = asyncio.Semaphore(together)

    async def play(player):
        async with gate:
            await player.play()

    await asyncio.gather(*[play(player) for player in players])


def play_round(cases, together):
    """Plays all cases at a node of their own."""
    players = [Player(case, index) for index, case in enumerate(cases)]
    lines = [line for player in players for line in player.configuration()]
    with Node("127.0.0.1:9", lines=lines) as node:
        for player in players:
            player.node = node
        asyncio.run(play_all(players, together))
    return players


def main():
    """Runs the chosen cases and prints a line per failure."""
    cases = left = [case for case in read_all() if chosen(case)]
    failed = []
    for together in ROUNDS:
        players = play_round(left, together) if left else []
        failed += [player for player in players if player.verdict.is_certain]
        void = [player for player in players if player.verdict.is_void]
        left = [player.case for player in void]
        if left:
            latest = max(player.schedule.late for player in void)
            print(f"{len(left)} of {len(players)} cases are void: the machine was late, by up to "
                  f"{latest:.2f} s, with {together} at a time")
    for player in failed + void:
        for text in player.verdict.complaints:
            print(text)
        print(f"  {player.case.sentence} [{player.case.section}]")
        if player.verdict.is_void:
            print(f"  the machine was too slow: {player.schedule.late:.2f} s behind the plan in "
                  f"the last of {len(ROUNDS)} rounds, where {LATE_MAX} s are allowed")
    bad = len(failed) + len(void)
    print(f"{len(cases) - bad} cases hold, {bad} do not")
    sys.exit(1 if bad or not cases else 0)


if __name__ == "__main__":
    main()
