"""Everything that is known about a set of subjects: a handful of statements, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import select

from domain.records import RecordKey
from domain.services import Standing
from domain.subjects import Subject
from local_store.claims import claims_of
from local_store.dialects import among
from local_store.judgements import Judgements, judgements_of
from local_store.people import by_number
from local_store.services import standing_of, standings_with_keys
from local_store.tables.ledger import ACCOUNT, BALANCE, STANDING
from local_store.tables.people import IDENTITY, SUBJECT
from local_store.tables.records import CLAIM, MEMBERSHIP, RECORD
from local_store.transaction import Tx, portions


class Facts:
    """All rows about a set of subjects, sorted by subject."""

    def __init__(self, tx: Tx, numbers: list[int]) -> None:
        """Read them all."""
        self._tx = tx
        self._numbers = numbers
        self.revisions = revisions_of(tx, numbers)
        self.claims = claims_of(tx, numbers)
        self.people = _people(tx, numbers)
        self.memberships, self.owners = _memberships(tx, numbers)
        self.standings = _standings(tx, numbers)
        self.judgements = judgements_of(tx, numbers)
        owing = {person.number for people in self.people.values() for person in people.values()}
        self.strays = _strays(tx, owing)
        owing |= {standing.person for standings in self.standings.values() for standing in standings}
        self.owed = _owed(tx, owing)

    def subject(self, group: tuple[int, ...]) -> Subject:
        """Put one subject together from the rows of all that it stands for."""
        claims = sorted((claim for one in group for claim in self.claims.get(one, ())), key=_BY_KEY)
        people = {identity: person for one in group for identity, person in self.people.get(one, {}).items()}
        membership = {key: service for one in group for key, service in self.memberships.get(one, {}).items()}
        standings = sorted((each for one in group for each in self.standings.get(one, ())), key=_BY_SERVICE)
        judgements = Judgements.joined(self.judgements.get(one, Judgements()) for one in group)
        concerned = {person.number for person in people.values()} | {standing.person for standing in standings}
        foreign = {service for service in membership.values() if self.owners.get(service, group[0]) not in group}
        return Subject(
            number=group[0],
            revision=sum(self.revisions[one] for one in group),
            claims=tuple(claims),
            people=people,
            standings=tuple(standings),
            membership=membership,
            decisions=judgements.decisions,
            pairs=judgements.pairs,
            person_bindings=judgements.people,
            outside_identities=judgements.outside_identities,
            outside_activities=judgements.outside_activities,
            foreign_services=frozenset(foreign),
            strays=tuple(
                each
                for number in sorted(concerned)
                for owner, each in self.strays.get(number, ())
                if owner not in group
            ),
            owed={person: self.owed[person] for person in sorted(concerned) if self.owed.get(person)},
            stands_for=group,
            outside_by=judgements.outside_by,
        )


_BY_KEY = attrgetter("key")
_BY_SERVICE = attrgetter("service_id")
_REVISIONS = select(SUBJECT.c.number, SUBJECT.c.revision).where(among(SUBJECT.c.number, "subjects"))


def revisions_of(tx: Tx, numbers: Sequence[int]) -> dict[int, int]:
    """Give the present revision of each subject."""
    return {
        row.number: row.revision for portion in portions(numbers) for row in tx.rows(_REVISIONS, {"subjects": portion})
    }


_ON_ROSTER = select(IDENTITY.c.number, IDENTITY.c.subject, IDENTITY.c.person).where(
    among(IDENTITY.c.subject, "subjects"), IDENTITY.c.person.is_not(None)
)


def _people(tx: Tx, numbers: list[int]) -> dict[int, dict[int, Any]]:
    """Give the roster's person of each identity, by subject."""
    rows = [row for portion in portions(numbers) for row in tx.rows(_ON_ROSTER, {"subjects": portion})]
    known = by_number(tx, {row.person for row in rows})
    people: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in rows:
        people[row.subject][row.number] = known[row.person]
    return people


_OWN, _OWN_CLAIM, _HOLDER = MEMBERSHIP.alias("own"), CLAIM.alias("own_claim"), IDENTITY.alias("holder")
_OWN_SERVICES = (
    select(_OWN.c.service_id)
    .join_from(_HOLDER, _OWN_CLAIM, _OWN_CLAIM.c.identity == _HOLDER.c.number)
    .join(_OWN, _OWN.c.record == _OWN_CLAIM.c.record)
    .where(among(_HOLDER.c.subject, "subjects"), _OWN.c.service_id != "")
)
_REMEMBERED = (
    select(
        MEMBERSHIP.c.service_id, RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream, IDENTITY.c.subject,
        STANDING.c.service_id.label("booked"), STANDING.c.record.label("booked_by"), RECORD.c.number,
    )
    .join_from(MEMBERSHIP, RECORD, RECORD.c.number == MEMBERSHIP.c.record)
    .join(CLAIM, CLAIM.c.record == RECORD.c.number)
    .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
    .join(STANDING, STANDING.c.service_id == MEMBERSHIP.c.service_id, isouter=True)
    .where(MEMBERSHIP.c.service_id.in_(_OWN_SERVICES))
)  # fmt: skip


def _memberships(tx: Tx, numbers: list[int]) -> tuple[dict[int, dict[RecordKey, str]], dict[str, int]]:
    """Give the remembered service of each record, by subject, and the subject that owns each service."""
    memberships: dict[int, dict[RecordKey, str]] = defaultdict(dict)
    owners: dict[str, tuple[bool, RecordKey, int]] = {}
    mine = set(numbers)
    for portion in portions(numbers):
        for row in tx.rows(_REMEMBERED, {"subjects": portion}):
            key = RecordKey(row.platform, row.external_id, row.stream)
            if row.subject in mine:
                memberships[row.subject][key] = row.service_id
            rank = (row.booked_by != row.number, key, row.subject)
            owners[row.service_id] = min(owners.get(row.service_id, rank), rank)
    return memberships, {service: rank[2] for service, rank in owners.items()}


_WITH_SUBJECTS = (
    standings_with_keys()
    .add_columns(IDENTITY.c.subject)
    .join(CLAIM, CLAIM.c.record == STANDING.c.record)
    .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
)

_STANDINGS = _WITH_SUBJECTS.where(among(IDENTITY.c.subject, "subjects"))
_STRAYS = (
    _WITH_SUBJECTS.where(STANDING.c.seconds.is_not(None), among(STANDING.c.person, "people"))
    .where(IDENTITY.c.person.is_(None) | (IDENTITY.c.person != STANDING.c.person))
    .order_by(STANDING.c.service_id)
)
_OWED = (
    select(ACCOUNT.c.person, BALANCE.c.seconds)
    .join_from(ACCOUNT, BALANCE, BALANCE.c.account == ACCOUNT.c.number)
    .where(among(ACCOUNT.c.person, "people"), BALANCE.c.kind == "deficit", BALANCE.c.seconds < 0)
)


def _standings(tx: Tx, numbers: list[int]) -> dict[int, list[Standing]]:
    """Give the standings of the subject that has the record which each was booked by."""
    standings: dict[int, list[Standing]] = defaultdict(list)
    for portion in portions(numbers):
        for row in tx.rows(_STANDINGS, {"subjects": portion}):
            standings[row.subject].append(standing_of(row))
    return standings


def _strays(tx: Tx, people: set[int]) -> dict[int, list[tuple[int, Standing]]]:
    """Give what each person's book rests on that speaks of another identity now, with the subject that has it."""
    strays: dict[int, list[tuple[int, Standing]]] = defaultdict(list)
    for portion in portions(sorted(people)):
        for row in tx.rows(_STRAYS, {"people": portion}):
            strays[row.person].append((row.subject, standing_of(row)))
    return strays


def _owed(tx: Tx, people: set[int]) -> dict[int, int]:
    return {
        row.person: -row.seconds for portion in portions(sorted(people)) for row in tx.rows(_OWED, {"people": portion})
    }
