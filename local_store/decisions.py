"""Decisions (处理意见): what was judged of a conflict, by whom and why; taken back, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from domain.conflicts import ConflictState, Decision, PairBinding
from domain.decisions import DecisionCode
from domain.errors import OperatorError
from domain.people import PersonBinding
from local_store.dialects import among, insert_rows
from local_store.judgements import decision_of, reason_place
from local_store.revisions import record_numbers
from local_store.roots import mark_changed
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
from local_store.transaction import Tx, portions


@dataclass(frozen=True, slots=True)
class Binding:
    """What a decision binds for good, beside the conflict itself; ``activity`` is (platform, activity id)."""

    pairs: Sequence[PairBinding] = ()
    person: PersonBinding | None = None
    outside_identity: int | None = None
    outside_activity: tuple[str, str] | None = None


def add(  # noqa: PLR0913, PLR0917 - a decision has that many facts
    tx: Tx,
    conflict_id: str,
    code: DecisionCode,
    argument: str,
    reason: str,
    by: str,
    binding: Binding = Binding(),
    *,
    is_proposed: bool = False,
) -> int:
    """Write down a decision and plan its subjects anew; give its number.

    Raises:
        OperatorError: ``conflict_unknown``.
    """
    conflict = tx.connection.execute(select(CONFLICT).where(CONFLICT.c.conflict_id == conflict_id)).one_or_none()
    if conflict is None:
        raise OperatorError("conflict_unknown", conflict=conflict_id)
    number = tx.take_numbers("decision", 1)
    row = {
        "number": number, "conflict_id": conflict_id, "kind": conflict.kind, "about": conflict.about,
        "code": code.value, "argument": argument, "evidence_fingerprint": conflict.evidence_fingerprint,
        "decided_by": by, "decided_at": tx.now, "is_proposed": is_proposed,
        "sealed": tx.vault.seal(reason_place(number), reason.encode()),
    }  # fmt: skip
    insert_rows(tx.connection, DECISION, [row])
    _bind(tx, number, binding)
    _move(tx, conflict_id, ConflictState.PROPOSED if is_proposed else _state_after(code))
    _plan_anew(tx, number)
    return number


def agree(tx: Tx, conflict_id: str, by: str) -> Decision:
    """Let a second person agree to what was proposed.

    Raises:
        OperatorError: ``nothing_proposed``; ``second_person_needed`` where the same person agrees.
    """
    row = _last(tx, conflict_id, DECISION.c.is_proposed.is_(True))
    if row is None:
        raise OperatorError("nothing_proposed", conflict=conflict_id)
    if row.decided_by == by:
        raise OperatorError("second_person_needed", conflict=conflict_id)
    tx.connection.execute(
        update(DECISION).where(DECISION.c.number == row.number).values(is_proposed=False, agreed_by=by)
    )
    _move(tx, conflict_id, _state_after(DecisionCode(row.code)))
    _plan_anew(tx, row.number)
    return decision_of(tx, row)


def undo(tx: Tx, conflict_id: str, by: str) -> Decision:
    """Take the last decision of a conflict back: what it bound is free, its subjects are planned anew.

    Raises:
        OperatorError: ``nothing_decided``.
    """
    row = _last(tx, conflict_id, DECISION.c.number > 0)
    if row is None:
        raise OperatorError("nothing_decided", conflict=conflict_id)
    _plan_anew(tx, row.number)
    tx.connection.execute(
        update(DECISION).where(DECISION.c.number == row.number).values(undone_by=by, undone_at=tx.now)
    )
    _move(tx, conflict_id, ConflictState.OPEN)
    return decision_of(tx, row)


def _last(tx: Tx, conflict_id: str, condition: Any) -> Any:  # noqa: ANN401 - SQL in, a row out
    stands = (DECISION.c.conflict_id == conflict_id, DECISION.c.undone_at.is_(None), condition)
    return tx.connection.execute(
        select(DECISION).where(*stands).order_by(DECISION.c.number.desc()).limit(1)
    ).one_or_none()


def _state_after(code: DecisionCode) -> ConflictState:
    return ConflictState.RETURNED if code is DecisionCode.RETURN else ConflictState.DECIDED


def _move(tx: Tx, conflict_id: str, state: ConflictState) -> None:
    tx.connection.execute(update(CONFLICT).where(CONFLICT.c.conflict_id == conflict_id).values(state=state.value))


def _bind(tx: Tx, number: int, binding: Binding) -> None:
    numbers = record_numbers(tx, {key for pair in binding.pairs for key in (pair.first, pair.second)})
    insert_rows(tx.connection, PAIR_BINDING, [
        {"decision": number, "first": numbers[one.first], "second": numbers[one.second], "is_same": one.is_same}
        for one in binding.pairs
    ])  # fmt: skip
    if binding.person is not None:
        one = binding.person
        row = {"decision": number, "identity": one.identity, "name_token": one.name_token, "person": one.person}
        insert_rows(tx.connection, PERSON_BINDING, [row])
    platform, activity = binding.outside_activity or (None, None)
    if binding.outside_identity is not None or activity is not None:
        outside = {
            "decision": number, "identity": binding.outside_identity, "platform": platform, "activity_id": activity,
        }  # fmt: skip
        insert_rows(tx.connection, OUTSIDE_BINDING, [outside])


def concerned(tx: Tx, numbers: Sequence[int]) -> list[int]:
    """Give the subjects that these decisions, or what they bind, speak of."""
    identities = {identity for number in numbers for identity in _identities(tx, number)}
    subjects = {
        row.subject for portion in portions(sorted(identities)) for row in tx.rows(_SUBJECTS, {"identities": portion})
    }
    return sorted(subjects)


def _identities(tx: Tx, number: int) -> set[int]:
    return {row.identity for statement in _CONCERNED for row in tx.rows(statement.where(_this(number)))}


def _plan_anew(tx: Tx, number: int) -> None:
    """Mark every identity that a decision or what it binds speaks of."""
    mark_changed(tx, _identities(tx, number))


def _this(number: int) -> Any:  # noqa: ANN401 - an SQL expression
    return DECISION.c.number == number


_SUBJECTS = select(IDENTITY.c.subject).distinct().where(among(IDENTITY.c.number, "identities"))
_BY_CONFLICT = select(IDENTITY.c.number.label("identity")).join_from(
    DECISION, CONFLICT, CONFLICT.c.conflict_id == DECISION.c.conflict_id
)
_BY_PAIR = select(CLAIM.c.identity).join_from(DECISION, PAIR_BINDING, PAIR_BINDING.c.decision == DECISION.c.number)
_CONCERNED = (
    _BY_CONFLICT.join(IDENTITY, IDENTITY.c.number == CONFLICT.c.identity),
    _BY_CONFLICT.join(IDENTITY, IDENTITY.c.person == CONFLICT.c.person),
    select(CLAIM.c.identity)
    .join_from(DECISION, CONFLICT_RECORD, CONFLICT_RECORD.c.conflict_id == DECISION.c.conflict_id)
    .join(CLAIM, CLAIM.c.record == CONFLICT_RECORD.c.record),
    _BY_PAIR.join(CLAIM, CLAIM.c.record == PAIR_BINDING.c.first),
    _BY_PAIR.join(CLAIM, CLAIM.c.record == PAIR_BINDING.c.second),
    select(PERSON_BINDING.c.identity).join_from(
        DECISION, PERSON_BINDING, PERSON_BINDING.c.decision == DECISION.c.number
    ),
    select(IDENTITY.c.number.label("identity"))
    .join_from(DECISION, PERSON_BINDING, PERSON_BINDING.c.decision == DECISION.c.number)
    .join(IDENTITY, IDENTITY.c.person == PERSON_BINDING.c.person),
    select(IDENTITY.c.number.label("identity"))
    .join_from(DECISION, OUTSIDE_BINDING, OUTSIDE_BINDING.c.decision == DECISION.c.number)
    .join(IDENTITY, IDENTITY.c.number == OUTSIDE_BINDING.c.identity),
    select(CLAIM.c.identity)
    .join_from(DECISION, OUTSIDE_BINDING, OUTSIDE_BINDING.c.decision == DECISION.c.number)
    .join(CLAIM, CLAIM.c.activity_id == OUTSIDE_BINDING.c.activity_id)
    .join(RECORD, (RECORD.c.number == CLAIM.c.record) & (RECORD.c.platform == OUTSIDE_BINDING.c.platform)),
)
