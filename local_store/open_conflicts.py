"""Conflicts as they are read: each with its records, its state and the last decision."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from domain.conflicts import Conflict, ConflictKind, ConflictState, Decision
from domain.records import RecordKey, RecordState
from local_store.dialects import among
from local_store.judgements import decision_of
from local_store.tables.conflicts import CONFLICT_RECORD, DECISION
from local_store.tables.records import CLAIM, MEMBERSHIP, RECORD
from local_store.transaction import Tx, instant_of, portions


@dataclass(frozen=True, slots=True)
class ConflictRecord:
    """A record that a conflict is about, as the operator sees it."""

    key: RecordKey
    state: RecordState
    service_date: date
    starts_at: datetime | None
    ends_at: datetime | None
    reported_seconds: int
    category: str | None
    station: str
    activity_name: str
    is_gone: bool
    identity: int
    name_token: str
    activity_id: str
    service_id: str


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """A conflict in its state; ``decision`` is the last that was not undone, also while it is only proposed.

    ``asked_until`` is the day until which that decision asks the station.
    """

    conflict: Conflict
    state: ConflictState
    since: datetime
    records: tuple[ConflictRecord, ...]
    decision: Decision | None
    asked_until: date | None = None


def opened(tx: Tx, rows: Sequence[Any]) -> list[OpenConflict]:
    """Give the conflicts of these rows."""
    ids = [row.conflict_id for row in rows]
    records: dict[str, list[ConflictRecord]] = {conflict_id: [] for conflict_id in ids}
    decisions: dict[str, Decision] = {}
    asked: dict[str, str | None] = {}
    for portion in portions(ids):
        for row in tx.rows(_RECORDS, {"ids": portion}):
            records[row.conflict_id].append(_record(row))
        for row in tx.rows(_JUDGED, {"ids": portion}):
            decisions[row.conflict_id] = decision_of(tx, row)
            asked[row.conflict_id] = row.due_on
    return [
        OpenConflict(
            _conflict(row), ConflictState(row.state), instant_of(row.since_at), tuple(records[row.conflict_id]),
            decisions.get(row.conflict_id), _day(asked.get(row.conflict_id)),
        )
        for row in rows
    ]  # fmt: skip


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


_RECORDS = (
    select(
        CONFLICT_RECORD.c.conflict_id, RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream,
        MEMBERSHIP.c.service_id, CLAIM,
    )
    .join_from(CONFLICT_RECORD, RECORD, RECORD.c.number == CONFLICT_RECORD.c.record)
    .join(CLAIM, CLAIM.c.record == RECORD.c.number)
    .join(MEMBERSHIP, MEMBERSHIP.c.record == RECORD.c.number, isouter=True)
    .where(among(CONFLICT_RECORD.c.conflict_id, "ids"))
    .order_by(CONFLICT_RECORD.c.conflict_id, CONFLICT_RECORD.c.place)
)  # fmt: skip
_JUDGED = (
    select(DECISION)
    .where(among(DECISION.c.conflict_id, "ids"), DECISION.c.undone_at.is_(None))
    .order_by(DECISION.c.number)
)


def _record(row: Any) -> ConflictRecord:  # noqa: ANN401 - a row
    return ConflictRecord(
        key=RecordKey(row.platform, row.external_id, row.stream),
        state=RecordState(row.state),
        service_date=date.fromisoformat(row.service_date),
        starts_at=None if row.starts_at is None else instant_of(row.starts_at),
        ends_at=None if row.ends_at is None else instant_of(row.ends_at),
        reported_seconds=row.reported_seconds,
        category=row.category,
        station=row.station,
        activity_name=row.activity_name,
        is_gone=row.is_gone,
        identity=row.identity,
        name_token=row.name_token,
        activity_id=row.activity_id,
        service_id=row.service_id or "",
    )


def _conflict(row: Any) -> Conflict:  # noqa: ANN401 - a row
    return Conflict(
        kind=ConflictKind(row.kind),
        about=row.about,
        is_blocking=row.is_blocking,
        person=row.person,
        identity=row.identity,
        station=row.station,
        service_date=_day(row.service_date),
        records=tuple(RecordKey(*key) for key in json.loads(row.keys_said)),
        seconds_at_stake=row.seconds_at_stake,
        cause=row.cause,
        evidence=tuple(json.loads(row.evidence)),
        reason=row.reason,
        details=tuple((name, said) for name, said in json.loads(row.details)),
        suggestion=row.suggestion,
    )
