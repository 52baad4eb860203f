"""Keep what was said, revision by revision: the present one beside its claim, earlier ones in ``record_version``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from domain.claims import Claim
from domain.entries import Entry
from domain.records import Record, RecordKey
from local_store.dialects import insert_rows, upsert_rows
from local_store.roots import mark_changed
from local_store.spelling import spelled_entry, spelled_record
from local_store.tables.records import CLAIM, QUARANTINE, RECORD, RECORD_VERSION
from local_store.transaction import Tx, portions, seconds_of
from local_store.vault import Vault

_COPIED = ("revision", "fingerprint", "state", "updated_at", "last_run", "raw_page", "sealed")


@dataclass(frozen=True, slots=True)
class Reading:
    """One record or entry with its claim; ``updated_at`` in seconds since 1970."""

    key: RecordKey
    said: Record | Entry
    organisation: str
    updated_at: int
    fingerprint: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class KeepTally:
    """What keeping did: distinct keys seen, how many were news, and the number of each record."""

    seen: int
    changed: int
    numbers: dict[RecordKey, int]


def known_records(tx: Tx, keys: Iterable[RecordKey]) -> dict[RecordKey, Any]:
    """Give the stored row of each key that is known: number, revision, fingerprint and what its claim rests on."""
    by_place: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in keys:
        by_place[key.platform, key.stream].append(key.external_id)
    found: dict[RecordKey, Any] = {}
    for (platform, stream), external_ids in by_place.items():
        for portion in portions(external_ids):
            for row in tx.rows(_KNOWN, {"of_platform": platform, "of_stream": stream, "ids": portion}):
                found[RecordKey(platform, row.external_id, stream)] = row
    return found


def record_numbers(tx: Tx, keys: Iterable[RecordKey]) -> dict[RecordKey, int]:
    """Give the number of each record key that is known."""
    return {key: row.number for key, row in known_records(tx, keys).items()}


def keep(tx: Tx, readings: Iterable[Reading], known: dict[RecordKey, Any], run: int, raw_page: int | None) -> KeepTally:
    """Keep readings of distinct keys: new ones, other content as a new revision, the same as seen once more.

    What was changed at its platform earlier than what we hold (an older file) never takes its place.
    """
    new: list[Reading] = []
    other: list[tuple[Reading, Any]] = []
    same: list[tuple[Reading, Any]] = []
    for reading in readings:
        row = known.get(reading.key)
        if row is None:
            new.append(reading)
        elif row.fingerprint != reading.fingerprint and reading.updated_at >= row.updated_at:
            other.append((reading, row))
        else:
            same.append((reading, row))
    numbers = {key: row.number for key, row in known.items()} | _add(tx, new, run, raw_page)
    _revise(tx, other, run, raw_page)
    again = _see(tx, same, run)
    identities = {reading.claim.identity for reading in new}
    identities |= {one for reading, row in (*other, *again) for one in (reading.claim.identity, row.identity)}
    mark_changed(tx, identities)
    return KeepTally(len(new) + len(other) + len(same), len(new) + len(other) + len(again), numbers)


def reread(tx: Tx, claims: Sequence[tuple[int, Claim]]) -> None:
    """Put a new reading in the place of the claims of these record numbers, as under another rule set.

    What the store itself knows of a claim (gone, flagged) stays.
    """
    rows = [_claim_row(number, claim.revision, claim) for number, claim in claims]
    for row in rows:
        row["one"] = row.pop("record")
        del row["is_gone"], row["is_flagged"]
    if rows:
        tx.connection.execute(update(CLAIM).where(CLAIM.c.record == bindparam("one")), rows)
    mark_changed(tx, {claim.identity for _, claim in claims})


_KNOWN = (
    select(
        RECORD.c.number, RECORD.c.external_id, RECORD.c.revision, RECORD.c.fingerprint, RECORD.c.updated_at,
        RECORD.c.gone_on, CLAIM.c.identity, CLAIM.c.name_token, CLAIM.c.is_flagged, CLAIM.c.rules_version,
    )
    .join_from(RECORD, CLAIM, CLAIM.c.record == RECORD.c.number)
    .where(RECORD.c.platform == bindparam("of_platform"), RECORD.c.stream == bindparam("of_stream"))
    .where(RECORD.c.external_id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip


def _add(tx: Tx, new: list[Reading], run: int, raw_page: int | None) -> dict[RecordKey, int]:
    if not new:
        return {}
    first = tx.take_numbers("record", len(new))
    vault = tx.vault
    insert_rows(
        tx.connection, RECORD,
        [_record_row(vault, number, 1, reading, run, raw_page) for number, reading in enumerate(new, first)],
    )  # fmt: skip
    insert_rows(tx.connection, CLAIM, [_claim_row(number, 1, one.claim) for number, one in enumerate(new, first)])
    return {reading.key: number for number, reading in enumerate(new, first)}


def _revise(tx: Tx, other: list[tuple[Reading, Any]], run: int, raw_page: int | None) -> None:
    """Move the present revision to the earlier ones and put the new one in its place."""
    if not other:
        return
    for portion in portions(row.number for _, row in other):
        present = select(RECORD.c.number, *(RECORD.c[name] for name in _COPIED)).where(RECORD.c.number.in_(portion))
        tx.connection.execute(insert(RECORD_VERSION).from_select(["record", *_COPIED], present))
    rows = [_record_row(tx.vault, row.number, row.revision + 1, reading, run, raw_page) for reading, row in other]
    revised = [
        {"one": row["number"], **{name: row[name] for name in (*_COPIED, "organisation", "gone_on")}} for row in rows
    ]
    tx.connection.execute(update(RECORD).where(RECORD.c.number == bindparam("one")), revised)
    upsert_rows(tx.connection, CLAIM, [_claim_row(row.number, row.revision + 1, one.claim) for one, row in other])
    _lift(tx, [reading.key for reading, row in other if row.is_flagged])


def _see(tx: Tx, same: list[tuple[Reading, Any]], run: int) -> list[tuple[Reading, Any]]:
    """Mark records as seen; give those that were gone or flagged, or are read otherwise than before.

    One that was gone is there again also where its platform went back to older words, which are not taken.
    """
    for portion in portions(row.number for _, row in same):
        tx.connection.execute(update(RECORD).where(RECORD.c.number.in_(portion)).values(last_run=run, gone_on=None))
    moved = [{"one": row.number, "at": one.updated_at} for one, row in same if one.updated_at > row.updated_at]
    if moved:
        later = update(RECORD).where(RECORD.c.number == bindparam("one")).values(updated_at=bindparam("at"))
        tx.connection.execute(later, moved)
    again = [(one, row) for one, row in same if _is_news(one, row)]
    back = [(one, row) for one, row in same if row.gone_on and one.fingerprint != row.fingerprint]
    for portion in portions(row.number for _, row in back):
        tx.connection.execute(update(CLAIM).where(CLAIM.c.record.in_(portion)).values(is_gone=False))
    upsert_rows(tx.connection, CLAIM, [_claim_row(row.number, row.revision, one.claim) for one, row in again])
    _lift(tx, [one.key for one, row in again if row.is_flagged])
    return again + back


def _is_news(reading: Reading, row: Any) -> bool:  # noqa: ANN401 - a row
    if reading.fingerprint != row.fingerprint:
        return False
    claim = reading.claim
    said = (claim.identity, claim.name_token, claim.rules_version)
    return bool(row.gone_on or row.is_flagged or said != (row.identity, row.name_token, row.rules_version))


def _lift(tx: Tx, keys: Sequence[RecordKey]) -> None:
    """Lift the flags: what could not be read for a while can be read again."""
    for key in keys:
        tx.connection.execute(
            update(QUARANTINE)
            .where(QUARANTINE.c.platform == key.platform, QUARANTINE.c.external_id == key.external_id)
            .values(is_lifted=True)
        )


def record_place(key: RecordKey, revision: int) -> str:
    """Give the place to which a record's sealed words are bound."""
    return f"record/{key.platform}/{key.stream}/{key.external_id}/{revision}/said"


def _record_row(  # noqa: PLR0913, PLR0917 - a row is made of that many facts
    vault: Vault, number: int, revision: int, reading: Reading, run: int, raw_page: int | None
) -> dict[str, Any]:  # fmt: skip
    key, said = reading.key, reading.said
    spelled = spelled_record(said) if isinstance(said, Record) else spelled_entry(said)
    return {
        "number": number, "platform": key.platform, "stream": key.stream, "external_id": key.external_id,
        "revision": revision, "fingerprint": reading.fingerprint, "state": reading.claim.state.value,
        "organisation": reading.organisation, "updated_at": reading.updated_at, "first_run": run, "last_run": run,
        "raw_page": raw_page, "gone_on": None, "sealed": vault.seal(record_place(key, revision), spelled),
    }  # fmt: skip


def _claim_row(number: int, revision: int, claim: Claim) -> dict[str, Any]:
    carried = claim.carried_from
    return {
        "record": number, "revision": revision, "state": claim.state.value, "identity": claim.identity,
        "name_token": claim.name_token, "service_date": claim.service_date.isoformat(),
        "starts_at": _seconds(claim.starts_at), "ends_at": _seconds(claim.ends_at),
        "reported_seconds": claim.reported_seconds, "low_seconds": claim.duration.low_seconds,
        "high_seconds": claim.duration.high_seconds, "category": claim.category, "station": claim.station,
        "is_special": claim.is_special, "out_of_scope": claim.out_of_scope, "is_type_unknown": claim.is_type_unknown,
        "activity_id": claim.activity_id, "activity_name": claim.activity_name,
        "carried_platform": carried.platform if carried else None,
        "carried_id": carried.external_id if carried else None, "carried_stream": carried.stream if carried else None,
        "business_key": claim.business_key, "entered_on": claim.entered_on.isoformat(), "is_gone": False,
        "is_flagged": False, "rule": claim.rule,
        "rules_version": claim.rules_version,
    }  # fmt: skip


def _seconds(instant: datetime | None) -> int | None:
    return None if instant is None else seconds_of(instant)
