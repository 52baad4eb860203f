"""Conflicts (待核事项): opened once, closed when their cause is gone, reopened only by other evidence."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from domain.conflicts import Conflict, ConflictKind, ConflictState
from local_store.dialects import among, insert_rows, upsert_rows
from local_store.open_conflicts import OpenConflict, opened
from local_store.revisions import record_numbers
from local_store.tables.conflicts import CONFLICT, CONFLICT_RECORD
from local_store.tables.people import IDENTITY
from local_store.tables.records import CLAIM
from local_store.transaction import Tx, portions

_UNPLANNED = (ConflictKind.GUARD, ConflictKind.CONTRACT, ConflictKind.REFUSED_BY_PLATFORM, ConflictKind.UNKNOWN_OUTCOME)
_OF_PLATFORMS = (ConflictKind.GUARD, ConflictKind.CONTRACT)
_UNDECIDED = (ConflictState.OPEN, ConflictState.PROPOSED, ConflictState.RETURNED)


@dataclass(frozen=True, slots=True)
class ConflictTally:
    """How many conflicts came to be open, and how many were closed because their cause is gone."""

    opened: int
    closed: int


def save(tx: Tx, subjects: Sequence[int], conflicts: Sequence[Conflict], run: int) -> ConflictTally:
    """Bring the conflicts of planned subjects to what their plans found."""
    present = {row.conflict_id: row for row in _of_subjects(tx, subjects)}
    return _save(tx, present, conflicts, run)


def foreseen(tx: Tx, subjects: Sequence[int], conflicts: Sequence[Conflict]) -> tuple[list[Conflict], list[Any]]:
    """Give what ``save`` would open, and the rows (kind, station) that it would close; nothing is written."""
    present = {row.conflict_id: row for row in _of_subjects(tx, subjects)}
    found = {conflict.conflict_id: conflict for conflict in conflicts}
    _know_all(tx, present, found)
    opened = [conflict for key, conflict in found.items() if _is_opened(present.get(key), conflict)]
    return opened, [present[key] for key in _gone(present, found)]


def rows_of(tx: Tx, conflict_ids: Sequence[str]) -> dict[str, Any]:
    """Give the rows of these conflicts as they stand."""
    return {row.conflict_id: row for portion in portions(conflict_ids) for row in tx.rows(_NAMED, {"ids": portion})}


def save_stops(tx: Tx, stops: Sequence[Conflict], run: int) -> ConflictTally:
    """Bring the conflicts of whole platforms (safety stops, contract) to what a run found; the others are closed."""
    return _save(tx, {row.conflict_id: row for row in tx.rows(_OF_PLACES)}, stops, run)


def count_open(tx: Tx) -> int:
    """Give how many conflicts wait for a person."""
    return int(tx.connection.execute(_COUNT_OPEN).scalar_one())


def listing(
    tx: Tx,
    kinds: Collection[ConflictKind] = (),
    states: Collection[ConflictState] = (ConflictState.OPEN,),
    station: str = "",
) -> list[OpenConflict]:
    """Give conflicts of these kinds (none named: all), states (none named: all) and this station ("": all)."""
    statement = select(CONFLICT).order_by(CONFLICT.c.since_at, CONFLICT.c.conflict_id)
    if kinds:
        statement = statement.where(CONFLICT.c.kind.in_([kind.value for kind in kinds]))
    if states:
        statement = statement.where(CONFLICT.c.state.in_([state.value for state in states]))
    if station:
        statement = statement.where(CONFLICT.c.station == station)
    return opened(tx, tx.rows(statement))


def one(tx: Tx, conflict_id: str) -> OpenConflict | None:
    """Give one conflict, or None where there is none of that id."""
    found = opened(tx, tx.rows(select(CONFLICT).where(CONFLICT.c.conflict_id == conflict_id)))
    return found[0] if found else None


def named(tx: Tx, conflict_ids: Iterable[str]) -> list[OpenConflict]:
    """Give the conflicts with these ids, those that there are, in any state."""
    return [one for portion in portions(conflict_ids) for one in opened(tx, tx.rows(_NAMED, {"ids": portion}))]


def _save(tx: Tx, present: dict[str, Any], conflicts: Sequence[Conflict], run: int) -> ConflictTally:
    found = {conflict.conflict_id: conflict for conflict in conflicts}
    _know_all(tx, present, found)
    opened = {conflict_id for conflict_id, one in found.items() if _is_opened(present.get(conflict_id), one)}
    rows = [_row(tx, conflict, present.get(key), run, is_opened=key in opened) for key, conflict in found.items()]
    written = [row for row in rows if _differs(present.get(row["conflict_id"]), row)]
    upsert_rows(tx.connection, CONFLICT, written)
    _link(tx, [found[row["conflict_id"]] for row in written])
    gone = _gone(present, found)
    for portion in portions(gone):
        tx.connection.execute(_CLOSE, {"ids": portion, "run": run})
    return ConflictTally(len(opened), len(gone))


def _know_all(tx: Tx, present: dict[str, Any], found: dict[str, Conflict]) -> None:
    """Add the rows of those found that stand with other subjects, or with nobody any more."""
    for portion in portions(conflict_id for conflict_id in list(found) if conflict_id not in present):
        present |= {row.conflict_id: row for row in tx.rows(_NAMED, {"ids": portion})}


def _gone(present: dict[str, Any], found: dict[str, Conflict]) -> list[str]:
    """Give those whose cause is gone, as far as nobody has decided them."""
    return [key for key, row in present.items() if key not in found and row.state in _UNDECIDED]


def _is_opened(row: Any, conflict: Conflict) -> bool:  # noqa: ANN401 - a row, or None
    """Say whether this brings a conflict to a person: new, back again, or decided on other evidence."""
    if row is None or row.state == ConflictState.CLOSED:
        return True
    return row.state != ConflictState.OPEN and bool(row.evidence_fingerprint != conflict.evidence_fingerprint)


def _row(tx: Tx, conflict: Conflict, row: Any, run: int, *, is_opened: bool) -> dict[str, Any]:  # noqa: ANN401
    return {
        "conflict_id": conflict.conflict_id, "kind": conflict.kind.value, "about": conflict.about,
        "state": ConflictState.OPEN.value if is_opened else row.state, "is_blocking": conflict.is_blocking,
        "person": conflict.person, "identity": conflict.identity, "station": conflict.station,
        "service_date": conflict.service_date.isoformat() if conflict.service_date else None,
        "seconds_at_stake": conflict.seconds_at_stake, "cause": conflict.cause,
        "evidence": json.dumps(conflict.evidence, ensure_ascii=False),
        "evidence_fingerprint": conflict.evidence_fingerprint, "reason": conflict.reason,
        "details": json.dumps(conflict.details, ensure_ascii=False), "suggestion": conflict.suggestion,
        "keys_said": json.dumps([[key.platform, key.external_id, key.stream] for key in conflict.records]),
        "since_at": tx.now if is_opened else row.since_at, "opened_run": run if is_opened else row.opened_run,
        "closed_run": None,
    }  # fmt: skip


def _differs(present: Any, row: dict[str, Any]) -> bool:  # noqa: ANN401 - a row, or None
    return present is None or any(getattr(present, name) != value for name, value in row.items())


def _link(tx: Tx, conflicts: Iterable[Conflict]) -> None:
    """Name the records of these conflicts anew."""
    several = list(conflicts)
    for portion in portions(conflict.conflict_id for conflict in several):
        tx.connection.execute(_UNLINK, {"ids": portion})
    numbers = record_numbers(tx, {key for conflict in several for key in conflict.records})
    rows = [
        {"conflict_id": conflict.conflict_id, "record": numbers[key], "place": place}
        for conflict in several
        for place, key in enumerate(dict.fromkeys(conflict.records))
        if key in numbers
    ]
    insert_rows(tx.connection, CONFLICT_RECORD, rows)


_NAMED = select(CONFLICT).where(among(CONFLICT.c.conflict_id, "ids"))
_CLOSE = (
    update(CONFLICT)
    .where(among(CONFLICT.c.conflict_id, "ids"))
    .values(state=ConflictState.CLOSED.value, closed_run=bindparam("run"))
)
_UNLINK = delete(CONFLICT_RECORD).where(among(CONFLICT_RECORD.c.conflict_id, "ids"))
_ASKED = among(IDENTITY.c.subject, "subjects")
_OF_PLACES = select(CONFLICT).where(CONFLICT.c.kind.in_([kind.value for kind in _OF_PLATFORMS]))
_COUNT_OPEN = select(func.count()).select_from(CONFLICT).where(CONFLICT.c.state.in_([one.value for one in _UNDECIDED]))
_PLANNED = CONFLICT.c.kind.not_in([kind.value for kind in _UNPLANNED])
_OF_SUBJECTS = (
    select(CONFLICT)
    .join_from(IDENTITY, CLAIM, CLAIM.c.identity == IDENTITY.c.number)
    .join(CONFLICT_RECORD, CONFLICT_RECORD.c.record == CLAIM.c.record)
    .join(CONFLICT, CONFLICT.c.conflict_id == CONFLICT_RECORD.c.conflict_id)
    .where(_ASKED, _PLANNED),
    select(CONFLICT).join_from(IDENTITY, CONFLICT, CONFLICT.c.identity == IDENTITY.c.number).where(_ASKED, _PLANNED),
    select(CONFLICT).join_from(IDENTITY, CONFLICT, CONFLICT.c.person == IDENTITY.c.person).where(_ASKED, _PLANNED),
)


def _of_subjects(tx: Tx, subjects: Sequence[int]) -> Iterable[Any]:
    for portion in portions(subjects):
        for statement in _OF_SUBJECTS:
            yield from tx.rows(statement, {"subjects": portion})
