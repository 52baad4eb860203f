"""What a reference means: the subjects behind a service, a person or a record, and what a record said over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from domain.entries import Entry
from domain.records import HOURS_STREAM, Record, RecordKey
from local_store.revisions import record_place
from local_store.spelling import read_entry, read_record
from local_store.tables.people import IDENTITY
from local_store.tables.records import CLAIM, MEMBERSHIP, RECORD, RECORD_VERSION
from local_store.tables.runs import RUN
from local_store.transaction import Tx, instant_of


@dataclass(frozen=True, slots=True)
class SaidVersion:
    """One revision of a record, in clear: what was said, and the last run that heard it so."""

    revision: int
    said: Record | Entry
    heard_at: datetime


def subjects_of_service(tx: Tx, service_id: str) -> tuple[int, ...]:
    """Give the subjects whose records were last judged to speak of a service."""
    statement = (
        select(IDENTITY.c.subject)
        .distinct()
        .join_from(MEMBERSHIP, CLAIM, CLAIM.c.record == MEMBERSHIP.c.record)
        .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
        .where(MEMBERSHIP.c.service_id == service_id)
        .order_by(IDENTITY.c.subject)
    )
    return tuple(row.subject for row in tx.rows(statement))


def subjects_of_person(tx: Tx, person: int) -> tuple[int, ...]:
    """Give the subjects in which a person of the roster is planned."""
    statement = select(IDENTITY.c.subject).distinct().where(IDENTITY.c.person == person).order_by(IDENTITY.c.subject)
    return tuple(row.subject for row in tx.rows(statement))


def records_named(tx: Tx, reference: str) -> list[tuple[RecordKey, int]]:
    """Give the records that ``platform:id``, or an id alone, names, each with its subject."""
    platform, colon, external_id = reference.partition(":")
    statement = (
        select(RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream, IDENTITY.c.subject)
        .join_from(RECORD, CLAIM, CLAIM.c.record == RECORD.c.number)
        .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
        .where(RECORD.c.external_id == (external_id if colon else reference))
        .order_by(RECORD.c.platform, RECORD.c.stream)
    )
    if colon:
        statement = statement.where(RECORD.c.platform == platform)
    return [(RecordKey(row.platform, row.external_id, row.stream), row.subject) for row in tx.rows(statement)]


def versions(tx: Tx, key: RecordKey) -> list[SaidVersion]:
    """Give everything that a record ever said, the oldest revision first."""
    mine = (RECORD.c.platform == key.platform, RECORD.c.external_id == key.external_id, RECORD.c.stream == key.stream)
    now = (
        select(RECORD.c.revision, RECORD.c.sealed, RUN.c.started_at)
        .join_from(RECORD, RUN, RUN.c.number == RECORD.c.last_run)
        .where(*mine)
    )
    before = (
        select(RECORD_VERSION.c.revision, RECORD_VERSION.c.sealed, RUN.c.started_at)
        .join_from(RECORD, RECORD_VERSION, RECORD_VERSION.c.record == RECORD.c.number)
        .join(RUN, RUN.c.number == RECORD_VERSION.c.last_run)
        .where(*mine)
    )
    rows = sorted([*tx.rows(before), *tx.rows(now)], key=lambda row: row.revision)
    read = read_record if key.stream == HOURS_STREAM else read_entry
    return [
        SaidVersion(
            row.revision, read(tx.vault.open(record_place(key, row.revision), row.sealed)), instant_of(row.started_at)
        )
        for row in rows
    ]
