"""Decisions (处理意见): what was judged of a conflict, by whom and why; taken back, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from domain.conflicts import ConflictKind, ConflictState, Decision, PairBinding
from domain.decisions import DecisionCode
from domain.errors import OperatorError
from domain.people import PersonBinding
from local_store import decision_log
from local_store.dialects import among, insert_rows
from local_store.judgements import STANDS, decision_of, reason_place
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
    """What a decision binds for good, beside the conflict; ``outside_activities`` are (platform, activity id)."""

    pairs: Sequence[PairBinding] = ()
    people: Sequence[PersonBinding] = ()
    outside_identity: int | None = None
    outside_activities: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """How a decision is written down: merely proposed or not, the day a station is asked until, what it moves."""

    is_proposed: bool = False
    due_on: date | None = None
    moved_seconds: int = 0


def add(  # noqa: PLR0913, PLR0917 - a decision has that many facts
    tx: Tx,
    conflict_id: str,
    code: DecisionCode,
    argument: str,
    reason: str,
    by: str,
    binding: Binding = Binding(),
    terms: Terms = Terms(),
) -> int:
    """Write down a decision and plan its subjects anew; give its number. What was merely proposed before is withdrawn.

    Raises:
        OperatorError: ``conflict_unknown``.
    """
    conflict = tx.connection.execute(select(CONFLICT).where(CONFLICT.c.conflict_id == conflict_id)).one_or_none()
    if conflict is None:
        raise OperatorError("conflict_unknown", conflict=conflict_id)
    before = _last(tx, conflict_id)
    if before is not None and before.is_proposed:
        _take_back(tx, before.number, by)
    number = tx.take_numbers("decision", 1)
    row = {
        "number": number, "conflict_id": conflict_id, "kind": conflict.kind, "about": conflict.about,
        "code": code.value, "argument": argument, "evidence_fingerprint": conflict.evidence_fingerprint,
        "decided_by": by, "decided_at": tx.now, "is_proposed": terms.is_proposed,
        "sealed": tx.vault.seal(reason_place(number), reason.encode()), "evidence": conflict.evidence,
        "cause": conflict.cause, "moved_seconds": terms.moved_seconds,
        "due_on": None if terms.due_on is None else terms.due_on.isoformat(),
    }  # fmt: skip
    insert_rows(tx.connection, DECISION, [row])
    _bind(tx, number, binding)
    decision_log.write(tx, number, decision_log.SAID, by)
    _move(tx, conflict_id, ConflictState.PROPOSED if terms.is_proposed else _state_after(code))
    _plan_anew(tx, number)
    return number


def proposed(tx: Tx, conflict_id: str) -> Decision:
    """Give the decision of a conflict that waits for a second person.

    Raises:
        OperatorError: ``nothing_proposed``, also where the evidence has changed since.
    """
    row, state = _last(tx, conflict_id), _state(tx, conflict_id)
    if row is None or not row.is_proposed or state != ConflictState.PROPOSED:
        raise OperatorError("nothing_proposed", conflict=conflict_id)
    return decision_of(tx, row)


def agree(tx: Tx, conflict_id: str, by: str) -> Decision:
    """Let a second person agree to what was proposed.

    Raises:
        OperatorError: ``nothing_proposed``; ``second_person_needed`` where the same person agrees.
    """
    decision = proposed(tx, conflict_id)
    if decision.decided_by == by:
        raise OperatorError("second_person_needed", conflict=conflict_id)
    agreed = update(DECISION).where(DECISION.c.number == decision.number)
    tx.connection.execute(agreed.values(is_proposed=False, agreed_by=by, agreed_at=tx.now))
    decision_log.write(tx, decision.number, decision_log.AGREED, by)
    _move(tx, conflict_id, _state_after(DecisionCode(decision.code)))
    _plan_anew(tx, decision.number)
    return decision


def undo(tx: Tx, conflict_id: str, by: str) -> Decision:
    """Take the last decision of a conflict back: what it bound is free, and the one before it speaks again.

    Its subjects are planned anew. What it booked is not touched here.

    Raises:
        OperatorError: ``nothing_decided``.
    """
    row = _last(tx, conflict_id)
    if row is None:
        raise OperatorError("nothing_decided", conflict=conflict_id)
    _take_back(tx, row.number, by)
    before = _last(tx, conflict_id)
    if _state(tx, conflict_id) == ConflictState.CLOSED and row.kind != ConflictKind.GUARD:
        return decision_of(tx, row)  # a safety stop stands again, or what was let through would go through once more
    is_used_up = before is not None and before.code == DecisionCode.APPROVE  # a release speaks once
    is_in_force = not is_used_up and before is not None and before.evidence_fingerprint == _fingerprint(tx, conflict_id)
    _move(tx, conflict_id, _state_after(DecisionCode(before.code)) if is_in_force else ConflictState.OPEN)
    return decision_of(tx, row)


def last_number(tx: Tx, conflict_id: str) -> int:
    """Give the number of the last decision of a conflict that was not taken back, 0 where there is none."""
    row = _last(tx, conflict_id)
    return 0 if row is None else int(row.number)


def moved_seconds(tx: Tx, number: int) -> int:
    """Give what a decision was found to move."""
    return int(tx.connection.execute(select(DECISION.c.moved_seconds).where(DECISION.c.number == number)).scalar_one())


def alone_of_cause(tx: Tx, cause: str, since: int) -> int:
    """Give the seconds that decisions of one cause moved since an instant, which stand and nobody else agreed to."""
    statement = select(func.coalesce(func.sum(DECISION.c.moved_seconds), 0)).where(
        DECISION.c.cause == cause, DECISION.c.decided_at >= since, DECISION.c.agreed_by.is_(None), STANDS
    )
    return int(tx.connection.execute(statement).scalar_one())


def _take_back(tx: Tx, number: int, by: str) -> None:
    _plan_anew(tx, number)
    taken_back = update(DECISION).where(DECISION.c.number == number)
    tx.connection.execute(taken_back.values(undone_by=by, undone_at=tx.now))
    decision_log.write(tx, number, decision_log.UNDONE, by)


def _last(tx: Tx, conflict_id: str) -> Any:  # noqa: ANN401 - a row, or None
    """Give the last decision of a conflict that was not taken back, proposed ones included."""
    stands = (DECISION.c.conflict_id == conflict_id, DECISION.c.undone_at.is_(None))
    return tx.connection.execute(
        select(DECISION).where(*stands).order_by(DECISION.c.number.desc()).limit(1)
    ).one_or_none()


def _state(tx: Tx, conflict_id: str) -> str | None:
    return tx.connection.execute(select(CONFLICT.c.state).where(CONFLICT.c.conflict_id == conflict_id)).scalar()


def _fingerprint(tx: Tx, conflict_id: str) -> str:
    one = select(CONFLICT.c.evidence_fingerprint).where(CONFLICT.c.conflict_id == conflict_id)
    return str(tx.connection.execute(one).scalar_one())


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
    insert_rows(tx.connection, PERSON_BINDING, [
        {"decision": number, "identity": one.identity, "name_token": one.name_token, "person": one.person}
        for one in dict.fromkeys(binding.people)
    ])  # fmt: skip
    outside: list[tuple[int | None, str | None, str | None]] = []
    outside += [(binding.outside_identity, None, None)] if binding.outside_identity is not None else []
    outside += [(None, platform, activity) for platform, activity in dict.fromkeys(binding.outside_activities)]
    insert_rows(tx.connection, OUTSIDE_BINDING, [
        {"decision": number, "place": place, "identity": identity, "platform": platform, "activity_id": activity}
        for place, (identity, platform, activity) in enumerate(outside, 1)
    ])  # fmt: skip


def concerned(tx: Tx, numbers: Sequence[int]) -> list[int]:
    """Give the subjects that these decisions, or what they bind, speak of."""
    identities = _identities(tx, numbers)
    subjects = {
        row.subject for portion in portions(sorted(identities)) for row in tx.rows(_SUBJECTS, {"identities": portion})
    }
    return sorted(subjects)


def _identities(tx: Tx, numbers: Sequence[int]) -> set[int]:
    return {
        row.identity
        for portion in portions(numbers)
        for statement in _CONCERNED
        for row in tx.rows(statement, {"numbers": portion})
    }


def _plan_anew(tx: Tx, number: int) -> None:
    """Mark every identity that a decision or what it binds speaks of."""
    mark_changed(tx, _identities(tx, [number]))


_SUBJECTS = select(IDENTITY.c.subject).distinct().where(among(IDENTITY.c.number, "identities"))
_BY_CONFLICT = select(IDENTITY.c.number.label("identity")).join_from(
    DECISION, CONFLICT, CONFLICT.c.conflict_id == DECISION.c.conflict_id
)
_BY_PAIR = select(CLAIM.c.identity).join_from(DECISION, PAIR_BINDING, PAIR_BINDING.c.decision == DECISION.c.number)
_CONCERNING = (
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
# Made once: a statement made anew for each of a thousand decisions takes longer than to run it.
_CONCERNED = tuple(statement.where(among(DECISION.c.number, "numbers")) for statement in _CONCERNING)
