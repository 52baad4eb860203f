"""What nobody could tell from the rows alone: visits whose rows would read the same had something else happened.

Where Guangxi's staff type no times, a visit that stands on one platform alone, a day beside another that stands alone
on the other one, reads as one visit with its day mistyped; and a row with its day mistyped may read as that day's own
visit, saved twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bench.visits import Told, Visit

_UNREADABLE = {"honour", "broken_card"}
_STANDING = {"0", "2", "VALID"}
_NATIONAL, _GUANGXI = frozenset({"national"}), frozenset({"guangxi"})


def mark_doubtful(visits: Sequence[Visit], national: Iterable[Told], guangxi: Iterable[Told]) -> None:
    """Mark the visits of a town without times that nobody could tell."""
    platforms: dict[int, set[str]] = defaultdict(set)
    for name, rows in (("national", national), ("guangxi", guangxi)):
        for row in rows:
            if row.state in _STANDING and row.figure is not None and row.flaw not in _UNREADABLE:
                platforms[row.visit].add(name)
    days: dict[tuple[int, int], list[Visit]] = defaultdict(list)
    for visit in visits:
        days[visit.person, visit.day].append(visit)
    for visit in visits:
        for other in days.get((visit.person, visit.day + 1), ()):
            is_alone = {frozenset(platforms[visit.number]), frozenset(platforms[other.number])} == {_NATIONAL, _GUANGXI}
            reads_alike = _says(visit) == _says(other) or other.case == "ambiguous"
            if _reads_as_one(visit, other) if is_alone else visit.case == "date_differs" and reads_alike:
                visit.is_doubtful = other.is_doubtful = True


def _reads_as_one(visit: Visit, other: Visit) -> bool:
    return (visit.station, *_says(visit)[1:]) == (other.station, *_says(other)[1:])


def _says(visit: Visit) -> tuple[int, int, int]:
    """Give what a row without times says of a visit beside its day: its project, its kind, its half hours."""
    return visit.project, visit.kind, visit.minutes // 30
