"""On what grounds a record went where it is: conflicts, decisions, bindings, openings; few rows beside the records."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from domain.actions import Disposition
from domain.conflicts import ConflictKind, ConflictState
from domain.decisions import DecisionCode
from local_store.tables.conflicts import (
    CONFLICT,
    CONFLICT_RECORD,
    DECISION,
    OUTSIDE_BINDING,
    PAIR_BINDING,
    PERSON_BINDING,
)  # fmt: skip
from local_store.tables.ledger import STANDING, VOUCHER
from local_store.tables.people import IDENTITY, PERSON
from local_store.tables.records import CLAIM, MEMBERSHIP, RECORD
from local_store.transaction import Tx


class Case(NamedTuple):
    """A conflict that is not closed, and the decision that stands on it ("" and 0: none)."""

    kind: str
    state: str
    is_blocking: bool
    decision: int
    code: str
    argument: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """Everything that explains where records went, beside what they say themselves.

    ``cases`` holds the conflicts that name a record, by its number, ``decided`` the decision that a standing's voucher
    names, by service. ``bound`` is the person whom a decision made of a record's name, ``outside_identities`` and
    ``outside_activities`` are what decisions put out of scope, ``honours`` the records that repeat honour hours.
    ``same`` are the records that a decision bound to another as one service. ``openings`` gives the day up to which a
    person's opening covers, ``merged`` the number that stands for another.
    ``is_stopped``: a safety stop stands. ``astray`` are the people of whom something is booked by a record that names
    somebody else now, ``unsure`` those of whom a judged figure stands for a service that is held or waits.
    """

    cases: dict[int, list[Case]]
    decided: dict[str, Case]
    bound: dict[int, int]
    outside_identities: frozenset[int]
    outside_activities: frozenset[tuple[str, str]]
    honours: frozenset[int]
    same: frozenset[int]
    openings: dict[int, str]
    merged: dict[int, int]
    is_stopped: bool
    astray: frozenset[int]
    unsure: frozenset[int]


def grounds(tx: Tx) -> Grounds:
    """Read them all."""
    decisions = {row.number: row for row in tx.rows(_STANDING_DECISIONS)}
    outside = tx.rows(_OUTSIDE)
    return Grounds(
        cases=_cases(tx),
        decided=_decided(tx) if decisions else {},
        bound={row.record: row.person for row in tx.rows(_BOUND)},
        outside_identities=frozenset(row.identity for row in outside if row.identity is not None),
        outside_activities=frozenset((row.platform, row.activity_id) for row in outside if row.identity is None),
        honours=frozenset(row.record for row in tx.rows(_HONOURS)),
        same=frozenset(record for row in tx.rows(_SAME) for record in (row.first, row.second)),
        openings={row.number: row.opening_through_on for row in tx.rows(_OPENINGS)},
        merged={row.number: row.merged_into for row in tx.rows(_MERGED)},
        is_stopped=bool(tx.rows(_STOPS)),
        astray=frozenset(row.person for row in tx.rows(_ASTRAY)),
        unsure=frozenset(row.person for row in tx.rows(_UNSURE)) if decisions else frozenset(),
    )


def _cases(tx: Tx) -> dict[int, list[Case]]:
    decided = {row.conflict_id: row for row in tx.rows(_LAST_SAID)}
    found: dict[int, list[Case]] = defaultdict(list)
    for row in tx.rows(_NAMED):
        said = decided.get(row.conflict_id)
        number, code, argument = (0, "", "") if said is None else (said.number, said.code, said.argument)
        found[row.record].append(Case(row.kind, row.state, row.is_blocking, number, code, argument))
    return found


def _decided(tx: Tx) -> dict[str, Case]:
    return {
        row.service_id: Case(row.kind, ConflictState.DECIDED.value, row.is_blocking, row.number, row.code, row.argument)
        for row in tx.rows(_BOOKED_BY_DECISION)
    }


_STANDS = (DECISION.c.undone_at.is_(None), DECISION.c.is_proposed.is_(False))
_STANDING_DECISIONS = select(DECISION.c.number).where(*_STANDS).limit(1)
_LAST_SAID = (
    select(DECISION.c.conflict_id, DECISION.c.number, DECISION.c.code, DECISION.c.argument)
    .where(*_STANDS)
    .order_by(DECISION.c.number)
)
_NAMED = (
    select(CONFLICT_RECORD.c.record, CONFLICT.c.conflict_id, CONFLICT.c.kind, CONFLICT.c.state, CONFLICT.c.is_blocking)
    .join_from(CONFLICT, CONFLICT_RECORD, CONFLICT_RECORD.c.conflict_id == CONFLICT.c.conflict_id)
    .where(CONFLICT.c.state != ConflictState.CLOSED.value)
    .order_by(CONFLICT_RECORD.c.record, CONFLICT.c.conflict_id)
)
_BOOKED_BY_DECISION = (
    select(
        STANDING.c.service_id,
        DECISION.c.kind,
        DECISION.c.number,
        DECISION.c.code,
        DECISION.c.argument,
        CONFLICT.c.is_blocking,
    )
    .join_from(STANDING, VOUCHER, VOUCHER.c.number == STANDING.c.voucher)
    .join(DECISION, DECISION.c.number == VOUCHER.c.decision)
    .join(CONFLICT, CONFLICT.c.conflict_id == DECISION.c.conflict_id)
    .where(STANDING.c.seconds.is_not(None), *_STANDS)
)
_BOUND = (
    select(CLAIM.c.record, PERSON_BINDING.c.person)
    .join_from(PERSON_BINDING, DECISION, DECISION.c.number == PERSON_BINDING.c.decision)
    .join(
        CLAIM,
        (CLAIM.c.identity == PERSON_BINDING.c.identity) & (CLAIM.c.name_token == PERSON_BINDING.c.name_token),
    )
    .where(*_STANDS)
    .order_by(PERSON_BINDING.c.decision)
)
_OUTSIDE = (
    select(OUTSIDE_BINDING.c.identity, OUTSIDE_BINDING.c.platform, OUTSIDE_BINDING.c.activity_id)
    .join_from(OUTSIDE_BINDING, DECISION, DECISION.c.number == OUTSIDE_BINDING.c.decision)
    .where(*_STANDS)
)
_SAME = (
    select(PAIR_BINDING.c.first, PAIR_BINDING.c.second)
    .join_from(PAIR_BINDING, DECISION, DECISION.c.number == PAIR_BINDING.c.decision)
    .where(PAIR_BINDING.c.is_same, *_STANDS)
)
_SOURCE, _SOURCE_CLAIM = RECORD.alias("source"), CLAIM.alias("source_claim")
_HONOURS = (
    select(CLAIM.c.record)
    .join_from(
        CLAIM,
        _SOURCE,
        (_SOURCE.c.platform == CLAIM.c.carried_platform)
        & (_SOURCE.c.external_id == CLAIM.c.carried_id)
        & (_SOURCE.c.stream == CLAIM.c.carried_stream),
    )
    .join(_SOURCE_CLAIM, _SOURCE_CLAIM.c.record == _SOURCE.c.number)
    .where(CLAIM.c.carried_platform.is_not(None), _SOURCE_CLAIM.c.out_of_scope == "honour")
)
_OPENINGS = select(PERSON.c.number, PERSON.c.opening_through_on).where(PERSON.c.opening_through_on.is_not(None))
_MERGED = select(PERSON.c.number, PERSON.c.merged_into).where(PERSON.c.merged_into.is_not(None))
_STOPS = (
    select(CONFLICT.c.conflict_id)
    .where(CONFLICT.c.kind == ConflictKind.GUARD.value, CONFLICT.c.state != ConflictState.CLOSED.value)
    .limit(1)
)
_ASTRAY = (
    select(STANDING.c.person)
    .distinct()
    .join_from(STANDING, CLAIM, CLAIM.c.record == STANDING.c.record)
    .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
    .where(STANDING.c.seconds.is_not(None), IDENTITY.c.person.is_(None) | (IDENTITY.c.person != STANDING.c.person))
)
_UNSURE = (
    select(STANDING.c.person)
    .distinct()
    .join_from(DECISION, STANDING, "service/" + STANDING.c.service_id == DECISION.c.about)
    .join(MEMBERSHIP, MEMBERSHIP.c.service_id == STANDING.c.service_id)
    .where(
        *_STANDS,
        DECISION.c.code.in_([code.value for code in (DecisionCode.ACCEPT, DecisionCode.CREDIT, DecisionCode.VOID)]),
        STANDING.c.seconds.is_not(None),
        MEMBERSHIP.c.disposition.in_([Disposition.IN_CONFLICT.value, Disposition.WAITING.value]),
    )
)
