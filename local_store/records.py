"""Records of platforms: keep a page of them, set aside what cannot be read, mark what a sweep no longer shows."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update

from domain.claims import Claim
from domain.records import HOURS_STREAM, QuarantinedRow, Record, RecordKey, RecordState
from local_store.dialects import among, insert_rows
from local_store.revisions import Reading, keep, known_records, record_place
from local_store.roots import mark_changed
from local_store.spelling import read_record, spelled_record
from local_store.tables.records import CLAIM, QUARANTINE, RECORD
from local_store.tables.runs import RAW_PAGE
from local_store.transaction import Tx, portions, seconds_of

_FAST = 1
_STREAMED = 1000
_BEGINNING = 0


@dataclass(frozen=True, slots=True)
class SaveTally:
    """How many distinct readable records a page held, and how many of them were news."""

    seen: int
    changed: int


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it was last said, with what the store made of its person; for reading it under other rules."""

    number: int
    revision: int
    record: Record
    identity: int
    name_token: str


def save_raw(tx: Tx, run: int, platform: str, scope: str, raw: bytes) -> int:
    """Keep an answer as it came, compressed and sealed; give its number."""
    number = tx.take_numbers("raw_page", 1)
    sealed = tx.vault.seal(f"raw_page/{number}/raw", zlib.compress(raw, _FAST))
    row = {
        "number": number, "run": run, "platform": platform, "scope": scope, "kept_at": tx.now, "sealed": sealed,
    }  # fmt: skip
    insert_rows(tx.connection, RAW_PAGE, [row])
    return number


def open_raw(tx: Tx, number: int) -> bytes:
    """Give an answer back as it came."""
    sealed = tx.connection.execute(select(RAW_PAGE.c.sealed).where(RAW_PAGE.c.number == number)).scalar_one()
    return zlib.decompress(tx.vault.open(f"raw_page/{number}/raw", sealed))


def save(
    tx: Tx, readings: Iterable[tuple[Record, Claim]], run: int, raw_page: int | None
) -> SaveTally:  # fmt: skip
    """Keep a page of records with their claims; the same page again only marks them as seen."""
    return save_pages(tx, [(raw_page, readings)], run)


def save_pages(tx: Tx, pages: Iterable[tuple[int | None, Iterable[tuple[Record, Claim]]]], run: int) -> SaveTally:
    """Keep several pages, each with the number of its answer, as one: of one record, what was said last."""
    latest: dict[RecordKey, Reading] = {}
    token = tx.vault.token_of_bytes
    for raw_page, readings in pages:
        for record, claim in readings:
            updated_at = seconds_of(record.updated_at)
            earlier = latest.get(record.key)
            if earlier is None or updated_at >= earlier.updated_at:
                content = record.content()
                latest[record.key] = Reading(
                    record.key, record, record.organisation, updated_at, token("fingerprint", content), claim,
                    spelled_record(record, content), raw_page,
                )  # fmt: skip
    tally = keep(tx, latest.values(), known_records(tx, latest), run)
    return SaveTally(tally.seen, tally.changed)


def quarantine(tx: Tx, rows: Sequence[QuarantinedRow], run: int) -> int:
    """Set rows aside that cannot be read, each content once; give how many are new.

    A row whose record was readable before flags that record: its last readable revision stands.
    """
    if not rows:
        return 0
    said = {_quarantine_key(tx, row): row for row in rows}
    known = {}
    for platform in {row.platform for row in rows}:
        ids = sorted({row.external_id for row in rows if row.platform == platform})
        for portion in portions(ids):
            for row in tx.rows(_SET_ASIDE, {"of_platform": platform, "ids": portion}):
                known[platform, row.external_id, row.content_token] = row.number
    again = [known[key] for key in said if key in known]
    if again:
        tx.connection.execute(_AGAIN, {"numbers": again, "run": run})
    new = {key: row for key, row in said.items() if key not in known}
    _set_aside(tx, new, run)
    _flag(tx, [RecordKey(row.platform, row.external_id, HOURS_STREAM) for row in rows if row.external_id], run)
    return len(new)


def mark_gone(tx: Tx, platform: str, scope: str, sweep_run: int, day: date) -> int:
    """Mark the records of a scope that a complete sweep no longer showed; withdrawn ones need no mark.

    ``sweep_run`` is the run of the sweep: what it saw bears its number.
    """
    gone = tx.rows(_UNSEEN, {**_place(platform, scope), "run": sweep_run})
    for portion in portions(row.number for row in gone):
        tx.connection.execute(_GONE, {"numbers": portion, "day": day.isoformat()})
        tx.connection.execute(_CLAIM_GONE, {"numbers": portion})
    mark_changed(tx, {row.identity for row in gone})
    return len(gone)


def count_unseen(tx: Tx, platform: str, scope: str, sweep_run: int) -> int:
    """Give how many records ``mark_gone`` would mark."""
    return int(tx.connection.execute(_COUNT_UNSEEN, {**_place(platform, scope), "run": sweep_run}).scalar_one())


def present_ids(tx: Tx, platform: str, scope: str) -> Iterator[str]:
    """Give the platform's ids of a scope's records that are there, neither gone nor withdrawn, one after the other."""
    streamed = {"yield_per": _STREAMED}
    with tx.connection.execute(_PRESENT, _place(platform, scope), execution_options=streamed) as found:
        yield from (row.external_id for row in found)


def known_in_window(tx: Tx, platform: str, scope: str, start: datetime | None, end: datetime) -> int:
    """Give how many records of a scope, not gone, were last changed within a window; no start: from the beginning."""
    window = {"start": _BEGINNING if start is None else seconds_of(start), "end": seconds_of(end)}
    return int(tx.connection.execute(_KNOWN_IN_WINDOW, {**_place(platform, scope), **window}).scalar_one())


def _place(platform: str, scope: str) -> dict[str, Any]:
    return {"of_platform": platform, "of_scope": scope}


def read_otherwise(tx: Tx, rules_version: str, after: int, at_most: int) -> list[StoredRecord]:
    """Give platform records whose claims were read under another rule set, by number, behind ``after``."""
    statement = (
        select(RECORD, CLAIM.c.identity, CLAIM.c.name_token)
        .join_from(RECORD, CLAIM, CLAIM.c.record == RECORD.c.number)
        .where(RECORD.c.stream == HOURS_STREAM, RECORD.c.number > after, CLAIM.c.rules_version != rules_version)
        .order_by(RECORD.c.number)
        .limit(at_most)
    )
    stored = []
    for row in tx.rows(statement):
        key = RecordKey(row.platform, row.external_id, row.stream)
        record = read_record(tx.vault.open(record_place(key, row.revision), row.sealed))
        stored.append(StoredRecord(row.number, row.revision, record, row.identity, row.name_token))
    return stored


def quarantine_place(number: int) -> str:
    """Give the place to which the bytes of a row that was set aside are bound."""
    return f"quarantine/{number}/raw"


def _quarantine_key(tx: Tx, row: QuarantinedRow) -> tuple[str, str, str]:
    return row.platform, row.external_id, tx.vault.token_of_bytes("fingerprint", row.raw)


def _set_aside(tx: Tx, new: dict[tuple[str, str, str], QuarantinedRow], run: int) -> None:
    if not new:
        return
    first = tx.take_numbers("quarantine", len(new))
    insert_rows(tx.connection, QUARANTINE, [
        {
            "number": number, "platform": key[0], "organisation": row.organisation, "external_id": key[1],
            "content_token": key[2], "reason": row.reason, "field": row.field, "first_run": run, "last_run": run,
            "is_lifted": False, "sealed": tx.vault.seal(quarantine_place(number), row.raw),
        }
        for number, (key, row) in enumerate(new.items(), first)
    ])  # fmt: skip


def _flag(tx: Tx, keys: Sequence[RecordKey], run: int) -> None:
    """Flag the last readable revision of these records; they were seen, if not understood."""
    known = known_records(tx, keys)
    for portion in portions(row.number for row in known.values()):
        tx.connection.execute(_SEEN, {"numbers": portion, "run": run})
        tx.connection.execute(_FLAG, {"numbers": portion})
    mark_changed(tx, {row.identity for row in known.values() if not row.is_flagged})


_IN_SCOPE = (
    RECORD.c.platform == bindparam("of_platform"), RECORD.c.organisation == bindparam("of_scope"),
    RECORD.c.gone_on.is_(None),
)  # fmt: skip
_THERE = (*_IN_SCOPE, RECORD.c.state != RecordState.WITHDRAWN.value)
_PRESENT = select(RECORD.c.external_id).where(*_THERE)
_NOT_SEEN = (*_THERE, RECORD.c.last_run < bindparam("run"))
_COUNT_UNSEEN = select(func.count()).select_from(RECORD).where(*_NOT_SEEN)
_UNSEEN = (
    select(RECORD.c.number, CLAIM.c.identity)
    .join_from(RECORD, CLAIM, CLAIM.c.record == RECORD.c.number)
    .where(*_NOT_SEEN)
)
_KNOWN_IN_WINDOW = (
    select(func.count())
    .select_from(RECORD)
    .where(*_IN_SCOPE, RECORD.c.updated_at >= bindparam("start"), RECORD.c.updated_at < bindparam("end"))
)
_SET_ASIDE = select(QUARANTINE.c.number, QUARANTINE.c.external_id, QUARANTINE.c.content_token).where(
    QUARANTINE.c.platform == bindparam("of_platform"), among(QUARANTINE.c.external_id, "ids")
)
_AGAIN = (
    update(QUARANTINE).where(among(QUARANTINE.c.number, "numbers")).values(last_run=bindparam("run"), is_lifted=False)
)
_SEEN = update(RECORD).where(among(RECORD.c.number, "numbers")).values(last_run=bindparam("run"))
_FLAG = update(CLAIM).where(among(CLAIM.c.record, "numbers")).values(is_flagged=True)
_GONE = update(RECORD).where(among(RECORD.c.number, "numbers")).values(gone_on=bindparam("day"))
_CLAIM_GONE = update(CLAIM).where(among(CLAIM.c.record, "numbers")).values(is_gone=True)
