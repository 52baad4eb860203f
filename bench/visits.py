"""Visits in truth, the rows that tell of them, and where rows are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox.streets import KINDS, MEETINGS, UNNAMED

ALL_KINDS = (*KINDS, MEETINGS, UNNAMED)
RECREATION, TRAINING, PROFESSIONAL, MEETING, NAMELESS = 3, 4, 5, 6, 7
_HALF_HOUR = 30
_FIRST_RECORD = 2**53 + 450_202_000_001


class Told(NamedTuple):
    """A row as a platform holds it; its first two fields are the order in which the platform shows it.

    ``updated`` is in seconds and ``day`` in days after FIRST_DAY, ``start`` and ``end`` in minutes of that day;
    ``figure`` in hundredths of an hour (national) or minutes (guangxi), None where it was left out. ``flaw`` names
    what else is wrong with it; ``carried`` is the national row that a guangxi row was carried over from.
    """

    updated: int
    number: int
    visit: int
    person: int
    station: int
    kind: int
    project: int
    day: int
    start: int
    end: int
    figure: int | None
    state: str
    is_special: bool
    flaw: str = ""
    carried: int = 0


@dataclass(slots=True)
class Visit:
    """One spell of service in truth.

    ``case`` is what became of it on the way, ``label`` the kind of conflict that a person must see ("" for none; with
    `` (note)`` where it holds no booking), ``seconds`` what must stand in the book. Visits of one ``group`` are told
    of in the same words and cannot be told apart; of one that ``is_doubtful`` nobody could say what happened.
    """

    number: int
    person: int
    station: int
    kind: int
    project: int
    day: int
    start: int
    minutes: int
    entered: int
    is_special: bool
    case: str
    group: int
    label: str = ""
    seconds: int = 0
    is_doubtful: bool = False


class Press:
    """Where rows are made: each gets the next number of its platform."""

    def __init__(self, *, has_times: bool) -> None:
        """Start with empty platforms; ``has_times``: guangxi's staff type the times too."""
        self.has_times = has_times
        self.national: list[Told] = []
        self.guangxi: list[Told] = []

    def tell_national(self, visit: Visit, **changes: Any) -> Told:  # noqa: ANN401 - any of its fields
        """Let the national platform hold a visit, with the changes to it."""
        hundredths = (visit.minutes * 10 + 3) // 6  # rounded half up
        row = Told(
            visit.entered, len(self.national) + 1, visit.number, visit.person, visit.station, visit.kind, visit.project,
            visit.day, visit.start, visit.start + visit.minutes, hundredths, "2", visit.is_special,
        )  # fmt: skip
        self.national.append(row._replace(**changes) if changes else row)
        return self.national[-1]

    def tell_guangxi(self, visit: Visit, **changes: Any) -> Told:  # noqa: ANN401 - any of its fields
        """Let the Guangxi platform hold a visit in whole half hours, with the changes to it."""
        row = Told(
            visit.entered + 600, _FIRST_RECORD + 7 * len(self.guangxi), visit.number, visit.person, visit.station,
            visit.kind, visit.project, visit.day, visit.start, visit.start + visit.minutes,
            visit.minutes // _HALF_HOUR * _HALF_HOUR, "VALID", visit.is_special,
        )  # fmt: skip
        self.guangxi.append(row._replace(**changes) if changes else row)
        return self.guangxi[-1]

    def tell_both(self, visit: Visit) -> None:
        """Let both platforms hold a visit."""
        self.tell_national(visit)
        self.tell_guangxi(visit)

    def book(self, visit: Visit, *, by_guangxi: bool = True) -> None:
        """Say in truth that the visit must be booked, by the word of one platform."""
        flat = ALL_KINDS[visit.kind].credits_half_hours * 1800
        if flat and not visit.is_special:
            visit.seconds = flat
        elif by_guangxi and not self.has_times:
            visit.seconds = visit.minutes // _HALF_HOUR * _HALF_HOUR * 60
        else:
            visit.seconds = visit.minutes * 60
