"""How much of the book decisions would move: found by planning with them, before anything is booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from domain.actions import Correct, PlanLine, Post, Reverse
from local_store import decisions
from local_store.transaction import Tx
from sync.apply import Applier, load_once

PORTION = 400


def moved_by(tx: Tx, numbers: Sequence[int], applier: Applier) -> Counter[int]:
    """Give the seconds that each of these decisions, written down already, would take from the book and give to it.

    What a safety stop keeps waiting counts in: it moves as soon as the stop is over, and nobody is asked again then.
    """
    applier = replace(applier, stopped=frozenset(), doubted=frozenset())
    moved: Counter[int] = Counter()
    concerned = decisions.concerned(tx, numbers)
    for start in range(0, len(concerned), PORTION):
        loaded = load_once(tx, concerned[start : start + PORTION], applier.done)
        for planned in applier.plans(tx, loaded):
            for line in planned.lines:
                if line.decision is not None and line.decision in numbers:
                    moved[line.decision] += moved_seconds(line)
    return moved


def moved_seconds(line: PlanLine) -> int:
    """Give what a line takes and gives; what stays with the same person is counted by the difference."""
    before = line.standing.booking if line.standing else None
    match line.action:
        case Post(after) | Correct(after):
            if before is None or before.person != after.person:
                return after.seconds + (before.seconds if before else 0)
            return abs(after.seconds - before.seconds)
        case Reverse():
            return before.seconds if before else 0
        case _:
            return 0
