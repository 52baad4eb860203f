"""What people have judged about subjects: decisions that stand, and what they bound for good."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from domain.conflicts import ConflictKind, Decision, PairBinding
from domain.people import PersonBinding
from domain.records import RecordKey
from local_store.dialects import among
from local_store.tables.conflicts import (
    CONFLICT,
    CONFLICT_RECORD,
    DECISION,
    OUTSIDE_BINDING,
    PAIR_BINDING,
    PERSON_BINDING,
)  # fmt: skip
from local_store.tables.people import IDENTITY
from local_store.tables.records import CLAIM, RECORD
from local_store.transaction import Tx, instant_of, portions


@dataclass(frozen=True, slots=True)
class Judgements:
    """All that was judged about one subject."""

    decisions: tuple[Decision, ...] = ()
    pairs: tuple[PairBinding, ...] = ()
    people: tuple[PersonBinding, ...] = ()
    outside_identities: frozenset[int] = frozenset()
    outside_activities: frozenset[tuple[str, str]] = frozenset()

    @staticmethod
    def joined(parts: Iterable[Judgements]) -> Judgements:
        """Give the judgements of subjects that are planned together."""
        several = list(parts)
        decisions = {one.number: one for part in several for one in part.decisions}
        return Judgements(
            tuple(decisions[number] for number in sorted(decisions)),
            _last_said(pair for part in several for pair in part.pairs),
            tuple(dict.fromkeys(one for part in several for one in part.people)),
            frozenset().union(*(part.outside_identities for part in several)),
            frozenset().union(*(part.outside_activities for part in several)),
        )


def _last_said(pairs: Iterable[PairBinding]) -> tuple[PairBinding, ...]:
    """Give each binding once, where it was said last: it may have been contradicted in between."""
    return tuple(dict.fromkeys(reversed(list(pairs))))[::-1]


def judgements_of(tx: Tx, subjects: list[int]) -> dict[int, Judgements]:
    """Give what was judged, by subject; undone and merely proposed decisions are left out."""
    decisions: dict[int, dict[int, Decision]] = defaultdict(dict)
    pairs: dict[int, list[PairBinding]] = defaultdict(list)
    people: dict[int, list[PersonBinding]] = defaultdict(list)
    identities: dict[int, set[int]] = defaultdict(set)
    activities: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for portion in portions(subjects):
        named = {"subjects": portion}
        for statement in _DECISIONS:
            for row in tx.rows(statement, named):
                decisions[row.subject][row.number] = decision_of(tx, row)
        for statement in _PAIRS:
            for row in tx.rows(statement, named):
                pairs[row.subject].append(_pair(row))
        for row in tx.rows(_PEOPLE, named):
            people[row.subject].append(PersonBinding(row.identity, row.name_token, row.person))
        for row in tx.rows(_OUTSIDE_IDENTITIES, named):
            identities[row.subject].add(row.identity)
        for row in tx.rows(_OUTSIDE_ACTIVITIES, named):
            activities[row.subject].add((row.platform, row.activity_id))
    found = {*decisions, *pairs, *people, *identities, *activities}
    return {
        one: Judgements(
            tuple(decisions[one][number] for number in sorted(decisions[one])), tuple(pairs[one]), tuple(people[one]),
            frozenset(identities[one]), frozenset(activities[one]),
        )
        for one in found
    }  # fmt: skip


def decision_of(tx: Tx, row: Any) -> Decision:  # noqa: ANN401 - a row of the decision table
    """Turn a row of the decision table into a decision."""
    return Decision(
        row.number, ConflictKind(row.kind), row.about, row.code, row.argument, row.evidence_fingerprint,
        tx.vault.open(reason_place(row.number), row.sealed).decode(), row.decided_by, instant_of(row.decided_at),
    )  # fmt: skip


def reason_place(number: int) -> str:
    """Give the place to which a decision's reason is sealed."""
    return f"decision/{number}/reason"


def _pair(row: Any) -> PairBinding:  # noqa: ANN401 - a row
    first = RecordKey(row.first_platform, row.first_id, row.first_stream)
    return PairBinding(first, RecordKey(row.second_platform, row.second_id, row.second_stream), row.is_same)


_STANDS = DECISION.c.undone_at.is_(None) & DECISION.c.is_proposed.is_(False)
_ASKED = among(IDENTITY.c.subject, "subjects")
_FIRST, _SECOND = RECORD.alias("first_record"), RECORD.alias("second_record")


def _pairs_by(side: Any) -> Select[Any]:  # noqa: ANN401 - a column
    return (
        select(
            IDENTITY.c.subject, PAIR_BINDING.c.is_same,
            _FIRST.c.platform.label("first_platform"), _FIRST.c.external_id.label("first_id"),
            _FIRST.c.stream.label("first_stream"), _SECOND.c.platform.label("second_platform"),
            _SECOND.c.external_id.label("second_id"), _SECOND.c.stream.label("second_stream"),
        )
        .join_from(PAIR_BINDING, DECISION, DECISION.c.number == PAIR_BINDING.c.decision)
        .join(_FIRST, _FIRST.c.number == PAIR_BINDING.c.first)
        .join(_SECOND, _SECOND.c.number == PAIR_BINDING.c.second)
        .join(CLAIM, CLAIM.c.record == side)
        .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
        .where(_ASKED, _STANDS)
        .order_by(PAIR_BINDING.c.decision)
    )  # fmt: skip


_PAIRS = (_pairs_by(PAIR_BINDING.c.first), _pairs_by(PAIR_BINDING.c.second))
_OF_CONFLICT = select(DECISION, IDENTITY.c.subject).join_from(
    DECISION, CONFLICT, CONFLICT.c.conflict_id == DECISION.c.conflict_id
)
_DECISIONS = (
    _OF_CONFLICT.join(CONFLICT_RECORD, CONFLICT_RECORD.c.conflict_id == CONFLICT.c.conflict_id)
    .join(CLAIM, CLAIM.c.record == CONFLICT_RECORD.c.record)
    .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
    .where(_ASKED, _STANDS),
    _OF_CONFLICT.join(IDENTITY, IDENTITY.c.number == CONFLICT.c.identity).where(_ASKED, _STANDS),
    _OF_CONFLICT.join(IDENTITY, IDENTITY.c.person == CONFLICT.c.person).where(_ASKED, _STANDS),
)
_PEOPLE = (
    select(IDENTITY.c.subject, PERSON_BINDING.c.identity, PERSON_BINDING.c.name_token, PERSON_BINDING.c.person)
    .join_from(PERSON_BINDING, DECISION, DECISION.c.number == PERSON_BINDING.c.decision)
    .join(IDENTITY, IDENTITY.c.number == PERSON_BINDING.c.identity)
    .where(_ASKED, _STANDS)
    .order_by(PERSON_BINDING.c.decision)
)
_OUTSIDE_IDENTITIES = (
    select(IDENTITY.c.subject, OUTSIDE_BINDING.c.identity)
    .join_from(OUTSIDE_BINDING, DECISION, DECISION.c.number == OUTSIDE_BINDING.c.decision)
    .join(IDENTITY, IDENTITY.c.number == OUTSIDE_BINDING.c.identity)
    .where(_ASKED, _STANDS)
)
_OUTSIDE_ACTIVITIES = (
    select(IDENTITY.c.subject, OUTSIDE_BINDING.c.platform, OUTSIDE_BINDING.c.activity_id)
    .distinct()
    .join_from(OUTSIDE_BINDING, DECISION, DECISION.c.number == OUTSIDE_BINDING.c.decision)
    .join(CLAIM, CLAIM.c.activity_id == OUTSIDE_BINDING.c.activity_id)
    .join(RECORD, (RECORD.c.number == CLAIM.c.record) & (RECORD.c.platform == OUTSIDE_BINDING.c.platform))
    .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
    .where(_ASKED, _STANDS)
)
