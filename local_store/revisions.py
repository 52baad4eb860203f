"""Keep what was said, revision by revision: the present one beside its claim, earlier ones in ``record_version``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from domain.claims import Claim
from domain.entries import Entry
from domain.records import Record, RecordKey
from local_store.dialects import among, upsert_rows
from local_store.lifting import lift
from local_store.readings import notice
from local_store.roots import mark_changed
from local_store.spelling import STATES
from local_store.tables.records import CLAIM, RECORD, RECORD_VERSION
from local_store.transaction import Tx, portions, seconds_of
from local_store.values import insert_values
from local_store.vault import Vault


class Reading(NamedTuple):
    """One record or entry with its claim; ``updated_at`` in seconds since 1970.

    ``spelled`` is what is sealed of it, ``raw_page`` the answer that it came with, if any.
    """

    key: RecordKey
    said: Record | Entry
    organisation: str
    updated_at: int
    fingerprint: str
    claim: Claim
    spelled: bytes
    raw_page: int | None


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


def keep(tx: Tx, readings: Iterable[Reading], known: dict[RecordKey, Any], run: int) -> KeepTally:
    """Keep readings of distinct keys: new ones, other content as a new revision, the same as seen once more.

    What was changed at its platform earlier than what we hold (an older file) never takes its place.
    """
    readings = list(readings)
    notice(tx, [reading.claim for reading in readings])
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
    numbers = {key: row.number for key, row in known.items()} | _add(tx, new, run)
    _revise(tx, other, run)
    again = _see(tx, same, run)
    identities = {reading.claim.identity for reading in new}
    identities |= {one for reading, row in (*other, *again) for one in (reading.claim.identity, row.identity)}
    mark_changed(tx, identities)
    return KeepTally(len(new) + len(other) + len(same), len(new) + len(other) + len(again), numbers)


def reread(tx: Tx, claims: Sequence[tuple[int, Claim]]) -> None:
    """Put a new reading in the place of the claims of these record numbers, as under another rule set.

    What the store itself knows of a claim (gone, flagged) stays.
    """
    notice(tx, [claim for _, claim in claims])
    rows = [{**_claim_named(number, claim.revision, claim), "one": number} for number, claim in claims]
    for row in rows:
        del row["record"], row["is_gone"], row["is_flagged"]
    if rows:
        tx.connection.execute(_REREAD, rows)
    mark_changed(tx, {claim.identity for _, claim in claims})


def _add(tx: Tx, new: list[Reading], run: int) -> dict[RecordKey, int]:
    if not new:
        return {}
    first = tx.take_numbers("record", len(new))
    numbered = list(enumerate(new, first))
    records = [_record_row(tx.vault, number, 1, reading, run) for number, reading in numbered]
    insert_values(tx.connection, RECORD, _RECORD_NAMES, records)
    claims = [_claim_row(number, 1, one.claim) for number, one in numbered]
    if any(one.claim.carried_from for one in new):
        claims = [(*row, *_carried(one.claim)) for row, one in zip(claims, new, strict=True)]
    insert_values(tx.connection, CLAIM, _CLAIM_NAMES[: len(claims[0])], claims)
    lift(tx, [reading.key for reading in new])
    return {reading.key: number for number, reading in numbered}


def _revise(tx: Tx, other: list[tuple[Reading, Any]], run: int) -> None:
    """Move the present revision to the earlier ones and put the new one in its place."""
    if not other:
        return
    for portion in portions(row.number for _, row in other):
        tx.connection.execute(_COPY_PRESENT, {"numbers": portion})
    revised = []
    for reading, row in other:
        values = _record_row(tx.vault, row.number, row.revision + 1, reading, run)
        named = dict(zip(_RECORD_NAMES, values, strict=True))
        revised.append({"one": row.number, **{name: named[name] for name in _REVISED}})
    tx.connection.execute(_REVISE, revised)
    upsert_rows(tx.connection, CLAIM, [_claim_named(row.number, row.revision + 1, one.claim) for one, row in other])
    lift(tx, [reading.key for reading, row in other if row.is_flagged])


def _see(tx: Tx, same: list[tuple[Reading, Any]], run: int) -> list[tuple[Reading, Any]]:
    """Mark records as seen; give those that were gone or flagged, or are read otherwise than before.

    One that was gone is there again also where its platform went back to older words, which are not taken.
    """
    for portion in portions(row.number for _, row in same):
        tx.connection.execute(_SEEN, {"numbers": portion, "run": run})
    moved = [{"one": row.number, "at": one.updated_at} for one, row in same if one.updated_at > row.updated_at]
    if moved:
        tx.connection.execute(_UPDATED_LATER, moved)
    again = [(one, row) for one, row in same if _is_news(one, row)]
    back = [(one, row) for one, row in same if row.gone_on and one.fingerprint != row.fingerprint]
    for portion in portions(row.number for _, row in back):
        tx.connection.execute(_BACK, {"numbers": portion})
    upsert_rows(tx.connection, CLAIM, [_claim_named(row.number, row.revision, one.claim) for one, row in again])
    lift(tx, [one.key for one, row in again if row.is_flagged])
    return again + back


def _is_news(reading: Reading, row: Any) -> bool:  # noqa: ANN401 - a row
    if reading.fingerprint != row.fingerprint:
        return False
    claim = reading.claim
    said = (claim.identity, claim.name_token, claim.rules_version)
    return bool(row.gone_on or row.is_flagged or said != (row.identity, row.name_token, row.rules_version))


def record_place(key: RecordKey, revision: int) -> str:
    """Give the place to which a record's sealed words are bound."""
    return f"record/{key.platform}/{key.stream}/{key.external_id}/{revision}/said"


def _record_row(vault: Vault, number: int, revision: int, reading: Reading, run: int) -> tuple[Any, ...]:
    """Give the values of ``_RECORD_NAMES``, as the driver likes them best: ``bytes`` cost it more than their copy."""
    key, _, organisation, updated_at, fingerprint, claim, spelled, raw_page = reading
    platform, external_id, stream = key
    sealed = vault.seal(record_place(key, revision), spelled)
    return (
        number, platform, stream, external_id, revision, fingerprint, STATES[claim.state], organisation, updated_at,
        run, run, raw_page, bytearray(sealed),
    )  # fmt: skip


def _claim_row(number: int, revision: int, claim: Claim) -> tuple[Any, ...]:
    """Give the values of ``_CLAIM_NAMES`` but the last three, as the driver likes them best: no booleans, no nulls."""
    duration = claim.duration
    return (
        number, revision, STATES[claim.state], claim.identity, claim.name_token, claim.service_date.isoformat(),
        _seconds(claim.starts_at), _seconds(claim.ends_at), claim.reported_seconds, duration.low_seconds,
        duration.high_seconds, claim.category, claim.station, int(claim.is_special), claim.out_of_scope,
        int(claim.is_type_unknown), claim.activity_id, claim.activity_name, claim.business_key,
        claim.entered_on.isoformat(), 0, 0, claim.rule, claim.rules_version,
    )  # fmt: skip


def _carried(claim: Claim) -> tuple[str | None, str | None, str | None]:
    return claim.carried_from or (None, None, None)


def _claim_named(number: int, revision: int, claim: Claim) -> dict[str, Any]:
    """Give the values of a claim by name, as any statement takes them."""
    row = dict(zip(_CLAIM_NAMES, (*_claim_row(number, revision, claim), *_carried(claim)), strict=True))
    return row | {name: bool(row[name]) for name in _FLAGS}


def _seconds(instant: datetime | None) -> int | None:
    return None if instant is None else seconds_of(instant)


_COPIED = ("revision", "fingerprint", "state", "updated_at", "last_run", "raw_page", "sealed")
_REVISED = (*_COPIED, "organisation")
_RECORD_NAMES = (
    "number", "platform", "stream", "external_id", "revision", "fingerprint", "state", "organisation", "updated_at",
    "first_run", "last_run", "raw_page", "sealed",
)  # fmt: skip
_FLAGS = ("is_special", "is_type_unknown", "is_gone", "is_flagged")
_CLAIM_NAMES = (
    "record", "revision", "state", "identity", "name_token", "service_date", "starts_at", "ends_at",
    "reported_seconds", "low_seconds", "high_seconds", "category", "station", "is_special", "out_of_scope",
    "is_type_unknown", "activity_id", "activity_name", "business_key", "entered_on", "is_gone", "is_flagged", "rule",
    "rules_version", "carried_platform", "carried_id", "carried_stream",
)  # fmt: skip

_KNOWN = (
    select(
        RECORD.c.number, RECORD.c.external_id, RECORD.c.revision, RECORD.c.fingerprint, RECORD.c.updated_at,
        RECORD.c.gone_on, CLAIM.c.identity, CLAIM.c.name_token, CLAIM.c.is_flagged, CLAIM.c.rules_version,
    )
    .join_from(RECORD, CLAIM, CLAIM.c.record == RECORD.c.number)
    .where(RECORD.c.platform == bindparam("of_platform"), RECORD.c.stream == bindparam("of_stream"))
    .where(among(RECORD.c.external_id, "ids"))
)  # fmt: skip
_REREAD = (
    update(CLAIM)
    .where(CLAIM.c.record == bindparam("one"))
    .values({name: bindparam(name) for name in _CLAIM_NAMES if name not in {"record", "is_gone", "is_flagged"}})
)
_COPY_PRESENT = insert(RECORD_VERSION).from_select(
    ["record", *_COPIED],
    select(RECORD.c.number, *(RECORD.c[name] for name in _COPIED)).where(among(RECORD.c.number, "numbers")),
)
_REVISE = (
    update(RECORD)
    .where(RECORD.c.number == bindparam("one"))
    .values(gone_on=None, **{name: bindparam(name) for name in _REVISED})
)
_SEEN = update(RECORD).where(among(RECORD.c.number, "numbers")).values(last_run=bindparam("run"), gone_on=None)
_UPDATED_LATER = update(RECORD).where(RECORD.c.number == bindparam("one")).values(updated_at=bindparam("at"))
_BACK = update(CLAIM).where(among(CLAIM.c.record, "numbers")).values(is_gone=False)
