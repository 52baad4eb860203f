"""What is known of three people, in dictionaries: the store as the planner sees it, for the planner's machine.

Which facts make a subject is said here once more, after the docstrings of ``domain.subjects``, and in no SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from domain.actions import Plan
from domain.claims import Claim
from domain.conflicts import Decision, PairBinding
from domain.people import Person, PersonBinding
from domain.records import RecordKey
from domain.services import Standing
from domain.subjects import CoveredThrough, Subject
from tests.machines.small_book import SmallBook
from tests.planning import RULES, person

IDENTITIES = (1, 2, 3)
Group = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision, whom it concerned, and what it bound for good."""

    decision: Decision
    conflict_id: str
    records: tuple[RecordKey, ...]
    identity: int | None
    person: int | None
    pairs: tuple[PairBinding, ...] = ()
    binding: PersonBinding | None = None
    outside_identity: int | None = None
    outside_activity: tuple[str, str] | None = None


@dataclass(slots=True)
class Facts:
    """Claims, roster, decisions, book and what was remembered; one and two are on the roster, three is not yet."""

    today: date
    through: date
    claims: dict[RecordKey, Claim] = field(default_factory=dict)
    people: dict[int, Person] = field(
        default_factory=lambda: {1: person(101, has_licence=True), 2: person(102, "name-2")}
    )
    judged: list[Judged] = field(default_factory=list)
    membership: dict[RecordKey, str] = field(default_factory=dict)
    book: SmallBook = field(default_factory=SmallBook)

    def copy(self) -> Facts:
        """Give facts that can go another way."""
        return replace(
            self, claims=dict(self.claims), people=dict(self.people), judged=list(self.judged),
            membership=dict(self.membership), book=self.book.copy(),
        )  # fmt: skip

    @property
    def coverage(self) -> CoveredThrough:
        return CoveredThrough({(p, scope): self.through for p in RULES.platforms() for scope in RULES.scopes(p)})

    def groups(self) -> list[Group]:
        """Give which identities are planned as one: joined by a carried-over record or by a decision."""
        whole = {one: {one} for one in IDENTITIES}
        for one, other in self._joins():
            for each in whole[one] | whole[other]:
                whole[each] = whole[one] | whole[other]
        return sorted({tuple(sorted(group)) for group in whole.values()})

    def _joins(self) -> Iterator[tuple[int, int]]:
        for claim in self.claims.values():
            if claim.carried_from in self.claims:
                yield claim.identity, self.claims[claim.carried_from].identity
        for judged in self.judged:
            for pair in judged.pairs:
                if pair.is_same:
                    yield self.claims[pair.first].identity, self.claims[pair.second].identity
            if judged.binding is not None:
                bound = judged.binding
                yield from ((bound.identity, one) for one, p in self.people.items() if p.number == bound.person)

    def subject(self, group: Group) -> Subject:
        """Put together all that is known of a group."""
        claims = tuple(claim for _, claim in sorted(self.claims.items()) if claim.identity in group)
        people = {one: self.people[one] for one in group if one in self.people}
        own = {claim.key for claim in claims}
        standings = tuple(one for _, one in sorted(self.book.standings.items()) if one.record in own)
        concerned = {p.number for p in people.values()} | {one.person for one in standings}
        judged = [one for one in self.judged if self._concerns(one, group, {p.number for p in people.values()})]
        return Subject(
            number=group[0],
            revision=1,
            claims=claims,
            people=people,
            standings=standings,
            membership={key: name for key, name in self.membership.items() if key in own},
            decisions=tuple(one.decision for one in judged),
            pairs=tuple(dict.fromkeys(
                pair for one in self.judged for pair in one.pairs if pair.first in own or pair.second in own
            )),
            person_bindings=tuple(one.binding for one in self.judged if one.binding and one.binding.identity in group),
            outside_identities=frozenset(
                one.outside_identity for one in self.judged if one.outside_identity in group and one.outside_identity
            ),
            outside_activities=frozenset(one.outside_activity for one in self.judged if one.outside_activity),
            foreign_services=frozenset(self._foreign(own)),
            strays=tuple(self._strays(concerned, own)),
            owed={number: self.book.owed[number] for number in sorted(concerned) if self.book.owed[number]},
            stands_for=group,
        )  # fmt: skip

    def _concerns(self, judged: Judged, group: Group, numbers: set[int]) -> bool:
        identities = {self.claims[key].identity for key in judged.records if key in self.claims} | {judged.identity}
        return bool(identities & set(group)) or judged.person in numbers

    def _foreign(self, own: set[RecordKey]) -> Iterator[str]:
        """Give the services that belong to somebody else: by the record they are booked by, else by the least key."""
        yield from (name for name, one in self.book.standings.items() if one.record not in own)
        for name in set(self.membership.values()) - self.book.standings.keys():
            if min(key for key, other in self.membership.items() if other == name) not in own:
                yield name

    def _strays(self, concerned: set[int], own: set[RecordKey]) -> Iterator[Standing]:
        """Give what stands for these people by a record of somebody else's."""
        for _, one in sorted(self.book.standings.items()):
            if one.booking is None or one.person not in concerned or one.record in own or one.record is None:
                continue
            whose = self.people.get(self.claims[one.record].identity)
            if whose is None or whose.number != one.person:
                yield one

    def settle(self, group: Group, plan: Plan) -> int:
        """Book a plan and remember its services; give how many vouchers that made."""
        made = self.book.apply(plan)
        services = {claim.key: line.service.service_id for line in plan.lines for claim in line.service.claims}
        for key in [key for key in self.membership if self.claims[key].identity in group]:
            del self.membership[key]
        self.membership |= services
        return made
