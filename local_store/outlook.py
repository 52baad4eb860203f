"""What subjects' claims rest on, beside how they were read: for seeing what other rules would make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from domain.records import HOURS_STREAM, RecordKey
from local_store.dialects import among
from local_store.entries import StoredEntry
from local_store.records import StoredRecord
from local_store.revisions import record_place
from local_store.spelling import read_entry, read_record
from local_store.tables.ledger import STANDING
from local_store.tables.people import IDENTITY
from local_store.tables.records import CLAIM, ENTRY, RECORD
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


def kept_of(tx: Tx, subjects: Sequence[int]) -> Iterator[Kept]:
    """Give all that was said of these subjects, in no order."""
    for portion in portions(subjects):
        for row in tx.rows(_KEPT, {"subjects": portion}):
            subject, number, platform, external_id, stream, revision, sealed, who, name_token, at, rule = row[:_FACTS]
            key = RecordKey(platform, external_id, stream)
            clear = tx.vault.open(record_place(key, revision), sealed)
            said: StoredRecord | StoredEntry
            if stream == HOURS_STREAM:
                said = StoredRecord(number, revision, read_record(clear), who, name_token)
            else:
                said = StoredEntry(number, revision, read_entry(clear), who, name_token, instant_of(at))
            yield Kept(subject, key, said, Terms(*row[_FACTS:]), rule)


def booked_by_station(tx: Tx) -> dict[str, int]:
    """Give what stands booked at each station, in seconds."""
    return {row.station: int(row.seconds) for row in tx.rows(_BOOKED)}


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
_BOOKED = (
    select(STANDING.c.station, func.sum(STANDING.c.seconds).label("seconds"))
    .where(STANDING.c.seconds.is_not(None))
    .group_by(STANDING.c.station)
)
