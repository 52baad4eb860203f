"""A service as the bridge sees it: what its platforms still show, what is booked, what should stand and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from desk.bridge.worth import Worth
from domain.actions import Disposition
from domain.conflicts import ConflictState
from domain.records import RecordState
from local_store.bridge_rows import Told, Whose
from local_store.grounds import Case, Grounds
from mapping.rules import RuleSet

BOOKED, WORTHLESS = Disposition.BOOKED.value, Disposition.OUT_OF_SCOPE.value
EFFECTIVE, PENDING, WITHDRAWN = RecordState.EFFECTIVE.value, RecordState.PENDING.value, RecordState.WITHDRAWN.value
DECIDED = ConflictState.DECIDED.value


class Place(NamedTuple):
    """Where something counts in the bridge."""

    station: str
    person: int | None
    month: str


class Visit(NamedTuple):
    """One service: all its records in key order, those that their platforms still show, what is booked and where.

    ``way`` is where its effective records are once it is settled: what is not booked then is worth nothing.
    """

    told: Sequence[Told]
    shown: Sequence[Told]
    booked_at: Place
    booked_seconds: int
    cases: Sequence[Case]
    is_settled: bool
    way: str

    @property
    def service_id(self) -> str:
        """Give the service's id."""
        return self.told[0].service_id


class Ruling(NamedTuple):
    """What should stand for a settled service: ``due_seconds``, by the rules or by a decision.

    ``speaking`` are its members, one a platform; ``word`` is the one whose word counts.
    """

    speaking: dict[str, Told]
    word: Told | None
    due_seconds: int
    by_decision: bool
    is_special: bool


class Visits:
    """Lays services out for the bridge."""

    def __init__(self, rules: RuleSet, grounds: Grounds, whose: Mapping[int, Whose]) -> None:
        """Keep what all of them rest on."""
        self.worth = Worth(rules)
        self._cases = grounds.cases
        self._decided = grounds.decided
        self._merged = grounds.merged
        self._whose = whose

    def visit(self, told: list[Told]) -> Visit:
        """Lay out one service."""
        if len(told) > 1:
            told.sort(key=_key)
        first, cases, whose = told[0], self._cases, self._whose
        return Visit(
            told,
            [one for one in told if is_shown(one)],
            self.booked_at(first),
            first.booked_seconds or 0,
            [case for one in told if one.record in cases for case in cases[one.record]],
            all(whose[one.identity].is_settled for one in told),
            BOOKED if first.booked_seconds else WORTHLESS,
        )

    def ruling(self, visit: Visit) -> Ruling:
        """Find what should stand by the rules or, where the book says otherwise, by a decision that says just that."""
        speaking: dict[str, Told] = {}
        is_special = False
        for one in visit.shown:
            if one.state == EFFECTIVE and one.disposition == visit.way and one.platform not in speaking:
                speaking[one.platform] = one
                is_special = is_special or one.is_special
        word = self.worth.deciding(speaking)
        due = 0 if word is None else self.worth.credit(word, is_special=is_special)
        booked = visit.booked_seconds
        by_decision = booked != due and booked in self._decided_figures(visit, is_special=is_special)
        return Ruling(speaking, word, booked if by_decision else due, by_decision, is_special)

    def is_decided(self, visit: Visit, ruling: Ruling) -> bool:
        """Say whether any decision that stands had a part in what is booked."""
        is_named = ruling.by_decision or visit.service_id in self._decided
        return is_named or any(case.state == DECIDED for case in visit.cases)

    def booked_at(self, one: Told) -> Place:
        """Give where the booking of a record's service counts."""
        person, day = one.booked_person, one.booked_date or ""
        return Place(one.booked_station or "", person and self._merged.get(person, person), day[:7])

    def place(self, one: Told) -> Place:
        """Give where a record counts."""
        return Place(one.station, self._whose[one.identity].person, one.service_date[:7])

    def _decided_figures(self, visit: Visit, *, is_special: bool) -> set[int]:
        """Give every figure that a decision which stands makes of a service, also while its conflict is asked again."""
        named = self._decided.get(visit.service_id)
        cases = [case for case in visit.cases if case.decision]
        figures: set[int] = set()
        for case in [*cases, *([named] if named else [])]:
            figures |= self.worth.decided(case, visit.told, is_special=is_special)
        return figures


def is_shown(one: Told) -> bool:
    """Say whether a platform still shows a record and has not withdrawn it: only then does it report its hours."""
    return one.state != WITHDRAWN and not one.is_gone


def _key(one: Told) -> tuple[str, str, str]:
    return one.platform, one.external_id, one.stream
