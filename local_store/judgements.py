"""What people have judged about subjects: decisions that stand, and what they bound for good."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Select, String, cast, literal, select

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
from local_store.tables.people import IDENTITY, PERSON
from local_store.tables.records import CLAIM, RECORD
from local_store.transaction import Tx, instant_of, portions

_Bound = TypeVar("_Bound", PairBinding, PersonBinding)


@dataclass(frozen=True, slots=True)
class Judgements:
    """All that was judged about one subject."""

    decisions: tuple[Decision, ...] = ()
    pairs: tuple[PairBinding, ...] = ()
    people: tuple[PersonBinding, ...] = ()
    outside_identities: frozenset[int] = frozenset()
    outside_activities: frozenset[tuple[str, str]] = frozenset()
    outside_by: dict[int | tuple[str, str], int] = field(default_factory=dict)

    @staticmethod
    def joined(parts: Iterable[Judgements]) -> Judgements:
        """Give the judgements of subjects that are planned together."""
        several = list(parts)
        decisions = {one.number: one for part in several for one in part.decisions}
        return Judgements(
            tuple(decisions[number] for number in sorted(decisions)),
            _last_said(pair for part in several for pair in part.pairs),
            _last_said(one for part in several for one in part.people),
            frozenset().union(*(part.outside_identities for part in several)),
            frozenset().union(*(part.outside_activities for part in several)),
            {what: number for part in several for what, number in part.outside_by.items()},
        )


def _last_said(bindings: Iterable[_Bound]) -> tuple[_Bound, ...]:
    """Give each binding once, where it was said last: it may have been contradicted in between."""
    in_order = sorted(bindings, key=lambda one: one.decision)
    return tuple(dict.fromkeys(reversed(in_order)))[::-1]


def judgements_of(tx: Tx, subjects: list[int]) -> dict[int, Judgements]:
    """Give what was judged, by subject; undone and merely proposed decisions are left out."""
    decisions: dict[int, dict[int, Decision]] = defaultdict(dict)
    pairs: dict[int, list[PairBinding]] = defaultdict(list)
    people: dict[int, list[PersonBinding]] = defaultdict(list)
    outside: dict[int, dict[int | tuple[str, str], int]] = defaultdict(dict)
    for portion in portions(subjects):
        named = {"subjects": portion}
        for statement in _DECISIONS:
            for row in tx.rows(statement, named):
                decisions[row.subject][row.number] = decision_of(tx, row)
        for statement in _PAIRS:
            for row in tx.rows(statement, named):
                pairs[row.subject].append(_pair(row))
        for row in tx.rows(_PEOPLE, named):
            who = row.person if row.merged_into is None else row.merged_into
            people[row.subject].append(PersonBinding(row.identity, row.name_token, who, row.decision))
        for row in tx.rows(_OUTSIDE_IDENTITIES, named):
            outside[row.subject][row.identity] = row.decision
        for row in tx.rows(_OUTSIDE_ACTIVITIES, named):
            outside[row.subject][row.platform, row.activity_id] = row.decision
    return {
        one: Judgements(
            tuple(decisions[one][number] for number in sorted(decisions[one])),
            _last_said(pairs[one]),
            _last_said(people[one]),
            frozenset(what for what in outside[one] if isinstance(what, int)),
            frozenset(what for what in outside[one] if not isinstance(what, int)),
            outside[one],
        )
        for one in {*decisions, *pairs, *people, *outside}
    }


def decision_of(tx: Tx, row: Any) -> Decision:  # noqa: ANN401 - a row of the decision table
    """Turn a row of the decision table into a decision."""
    return Decision(
        row.number, ConflictKind(row.kind), row.about, row.code, row.argument, row.evidence_fingerprint,
        reason_of(tx, row), row.decided_by, instant_of(row.decided_at), tuple(json.loads(row.evidence)),
    )  # fmt: skip


def reason_of(tx: Tx, row: Any) -> str:  # noqa: ANN401 - a row of the decision table
    """Give the reason of a decision in clear; it may name people."""
    return tx.vault.open(reason_place(row.number), row.sealed).decode()


def reason_place(number: int) -> str:
    """Give the place to which a decision's reason is sealed."""
    return f"decision/{number}/reason"


def _pair(row: Any) -> PairBinding:  # noqa: ANN401 - a row
    first = RecordKey(row.first_platform, row.first_id, row.first_stream)
    second = RecordKey(row.second_platform, row.second_id, row.second_stream)
    return PairBinding(first, second, row.is_same, row.decision)


STANDS = DECISION.c.undone_at.is_(None) & DECISION.c.is_proposed.is_(False)
_LATER = DECISION.alias("later_decision")
_JUDGED_ANEW = (
    select(_LATER.c.number)
    .where(
        _LATER.c.conflict_id == DECISION.c.conflict_id, _LATER.c.number > DECISION.c.number,
        _LATER.c.undone_at.is_(None), _LATER.c.is_proposed.is_(False),
    )
    .correlate(DECISION)
)  # fmt: skip
BINDS = STANDS & ~_JUDGED_ANEW.exists()
"""A binding is in force as long as nothing later stands on the same conflict."""
_SAME_NAME = literal('%"') + cast(PERSON_BINDING.c.identity, String) + "|" + PERSON_BINDING.c.name_token + '"%'
BINDS_PERSON = STANDS & ~(
    _JUDGED_ANEW.where(_LATER.c.evidence.like(_SAME_NAME)).correlate(DECISION, PERSON_BINDING).exists()
)
"""So is that of a person; but a conflict about an identity comes back for each further name, and is its alone then."""
_ASKED = among(IDENTITY.c.subject, "subjects")
_FIRST, _SECOND = RECORD.alias("first_record"), RECORD.alias("second_record")


def _pairs_by(side: Any) -> Select[Any]:  # noqa: ANN401 - a column
    return (
        select(
            IDENTITY.c.subject, PAIR_BINDING.c.is_same, PAIR_BINDING.c.decision,
            _FIRST.c.platform.label("first_platform"), _FIRST.c.external_id.label("first_id"),
            _FIRST.c.stream.label("first_stream"), _SECOND.c.platform.label("second_platform"),
            _SECOND.c.external_id.label("second_id"), _SECOND.c.stream.label("second_stream"),
        )
        .join_from(PAIR_BINDING, DECISION, DECISION.c.number == PAIR_BINDING.c.decision)
        .join(_FIRST, _FIRST.c.number == PAIR_BINDING.c.first)
        .join(_SECOND, _SECOND.c.number == PAIR_BINDING.c.second)
        .join(CLAIM, CLAIM.c.record == side)
        .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
        .where(_ASKED, BINDS)
    )  # fmt: skip


_PAIRS = (_pairs_by(PAIR_BINDING.c.first), _pairs_by(PAIR_BINDING.c.second))
_OF_CONFLICT = select(DECISION, IDENTITY.c.subject).join_from(
    DECISION, CONFLICT, CONFLICT.c.conflict_id == DECISION.c.conflict_id
)
_DECISIONS = (
    _OF_CONFLICT.join(CONFLICT_RECORD, CONFLICT_RECORD.c.conflict_id == CONFLICT.c.conflict_id)
    .join(CLAIM, CLAIM.c.record == CONFLICT_RECORD.c.record)
    .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
    .where(_ASKED, STANDS),
    _OF_CONFLICT.join(IDENTITY, IDENTITY.c.number == CONFLICT.c.identity).where(_ASKED, STANDS),
    _OF_CONFLICT.join(IDENTITY, IDENTITY.c.person == CONFLICT.c.person).where(_ASKED, STANDS),
)
_PEOPLE = (
    select(IDENTITY.c.subject, PERSON_BINDING, PERSON.c.merged_into)
    .join_from(PERSON_BINDING, DECISION, DECISION.c.number == PERSON_BINDING.c.decision)
    .join(PERSON, PERSON.c.number == PERSON_BINDING.c.person)
    .join(IDENTITY, IDENTITY.c.number == PERSON_BINDING.c.identity)
    .where(_ASKED, BINDS_PERSON)
)
_OUTSIDE_IDENTITIES = (
    select(IDENTITY.c.subject, OUTSIDE_BINDING.c.identity, OUTSIDE_BINDING.c.decision)
    .join_from(OUTSIDE_BINDING, DECISION, DECISION.c.number == OUTSIDE_BINDING.c.decision)
    .join(IDENTITY, IDENTITY.c.number == OUTSIDE_BINDING.c.identity)
    .where(_ASKED, BINDS)
)
_OUTSIDE_ACTIVITIES = (
    select(IDENTITY.c.subject, OUTSIDE_BINDING.c.platform, OUTSIDE_BINDING.c.activity_id, OUTSIDE_BINDING.c.decision)
    .distinct()
    .join_from(OUTSIDE_BINDING, DECISION, DECISION.c.number == OUTSIDE_BINDING.c.decision)
    .join(CLAIM, CLAIM.c.activity_id == OUTSIDE_BINDING.c.activity_id)
    .join(RECORD, (RECORD.c.number == CLAIM.c.record) & (RECORD.c.platform == OUTSIDE_BINDING.c.platform))
    .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
    .where(_ASKED, BINDS)
)
