"""Stop a night that looks wrong: removals and changes beyond the ordinary wait for a person.

While they wait, nothing new is posted for a person within a day of one that waits: a platform that was re-keyed shows
every service gone and new at once, and a guard that lets additions through would credit the city twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from domain.actions import Correct, Disposition, Hold, Plan, PlanLine, Post, Reverse
from domain.conflicts import Conflict, ConflictKind
from domain.services import Booking
from sync.bounds import CHANGES_MIN, CHANGES_PERCENT, REMOVAL_SECONDS_MAX, REMOVALS_MIN, REMOVALS_PERCENT

Place = tuple[str, str]


@dataclass(slots=True)
class Survey:
    """What a run would take from the book, counted per platform and station before anything is booked."""

    removals: Counter[Place] = field(default_factory=Counter)
    removal_seconds: Counter[Place] = field(default_factory=Counter)
    changes: Counter[Place] = field(default_factory=Counter)

    def count(self, line: PlanLine) -> None:
        """Count one plan line in."""
        place = place_of(line)
        if place is None or line.standing is None or line.standing.booking is None:
            return
        if _removes(line):
            self.removals[place] += 1
            self.removal_seconds[place] += line.standing.booking.seconds
        elif isinstance(line.action, Correct):
            self.changes[place] += 1

    @property
    def is_quiet(self) -> bool:
        """Say whether the run takes and changes nothing that could be too much."""
        return all(count <= REMOVALS_MIN for count in self.removals.values()) and (
            all(seconds <= REMOVAL_SECONDS_MAX for seconds in self.removal_seconds.values())
            and all(count <= CHANGES_MIN for count in self.changes.values())
        )

    def stops(self, booked: Mapping[Place, int], *, are_changes_meant: bool = False) -> dict[Place, Conflict]:
        """Give the conflict of each platform and station whose figures a person must see; ``booked`` is what stands.

        ``are_changes_meant``: a person has just put another rule set in force, and corrections are what it is for.
        """
        found: dict[Place, Conflict] = {}
        for place in sorted(self.removals | self.changes):
            stands = booked.get(place, 0)
            too_many = self.removals[place] > max(REMOVALS_MIN, stands * REMOVALS_PERCENT // 100)
            if too_many or self.removal_seconds[place] > REMOVAL_SECONDS_MAX:
                found[place] = self._conflict(place, stands, "removals_many")
            elif not are_changes_meant and self.changes[place] > max(CHANGES_MIN, stands * CHANGES_PERCENT // 100):
                found[place] = self._conflict(place, stands, "changes_many")
        return found

    def _conflict(self, place: Place, stands: int, reason: str) -> Conflict:
        count = self.removals[place] if reason == "removals_many" else self.changes[place]
        figures = (
            ("count", str(count)), ("removed_seconds", str(self.removal_seconds[place])), ("booked", str(stands)),
        )  # fmt: skip
        return stop(place, reason, figures, self.removal_seconds[place])


def stop(place: Place, reason: str, figures: tuple[tuple[str, str], ...], seconds: int = 0) -> Conflict:
    """Make the conflict of one safety stop; ``figures`` are its evidence and fill its sentence."""
    platform, station = place
    return Conflict(
        kind=ConflictKind.GUARD,
        about=f"guard/{platform}/{station}",
        is_blocking=True,
        person=None,
        identity=None,
        station=station,
        service_date=None,
        records=(),
        seconds_at_stake=seconds,
        cause=f"guard/{platform}",
        evidence=(reason, *(f"{name}={figure}" for name, figure in figures)),
        reason=reason,
        details=(("platform", platform), *figures),
    )


def place_of(line: PlanLine) -> Place | None:
    """Give the platform and station that a line's removal or change counts against."""
    standing = line.standing
    if standing is None or standing.booking is None or standing.record is None:
        return None
    return (standing.record.platform, standing.booking.station)


def _removes(line: PlanLine) -> bool:
    """Say whether a line takes a service from the book, or holds one that a sweep no longer showed."""
    return isinstance(line.action, Reverse) or (isinstance(line.action, Hold) and line.reason == "vanished")


def _takes(line: PlanLine) -> bool:
    return _removes(line) or isinstance(line.action, Correct)


def held_back(plan: Plan, stopped: Iterable[Place], today: date) -> Plan:
    """Give the plan with everything that a safety stop keeps waiting turned into a hold, to be planned anew at once."""
    places = set(stopped)
    waiting = [line for line in plan.lines if _takes(line) and place_of(line) in places]
    if not waiting:
        return plan
    near = {
        (booking.person, booking.service_date + timedelta(days=apart))
        for line in waiting
        for booking in _bookings(line)
        for apart in (-1, 0, 1)
    }
    held = {line.service.service_id for line in waiting} | {
        line.service.service_id
        for line in plan.lines
        if isinstance(line.action, Post) and (line.action.booking.person, line.action.booking.service_date) in near
    }
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


def _bookings(line: PlanLine) -> list[Booking]:
    standing = line.standing
    booked = [standing.booking] if standing is not None and standing.booking is not None else []
    return [*booked, line.action.booking] if isinstance(line.action, Correct) else [*booked]
