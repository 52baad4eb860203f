"""Stop a night that looks wrong: removals and changes beyond the ordinary wait for a person.

While they wait, nothing new is posted for a person within a day of one that waits: a platform that was re-keyed shows
every service gone and new at once, and a guard that lets additions through would credit the city twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

from domain.actions import Correct, Disposition, Hold, Plan, PlanLine, Post, Reverse
from domain.conflicts import Conflict, ConflictKind
from domain.records import RecordKey
from domain.services import Booking
from sync.bounds import CHANGES_MIN, CHANGES_PERCENT, REMOVAL_SECONDS_MAX, REMOVALS_MIN, REMOVALS_PERCENT

Place = tuple[str, str]
"""A platform and a station."""

LOOKED_AT = 5
SECONDS_OF_A_HUNDREDTH = 36
REMOVAL_STEP_SECONDS = REMOVAL_SECONDS_MAX // REMOVALS_MIN


class Taken(NamedTuple):
    """One service that a run would take from the book or book otherwise: what stands, by which record.

    ``conflict`` is the id of the ``vanished`` that tells of it where it is only held, else "".
    """

    seconds: int
    record: RecordKey
    conflict: str = ""


@dataclass(slots=True)
class Survey:
    """What a run would take from the book, per platform and station, before anything is booked."""

    removals: defaultdict[Place, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    changes: defaultdict[Place, list[Taken]] = field(default_factory=lambda: defaultdict(list))

    def count(self, line: PlanLine) -> None:
        """Count one plan line in."""
        stood = _stood(line)
        if stood is None:
            return
        if isinstance(line.action, Correct):
            self.changes[stood.place].append(Taken(stood.booking.seconds, stood.record))
        elif _removes(line):
            told = [one.conflict_id for one in line.conflicts if one.kind is ConflictKind.VANISHED]
            self.removals[stood.place].append(Taken(stood.booking.seconds, stood.record, told[0] if told else ""))

    @property
    def is_quiet(self) -> bool:
        """Say whether the run takes and changes nothing that could be too much."""
        return all(
            len(taken) <= REMOVALS_MIN and _seconds(taken) <= REMOVAL_SECONDS_MAX for taken in self.removals.values()
        ) and all(len(taken) <= CHANGES_MIN for taken in self.changes.values())

    def vanished(self) -> set[str]:
        """Give the conflicts of what is only held because a sweep no longer showed it."""
        return {one.conflict for taken in self.removals.values() for one in taken if one.conflict}

    def leave_out(self, told: Collection[str], standing: Collection[Place]) -> None:
        """Leave out what vanished on an earlier night and was told then, save where a stop stands for it."""
        for place in self.removals.keys() - set(standing):
            self.removals[place] = [one for one in self.removals[place] if one.conflict not in told]

    def taken_seconds(self, place: Place) -> int:
        """Give how much of the book the run would take back there, also where it is booked otherwise at once."""
        return _seconds(self.removals[place]) + _seconds(self.changes[place])

    def stops(self, booked: Mapping[Place, Figures], *, are_changes_meant: bool = False) -> dict[Place, Conflict]:
        """Give the conflict of each platform and station whose figures a person must see; ``booked`` is what stands.

        ``are_changes_meant``: a person has just put another rule set in force, and corrections are what it is for.
        """
        found: dict[Place, Conflict] = {}
        for place in sorted(self.removals.keys() | self.changes.keys()):
            stands = booked.get(place, Figures(0, 0))
            removals, changes = self.removals[place], self.changes[place]
            too_many = len(removals) > max(REMOVALS_MIN, stands.services * REMOVALS_PERCENT // 100)
            if too_many or _seconds(removals) > REMOVAL_SECONDS_MAX:
                found[place] = self._conflict(place, stands, "removals_many", removals)
            elif not are_changes_meant and len(changes) > max(CHANGES_MIN, stands.services * CHANGES_PERCENT // 100):
                found[place] = self._conflict(place, stands, "changes_many", changes)
        return found

    def _conflict(self, place: Place, stands: Figures, reason: str, taken: list[Taken]) -> Conflict:
        figures = {
            "count": len(taken),
            "removed_seconds": _seconds(self.removals[place]),
            "booked": stands.services,
            "booked_seconds": stands.seconds,
            "share": len(taken) * 100 // stands.services if stands.services else 100,
        }
        return stop(place, reason, figures, self.taken_seconds(place), sorted(one.record for one in taken))


class Figures(NamedTuple):
    """How many services stand booked somewhere, and how much they come to."""

    services: int
    seconds: int


def stop(
    place: Place, reason: str, figures: Mapping[str, int], taken_seconds: int, looked_at: Iterable[RecordKey] = ()
) -> Conflict:
    """Make the conflict of one safety stop; the first of the records stand with it, to be looked at.

    ``figures`` fill its sentence. Its evidence is how large the case is, roughly: one that has doubled is another.
    """
    platform, station = place
    size = max(figures["count"], taken_seconds // REMOVAL_STEP_SECONDS).bit_length()
    ceiling = -(-taken_seconds // SECONDS_OF_A_HUNDREDTH) * SECONDS_OF_A_HUNDREDTH  # as shown, it must be enough
    shown = (("platform", platform), ("taken_seconds", str(ceiling)))
    return Conflict(
        kind=ConflictKind.GUARD,
        about=f"guard/{platform}/{station}",
        is_blocking=True,
        person=None,
        identity=None,
        station=station,
        service_date=None,
        records=tuple(looked_at)[:LOOKED_AT],
        seconds_at_stake=taken_seconds,
        cause=f"guard/{platform}",
        evidence=(reason, f"size={size}"),
        reason=reason,
        details=(*shown, *((name, str(figure)) for name, figure in figures.items())),
    )


def beyond(found: Conflict, ceiling_seconds: int, decision: int) -> Conflict:
    """Give the stop of a case that has grown beyond what was released: another one, to be judged anew."""
    return replace(
        found,
        reason="beyond_release",
        evidence=(*found.evidence, f"beyond={decision}"),
        details=(*found.details, ("ceiling_seconds", str(ceiling_seconds))),
    )


def _seconds(taken: Iterable[Taken]) -> int:
    return sum(one.seconds for one in taken)


class _Stood(NamedTuple):
    """What stands booked for a line's service, by which record, and where its removal or change counts."""

    place: Place
    booking: Booking
    record: RecordKey


def _stood(line: PlanLine) -> _Stood | None:
    standing = line.standing
    if standing is None or standing.booking is None or standing.record is None:
        return None
    return _Stood((standing.record.platform, standing.booking.station), standing.booking, standing.record)


def place_of(line: PlanLine) -> Place | None:
    """Give the platform and station that a line's removal or change counts against."""
    stood = _stood(line)
    return None if stood is None else stood.place


def _removes(line: PlanLine) -> bool:
    """Say whether a line takes a service from the book, or holds one that a sweep no longer showed."""
    return isinstance(line.action, Reverse) or (isinstance(line.action, Hold) and line.reason == "vanished")


def _takes(line: PlanLine) -> bool:
    return _removes(line) or isinstance(line.action, Correct)


def held_back(plan: Plan, stopped: Collection[Place], today: date, doubted: Collection[Place] = ()) -> Plan:
    """Give the plan with everything that a safety stop keeps waiting turned into a hold, to be planned anew at once.

    Nothing new is posted for a person within a day of what waits. Where a platform suddenly showed far fewer rows
    (``doubted``), nobody knows which of its services are gone: there everything booked by it waits.
    """
    waiting = [line for line in plan.lines if place_of(line) in (stopped if _takes(line) else doubted)]
    if not waiting:
        return plan
    near = {
        (booking.person, booking.service_date + timedelta(days=apart))
        for line in waiting
        for booking in _bookings(line)
        for apart in (-1, 0, 1)
    }
    held = {line.service.service_id for line in waiting if _takes(line)} | {
        line.service.service_id
        for line in plan.lines
        if isinstance(line.action, Post) and (line.action.booking.person, line.action.booking.service_date) in near
    }
    if not held:
        return plan
    lines = tuple(
        replace(line, action=Hold(), reason="guard")
        if line.service.service_id in held and not isinstance(line.action, Hold)
        else line
        for line in plan.lines
    )
    kept = {
        c.key: Disposition.IN_CONFLICT for line in lines if line.service.service_id in held for c in line.service.claims
    }
    return replace(plan, lines=lines, dispositions=plan.dispositions | kept, due_on=today)


def under_release(plan: Plan, released: Mapping[Place, int]) -> Plan:
    """Give the plan whose lines that a release lets through name its decision; ``released`` has its number."""
    if not released:
        return plan
    return replace(plan, lines=tuple(_released(line, released) for line in plan.lines))


def _released(line: PlanLine, released: Mapping[Place, int]) -> PlanLine:
    place = place_of(line)
    if place is None or place not in released or line.decision is not None or not _moves(line):
        return line
    return replace(line, decision=released[place])


def _moves(line: PlanLine) -> bool:
    return isinstance(line.action, Reverse | Correct)


def _bookings(line: PlanLine) -> Iterator[Booking]:
    stood = _stood(line)
    if stood is not None:
        yield stood.booking
    if isinstance(line.action, Correct):
        yield line.action.booking
