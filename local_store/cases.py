"""What people were asked and what they said, whole: conflicts in any state, every decision, every merging."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from domain.conflicts import Decision
from domain.records import RecordKey
from local_store import conflicts
from local_store.dialects import among
from local_store.judgements import decision_of
from local_store.open_conflicts import OpenConflict
from local_store.revisions import record_numbers
from local_store.tables.conflicts import CONFLICT, CONFLICT_RECORD, DECISION
from local_store.tables.people import PERSON, PERSON_MERGE
from local_store.tables.records import QUARANTINE
from local_store.tables.runs import RUN
from local_store.transaction import Tx, instant_of, portions


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision and what became of it; ``moved_seconds`` is what it was found to move."""

    decision: Decision
    is_proposed: bool
    moved_seconds: int
    due_on: date | None
    agreed_by: str
    agreed_at: datetime | None
    undone_by: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """A conflict as it stands, and every decision that was ever made of it, the oldest first."""

    found: OpenConflict
    judged: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Merging:
    """Two numbers that were found to be one person; ``old`` and ``new`` are 本地编号, the reason may name people."""

    old: str
    new: str
    merged_by: str
    merged_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """A row that could not be read, of the same number as a record; ``is_lifted`` once it was readable later."""

    key: RecordKey
    reason: str
    field: str
    heard_at: datetime
    is_lifted: bool


def cases_about(tx: Tx, keys: Iterable[RecordKey], service_ids: Iterable[str] = ()) -> list[Case]:
    """Give the cases that name any of these records, or are about any of these services, closed ones too."""
    numbers = sorted(record_numbers(tx, keys).values())
    ids = {row.conflict_id for portion in portions(numbers) for row in tx.rows(_NAMING, {"numbers": portion})}
    abouts = [f"service/{service_id}" for service_id in service_ids]
    ids |= {row.conflict_id for portion in portions(abouts) for row in tx.rows(_ABOUT, {"abouts": portion})}
    return cases(tx, ids)


def cases(tx: Tx, conflict_ids: Iterable[str]) -> list[Case]:
    """Give these cases, the oldest first."""
    ids = sorted(conflict_ids)
    judged: dict[str, list[Judged]] = defaultdict(list)
    for portion in portions(ids):
        for row in tx.rows(_JUDGED, {"ids": portion}):
            judged[row.conflict_id].append(_judged(tx, row))
    found = [Case(one, tuple(judged[one.conflict.conflict_id])) for one in conflicts.named(tx, ids)]
    return sorted(found, key=lambda case: (case.found.since, case.found.conflict.conflict_id))


def decision(tx: Tx, number: int) -> Judged | None:
    """Give one decision, or None where there is none of that number."""
    rows = tx.rows(select(DECISION).where(DECISION.c.number == number))
    return _judged(tx, rows[0]) if rows else None


def mergings(tx: Tx, people: Iterable[int]) -> list[Merging]:
    """Give the mergings that led to these persons, or away from them, the oldest first."""
    asked = sorted(set(people))
    statement = (
        select(PERSON_MERGE, _OLD.c.local_number.label("old_number"), _NEW.c.local_number.label("new_number"))
        .join_from(PERSON_MERGE, _OLD, _OLD.c.number == PERSON_MERGE.c.old)
        .join(_NEW, _NEW.c.number == PERSON_MERGE.c.new)
        .where(PERSON_MERGE.c.old.in_(asked) | PERSON_MERGE.c.new.in_(asked))
        .order_by(PERSON_MERGE.c.merged_at, PERSON_MERGE.c.old)
    )
    return [
        Merging(
            row.old_number, row.new_number, row.merged_by, instant_of(row.merged_at),
            tx.vault.open(f"person_merge/{row.old}/reason", row.sealed).decode(),
        )
        for row in tx.rows(statement)
    ]  # fmt: skip


def unread_rows(tx: Tx, keys: Iterable[RecordKey]) -> list[UnreadRow]:
    """Give the rows that could not be read, of the same numbers as these records, in the order in which they came."""
    asked = {(key.platform, key.external_id) for key in keys}
    found = [
        _unread(row)
        for portion in portions(sorted({external_id for _, external_id in asked}))
        for row in tx.rows(_UNREAD, {"ids": portion})
        if (row.platform, row.external_id) in asked
    ]
    return sorted(found, key=lambda row: (row.heard_at, row.key, row.reason))


def unread_named(tx: Tx, reference: str) -> list[UnreadRow]:
    """Give the rows that could not be read which ``platform:id``, or an id alone, names."""
    platform, colon, external_id = reference.partition(":")
    rows = tx.rows(_UNREAD, {"ids": [external_id if colon else reference]})
    return [_unread(row) for row in rows if not colon or row.platform == platform]


def _unread(row: Any) -> UnreadRow:  # noqa: ANN401 - a row
    key = RecordKey(row.platform, row.external_id)
    return UnreadRow(key, row.reason, row.field, instant_of(row.started_at), bool(row.is_lifted))


_OLD, _NEW = PERSON.alias("old_person"), PERSON.alias("new_person")
_NAMING = select(CONFLICT_RECORD.c.conflict_id).distinct().where(among(CONFLICT_RECORD.c.record, "numbers"))
_ABOUT = select(CONFLICT.c.conflict_id).where(among(CONFLICT.c.about, "abouts"))
_JUDGED = select(DECISION).where(among(DECISION.c.conflict_id, "ids")).order_by(DECISION.c.number)
_UNREAD = (
    select(QUARANTINE, RUN.c.started_at)
    .join_from(QUARANTINE, RUN, RUN.c.number == QUARANTINE.c.first_run)
    .where(among(QUARANTINE.c.external_id, "ids"), QUARANTINE.c.external_id != "")
)


def _judged(tx: Tx, row: Any) -> Judged:  # noqa: ANN401 - a row of the decision table
    return Judged(
        decision=decision_of(tx, row),
        is_proposed=bool(row.is_proposed),
        moved_seconds=row.moved_seconds,
        due_on=None if row.due_on is None else date.fromisoformat(row.due_on),
        agreed_by=row.agreed_by or "",
        agreed_at=None if row.agreed_at is None else instant_of(row.agreed_at),
        undone_by=row.undone_by or "",
        undone_at=None if row.undone_at is None else instant_of(row.undone_at),
    )
