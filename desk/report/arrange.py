"""Putting conflicts in the order in which they are worked off: what is urgent, then causes, then stations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from desk.report.values import ReportConflict, ReportData, StationState
from domain.clock import day_in_shanghai
from domain.conflicts import ConflictKind, ConflictState

K = TypeVar("K")
_SATURDAY = 5
_KINDS = tuple(ConflictKind)
_SOLVED_AT_ONCE = frozenset({ConflictKind.UNMAPPED, ConflictKind.INELIGIBLE})
_TODAY = frozenset({ConflictKind.UNKNOWN_OUTCOME, ConflictKind.GUARD})
# Notes that block nothing, yet nobody but a person can bring to an end.
_ASKING_NOTES = frozenset({
    ConflictKind.UNKNOWN_OUTCOME, ConflictKind.REFUSED_BY_PLATFORM, ConflictKind.BALANCE_SHORT, ConflictKind.CONTRACT,
})  # fmt: skip
_UNSETTLED = frozenset({ConflictState.OPEN, ConflictState.PROPOSED, ConflictState.RETURNED})


@dataclass(frozen=True, slots=True)
class Cause:
    """Conflicts of one kind; ``is_one_act`` where one act solves them all and nobody need judge them one by one.

    ``what``, ``who`` and ``station`` are what all of them share, else "".
    """

    kind: ConflictKind
    conflicts: tuple[ReportConflict, ...]
    is_one_act: bool
    what: str
    who: str
    station: str

    @property
    def seconds(self) -> int:
        """Give the seconds at stake."""
        return seconds_at_stake(self.conflicts)


@dataclass(frozen=True, slots=True)
class StationLine:
    """One station's line of the table; ``oldest_days`` are working days."""

    code: str
    name: str
    count: int
    seconds: int
    oldest_days: int
    returned_count: int
    consents_missing_count: int


def is_unsettled(conflict: ReportConflict) -> bool:
    """Say whether somebody still has to do something about it, here or at the station."""
    return conflict.state in _UNSETTLED


def asks_for_act(conflict: ReportConflict) -> bool:
    """Say whether it is more than a note: it holds a booking, or only a person can end it."""
    return conflict.is_blocking or conflict.kind in _ASKING_NOTES


def is_back(conflict: ReportConflict, today: date) -> bool:
    """Say whether it is back at the station; where that has not answered by its day, it is not any more."""
    until = conflict.asked_until
    return conflict.state is ConflictState.RETURNED and (until is None or today <= until)


def is_to_do(conflict: ReportConflict, today: date) -> bool:
    """Say whether it waits for the operator; one sent back waits for the station until its day."""
    return is_unsettled(conflict) and asks_for_act(conflict) and not is_back(conflict, today)


def is_for_today(conflict: ReportConflict, today: date) -> bool:
    """Say whether it cannot wait: a second entry would double an hour, or the book stands still."""
    return is_to_do(conflict, today) and conflict.kind in _TODAY


def is_note(conflict: ReportConflict) -> bool:
    """Say whether it is there for information only."""
    return is_unsettled(conflict) and not asks_for_act(conflict)


def seconds_at_stake(conflicts: Iterable[ReportConflict]) -> int:
    """Sum the seconds at stake."""
    return sum(conflict.seconds_at_stake for conflict in conflicts)


def causes(conflicts: Iterable[ReportConflict]) -> tuple[Cause, ...]:
    """Group conflicts by what would solve them, the largest group first.

    A project without category, or a person without licence, is a group of its own where several conflicts wait for
    it; all others of a kind stand together, for each must be judged by itself.
    """
    groups: dict[tuple[ConflictKind, str], list[ReportConflict]] = defaultdict(list)
    for (kind, cause), members in _grouped(conflicts, lambda one: (one.kind, one.cause)).items():
        is_one_act = kind in _SOLVED_AT_ONCE and cause and len(members) > 1
        groups[kind, cause if is_one_act else ""] += members
    found = [_cause(kind, members, is_one_act=bool(cause)) for (kind, cause), members in groups.items()]
    return tuple(sorted(found, key=_rank))


def station_lines(data: ReportData) -> tuple[StationLine, ...]:
    """Give one line per station, the bank's first, then any that only a conflict names."""
    by_station = _grouped(filter(is_unsettled, data.conflicts), lambda one: one.station)
    return tuple(_line(data, station, by_station.get(station.code, [])) for station in stations(data))


def stations(data: ReportData) -> tuple[StationState, ...]:
    """Give all stations that the report speaks of; the one without code stands for none."""
    known = {station.code: station for station in data.stations}
    for conflict in filter(is_unsettled, data.conflicts):
        known.setdefault(conflict.station, StationState(conflict.station, conflict.station_name))
    return tuple(known.values())


def in_working_order(conflicts: Iterable[ReportConflict]) -> tuple[ReportConflict, ...]:
    """Give conflicts by cause, then by name, then by day."""
    return tuple(conflict for cause in causes(conflicts) for conflict in cause.conflicts)


def working_days(since: date, until: date) -> int:
    """Count the days from Monday to Friday after ``since`` up to and with ``until``; holidays are not known here."""
    days = (since + timedelta(days=step) for step in range(1, (until - since).days + 1))
    return sum(day.weekday() < _SATURDAY for day in days)


def _line(data: ReportData, station: StationState, conflicts: list[ReportConflict]) -> StationLine:
    today = day_in_shanghai(data.generated_at)
    waiting = [conflict for conflict in conflicts if is_to_do(conflict, today)]
    return StationLine(
        code=station.code,
        name=station.name,
        count=len(waiting),
        seconds=seconds_at_stake(waiting),
        oldest_days=max((working_days(conflict.since, today) for conflict in waiting), default=0),
        returned_count=sum(is_back(conflict, today) for conflict in conflicts),
        consents_missing_count=station.consents_missing_count,
    )


def _cause(kind: ConflictKind, members: list[ReportConflict], *, is_one_act: bool) -> Cause:
    ordered = sorted(
        members, key=lambda one: (one.person_masked, one.local_number, str(one.service_date), one.conflict_id)
    )
    return Cause(
        kind=kind,
        conflicts=tuple(ordered),
        is_one_act=is_one_act,
        what=_shared(one.what for one in members),
        who=_shared(f"{one.person_masked} {one.local_number}".strip() for one in members),
        station=_shared(one.station_name for one in members),
    )


def _rank(cause: Cause) -> tuple[int, int, int, str]:
    return -len(cause.conflicts), -cause.seconds, _KINDS.index(cause.kind), cause.what


def _shared(values: Iterable[str]) -> str:
    different = set(values)
    return different.pop() if len(different) == 1 else ""


def _grouped(conflicts: Iterable[ReportConflict], key: Callable[[ReportConflict], K]) -> dict[K, list[ReportConflict]]:
    groups: dict[K, list[ReportConflict]] = defaultdict(list)
    for conflict in conflicts:
        groups[key(conflict)].append(conflict)
    return groups
