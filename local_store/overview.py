"""Figures over the whole store, for the report: what waits, what could not be read, whose name a record bears."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from domain.actions import Disposition
from domain.records import HOURS_STREAM, RecordKey
from local_store.revisions import record_numbers, record_place
from local_store.spelling import read_record
from local_store.tables.people import PERSON, SUBJECT
from local_store.tables.records import MEMBERSHIP, QUARANTINE, RECORD
from local_store.transaction import Tx, portions

_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many services wait for another platform, and the first day on which such a wait ends."""

    count: int
    first_due_on: date | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Rows of one platform that could not be read for one reason; ``external_ids`` are the first few."""

    platform: str
    reason: str
    count: int
    external_ids: tuple[str, ...]


def waiting(tx: Tx) -> Waiting:
    """Count the services that wait."""
    counted = select(func.count(MEMBERSHIP.c.service_id.distinct())).where(
        MEMBERSHIP.c.disposition == Disposition.WAITING.value
    )
    due = select(func.min(SUBJECT.c.due_on))
    first = tx.connection.execute(due).scalar()
    count = int(tx.connection.execute(counted).scalar_one())
    return Waiting(count, date.fromisoformat(first) if first and count else None)


def unreadable(tx: Tx) -> list[Unreadable]:
    """Give the rows that are set aside, by platform and reason."""
    rows = tx.rows(
        select(QUARANTINE.c.platform, QUARANTINE.c.reason, QUARANTINE.c.external_id)
        .where(QUARANTINE.c.is_lifted.is_(False))
        .order_by(QUARANTINE.c.platform, QUARANTINE.c.reason, QUARANTINE.c.external_id)
    )
    ids: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        ids.setdefault((row.platform, row.reason), []).append(row.external_id)
    return [
        Unreadable(platform, reason, len(found), tuple(one for one in found if one)[:_SAMPLES])
        for (platform, reason), found in ids.items()
    ]


def unreadable_counts(tx: Tx) -> dict[tuple[str, str], int]:
    """Count the rows that are set aside, by platform and reason."""
    statement = (
        select(QUARANTINE.c.platform, QUARANTINE.c.reason, func.count().label("how_many"))
        .where(QUARANTINE.c.is_lifted.is_(False))
        .group_by(QUARANTINE.c.platform, QUARANTINE.c.reason)
    )
    return {(row.platform, row.reason): row.how_many for row in tx.rows(statement)}


def spoken_names(tx: Tx, keys: Collection[RecordKey]) -> dict[RecordKey, str]:
    """Give the name, in clear, that each platform record bears; the caller masks it."""
    numbers = record_numbers(tx, {key for key in keys if key.stream == HOURS_STREAM})
    key_of = {number: key for key, number in numbers.items()}
    return {
        key_of[row.number]: read_record(
            tx.vault.open(record_place(key_of[row.number], row.revision), row.sealed)
        ).person.name
        for portion in portions(sorted(key_of))
        for row in tx.rows(
            select(RECORD.c.number, RECORD.c.revision, RECORD.c.sealed).where(RECORD.c.number.in_(portion))
        )
    }


def is_anybody_enrolled(tx: Tx) -> bool:
    """Say whether the roster has a single person."""
    return bool(tx.rows(_ANYBODY))


_ANYBODY = select(PERSON.c.number).limit(1)
