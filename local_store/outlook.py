"""What subjects' claims rest on, beside how they were read: for seeing what other rules would make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import case, func, select

from domain.records import HOURS_STREAM, RecordKey
from local_store.dialects import among
from local_store.entries import StoredEntry
from local_store.records import StoredRecord
from local_store.revisions import record_place
from local_store.spelling import read_entry, read_record
from local_store.tables.conflicts import CONFLICT
from local_store.tables.ledger import ACCOUNT, BALANCE, STANDING, TRANSFER, VOUCHER
from local_store.tables.people import IDENTITY
from local_store.tables.records import CLAIM, ENTRY, MEMBERSHIP, RECORD
from local_store.transaction import Tx, instant_of, portions

_FACTS = 11  # columns before the terms


class Terms(NamedTuple):
    """What a rule set says of a record, and nothing that the record says itself."""

    state: str
    reported_seconds: int
    low_seconds: int
    high_seconds: int
    category: str | None
    station: str
    is_special: bool
    out_of_scope: str
    is_type_unknown: bool


class Kept(NamedTuple):
    """One record or entry of a subject, with the terms and the rule by which it stands read."""

    subject: int
    key: RecordKey
    said: StoredRecord | StoredEntry
    terms: Terms
    rule: str


class BookedVoucher(NamedTuple):
    """One voucher of a service as a run has booked it; ``seconds`` is what it adds, negative where it takes away."""

    kind: str
    service_id: str
    station: str
    seconds: int
    body: str


def kept_of(tx: Tx, subjects: Sequence[int], *, only_entries: bool = False) -> Iterator[Kept]:
    """Give all that was said of these subjects, in no order, or what was said at the stations alone."""
    for portion in portions(subjects):
        for row in tx.rows(_KEPT_ENTRIES if only_entries else _KEPT, {"subjects": portion}):
            subject, number, platform, external_id, stream, revision, sealed, who, name_token, at, rule = row[:_FACTS]
            key = RecordKey(platform, external_id, stream)
            clear = tx.vault.open(record_place(key, revision), sealed)
            said: StoredRecord | StoredEntry
            if stream == HOURS_STREAM:
                said = StoredRecord(number, revision, read_record(clear), who, name_token)
            else:
                said = StoredEntry(number, revision, read_entry(clear), who, name_token, instant_of(at))
            yield Kept(subject, key, said, Terms(*row[_FACTS:]), rule)


def places_of(tx: Tx, subjects: Sequence[int]) -> Iterator[tuple[RecordKey, tuple[str, str]]]:
    """Give where each record of these subjects ended up: its service, or "", and its disposition."""
    for portion in portions(subjects):
        for row in tx.rows(_PLACES, {"subjects": portion}):
            yield RecordKey(row.platform, row.external_id, row.stream), (row.service_id, row.disposition)


def booked_by_station(tx: Tx) -> dict[str, int]:
    """Give what stands booked at each station, in seconds."""
    return {row.station: int(row.seconds) for row in tx.rows(_BOOKED)}


def caps(tx: Tx) -> dict[str, int]:
    """Give the cap in seconds of every account that has one, by code."""
    joined = select(ACCOUNT.c.code, BALANCE.c.cap_seconds).join_from(
        ACCOUNT, BALANCE, BALANCE.c.account == ACCOUNT.c.number
    )
    return {row.code: row.cap_seconds for row in tx.rows(joined.where(BALANCE.c.cap_seconds.is_not(None)))}


def booked_in(tx: Tx, run: int) -> Iterator[BookedVoucher]:
    """Give what one run has booked, in the order of its vouchers."""
    for row in tx.rows(_BOOKED_IN.where(VOUCHER.c.run == run)):
        station = row.code.partition(":")[2].partition("/")[0]
        yield BookedVoucher(row.kind, row.service_id, station, int(row.moved), row.body)


def conflicts_in(tx: Tx, run: int) -> Iterator[tuple[str, str, bool]]:
    """Give the kind and station of each conflict that one run has opened (True) or closed."""
    for moved, is_opened in ((CONFLICT.c.opened_run, True), (CONFLICT.c.closed_run, False)):
        for row in tx.rows(select(CONFLICT.c.kind, CONFLICT.c.station).where(moved == run)):
            yield row.kind, row.station, is_opened


_KEPT = (
    select(
        IDENTITY.c.subject, RECORD.c.number, RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream,
        RECORD.c.revision, RECORD.c.sealed, CLAIM.c.identity, CLAIM.c.name_token, ENTRY.c.entered_at, CLAIM.c.rule,
        *(CLAIM.c[name] for name in Terms._fields),
    )
    .join_from(IDENTITY, CLAIM, CLAIM.c.identity == IDENTITY.c.number)
    .join(RECORD, RECORD.c.number == CLAIM.c.record)
    .join(ENTRY, ENTRY.c.record == RECORD.c.number, isouter=True)
    .where(among(IDENTITY.c.subject, "subjects"))
)  # fmt: skip
_KEPT_ENTRIES = _KEPT.where(RECORD.c.stream != HOURS_STREAM)
_PLACES = (
    select(RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream, MEMBERSHIP.c.service_id, MEMBERSHIP.c.disposition)
    .join_from(IDENTITY, CLAIM, CLAIM.c.identity == IDENTITY.c.number)
    .join(RECORD, RECORD.c.number == CLAIM.c.record)
    .join(MEMBERSHIP, MEMBERSHIP.c.record == RECORD.c.number, isouter=True)
    .where(among(IDENTITY.c.subject, "subjects"))
)
_BOOKED = (
    select(STANDING.c.station, func.sum(STANDING.c.seconds).label("seconds"))
    .where(STANDING.c.seconds.is_not(None))
    .group_by(STANDING.c.station)
)
_STATIONS = ACCOUNT.alias("stations_account")
_ADDED = case((TRANSFER.c.debit == _STATIONS.c.number, TRANSFER.c.seconds), else_=-TRANSFER.c.seconds)
_BOOKED_IN = (
    select(VOUCHER.c.kind, VOUCHER.c.service_id, VOUCHER.c.body, _STATIONS.c.code, func.sum(_ADDED).label("moved"))
    .join_from(VOUCHER, TRANSFER, TRANSFER.c.voucher == VOUCHER.c.number)
    .join(_STATIONS, _STATIONS.c.number.in_((TRANSFER.c.debit, TRANSFER.c.credit)))
    .where(_STATIONS.c.kind == "deposited")
    .group_by(VOUCHER.c.number, VOUCHER.c.kind, VOUCHER.c.service_id, VOUCHER.c.body, _STATIONS.c.code)
    .order_by(VOUCHER.c.number)
)
