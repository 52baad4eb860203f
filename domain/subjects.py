"""A subject: the unit of planning, one person with everything that is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from domain.claims import Claim
from domain.conflicts import Decision, PairBinding
from domain.people import Person, PersonBinding
from domain.records import RecordKey
from domain.services import Standing


@dataclass(frozen=True, slots=True)
class Subject:
    """The facts about one person, or about somebody unknown, or about persons joined by a reference or a decision.

    ``people`` maps an identity to the roster's person, where there is one. ``membership`` remembers which service a
    record belonged to; ``foreign_services`` are remembered ids that another subject owns (the subject of the booked
    record, else of the least record key). ``strays`` are what the book holds for these people by records that another
    subject has now (the platform has put another person there). ``owed`` is each person's deficit in seconds.
    ``stands_for`` lists the numbers of all subjects that a reference or a decision joined into this one.
    ``outside_by`` names the decision that put each identity or activity outside. ``revision`` rises with every change
    of any of it.
    """

    number: int
    revision: int
    claims: tuple[Claim, ...]
    people: dict[int, Person] = field(default_factory=dict)
    standings: tuple[Standing, ...] = ()
    membership: dict[RecordKey, str] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    pairs: tuple[PairBinding, ...] = ()
    person_bindings: tuple[PersonBinding, ...] = ()
    outside_identities: frozenset[int] = frozenset()
    outside_activities: frozenset[tuple[str, str]] = frozenset()
    foreign_services: frozenset[str] = frozenset()
    strays: tuple[Standing, ...] = ()
    owed: dict[int, int] = field(default_factory=dict)
    stands_for: tuple[int, ...] = ()
    outside_by: dict[int | tuple[str, str], int] = field(default_factory=dict)

    def person_of(self, claim: Claim) -> Person | None:
        """Give the person of the roster that a claim speaks of: as a decision bound its name, else by its identity."""
        bound = self._bound_person(claim) if self.person_bindings else None
        if bound is None:
            return self.people.get(claim.identity)
        return next((person for person in self.people.values() if person.number == bound), None)

    def _bound_person(self, claim: Claim) -> int | None:
        """Give whom a decision has bound this identity to under this name; what was said last stands."""
        said = (claim.identity, claim.name_token)
        return next((b.person for b in reversed(self.person_bindings) if (b.identity, b.name_token) == said), None)

    def is_name_bound(self, claim: Claim) -> bool:
        """Say whether a decision has said who this identity is under this name."""
        return self._bound_person(claim) is not None


@dataclass(frozen=True, slots=True)
class CoveredThrough:
    """Up to which day, without a gap, each platform has been read (已核对至), per organisation.

    ``days`` maps (platform, organisation) to the last day wholly covered.
    """

    days: dict[tuple[str, str], date]

    def through(self, platform: str, organisations: tuple[str, ...]) -> date | None:
        """Give the last day on which all of these organisations were read, or None where one never was."""
        days = [self.days.get((platform, organisation)) for organisation in organisations]
        known = [day for day in days if day is not None]
        return min(known) if known and len(known) == len(days) else None
