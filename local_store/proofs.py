"""What can be proved of the rows beside the book: seals that open at their place, hashes that agree, numbers in use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Select, Table, select

from domain.conflicts import Conflict, ConflictKind
from domain.errors import StoreError
from domain.records import HOURS_STREAM, RecordKey
from local_store.revisions import record_place
from local_store.spelling import read_entry, read_record
from local_store.tables.conflicts import CONFLICT, CONFLICT_RECORD
from local_store.tables.ledger import VOUCHER_REASON
from local_store.tables.people import IDENTITY, IDENTITY_NAME, PERSON, PERSON_MERGE
from local_store.tables.records import CLAIM, ENTRY, QUARANTINE, RECORD, RECORD_VERSION
from local_store.tables.runs import NUMBER_LINE, RAW_PAGE
from local_store.tables.schema import TABLES
from local_store.transaction import Tx, seconds_of


def seal_faults(tx: Tx) -> Iterator[str]:
    """Find sealed words that do not open where they lie: altered, or moved there from another row."""
    for table, statement, place in _SEALED:
        for row in tx.connection.execute(statement):
            try:
                tx.vault.open(place(row), row.sealed)
            except StoreError:
                yield f"{table.name} {row[0]}"


def _record_place(row: Any) -> str:  # noqa: ANN401 - a row
    return record_place(RecordKey(row.platform, row.external_id, row.stream), row.revision)


def said_faults(tx: Tx) -> Iterator[str]:
    """Compare the columns of each record, and of its claim, with what is sealed of it."""
    rows = tx.connection.execute(_RECORDS)
    for row in rows:
        try:
            clear = tx.vault.open(_record_place(row), row.sealed)
        except StoreError:
            continue  # told among the seals
        wrong = _record(tx, row, clear) if row.stream == HOURS_STREAM else _entry(tx, row, clear)
        if wrong:
            yield f"record {row.number}: {' '.join(wrong)}"


def _record(tx: Tx, row: Any, clear: bytes) -> list[str]:  # noqa: ANN401 - a row
    said = read_record(clear)
    pairs = {
        "fingerprint": (row.fingerprint, tx.vault.token_of_bytes("fingerprint", said.content())),
        "state": (row.state, said.state.value), "organisation": (row.organisation, said.organisation),
        "updated_at": (row.updated_at >= seconds_of(said.updated_at), True),
        "is_gone": (row.is_gone, row.gone_on is not None), "claim_revision": (row.claim_revision, row.revision),
        "runs": (row.first_run <= row.last_run, True),
    }  # fmt: skip
    return [name for name, (there, must) in pairs.items() if there != must]


def _entry(tx: Tx, row: Any, clear: bytes) -> list[str]:  # noqa: ANN401 - a row
    said = read_entry(clear)
    token = tx.vault.token("name", "confirmed", said.station_by, said.community_by)
    pairs = {
        "organisation": (row.organisation, said.station), "confirmed_token": (row.confirmed_token, token),
        "is_station_confirmed": (row.is_station_confirmed, bool(said.station_by)),
        "is_community_confirmed": (row.is_community_confirmed, bool(said.community_by)),
        "local_number": (row.local_number, said.local_number), "claim_revision": (row.claim_revision, row.revision),
        "is_gone": (row.is_gone, row.gone_on is not None),
    }  # fmt: skip
    return [name for name, (there, must) in pairs.items() if there != must]


def conflict_faults(tx: Tx) -> Iterator[str]:
    """Find conflicts whose id, evidence or records are not what they were known by."""
    named: dict[str, list[tuple[str, str, str]]] = {}
    linked = select(CONFLICT_RECORD.c.conflict_id, RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream).join_from(
        CONFLICT_RECORD, RECORD, RECORD.c.number == CONFLICT_RECORD.c.record
    )
    for row in tx.rows(linked.order_by(CONFLICT_RECORD.c.conflict_id, CONFLICT_RECORD.c.place)):
        named.setdefault(row.conflict_id, []).append((row.platform, row.external_id, row.stream))
    for row in tx.connection.execute(select(CONFLICT).order_by(CONFLICT.c.conflict_id)):
        if wrong := _conflict(row, named.get(row.conflict_id, [])):
            yield f"conflict {row.conflict_id}: {' '.join(wrong)}"


def _conflict(row: Any, records: list[tuple[str, str, str]]) -> list[str]:  # noqa: ANN401 - a row
    evidence = "\n".join(json.loads(row.evidence))
    said = [tuple(key) for key in json.loads(row.keys_said)]
    pairs = {
        "about": (row.conflict_id, conflict_id(row.kind, row.about)),
        "evidence": (row.evidence_fingerprint, hashlib.sha256(evidence.encode()).hexdigest()),
        "records": (records, [key for key in dict.fromkeys(said) if key in records]),
        "closed_run": (row.state == "closed", row.closed_run is not None),
    }  # fmt: skip
    return [name for name, (there, must) in pairs.items() if there != must]


def conflict_id(kind: str, about: str) -> str:
    """Give the id of a conflict by what it is known by."""
    return Conflict(ConflictKind(kind), about, False, None, None, "", None, (), 0, "", (), "").conflict_id  # noqa: FBT003


def number_faults(tx: Tx) -> Iterator[str]:
    """Find rows whose numbers were never given out, or not all of those that were."""
    given: dict[str, int] = {row.name: row.last for row in tx.rows(select(NUMBER_LINE))}
    for table in TABLES:
        if table.name not in _COUNTED:
            continue
        numbers = [number for (number,) in tx.rows(select(table.c.number).order_by(table.c.number))]
        last = given.get(table.name, 0)
        if numbers != list(range(1, last + 1)):
            missing = sorted(set(range(1, last + 1)) ^ set(numbers))
            yield f"{table.name} {' '.join(map(str, missing[:3]))}"


_COUNTED = {"account", "run", "record", "identity", "person", "decision", "raw_page", "quarantine", "coverage"}
_Place = Callable[[Any], str]
_KEYS = (RECORD.c.number, RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream)
_VERSIONS = select(*_KEYS, RECORD_VERSION.c.revision, RECORD_VERSION.c.sealed).join_from(
    RECORD_VERSION, RECORD, RECORD.c.number == RECORD_VERSION.c.record
)
_SEALED: tuple[tuple[Table, Select[Any], _Place], ...] = (
    (RECORD_VERSION, _VERSIONS, _record_place),
    (RECORD, select(*_KEYS, RECORD.c.revision, RECORD.c.sealed), _record_place),
    (IDENTITY, select(IDENTITY.c.number, IDENTITY.c.sealed), lambda row: f"identity/{row.number}/clear"),
    (IDENTITY_NAME, select(IDENTITY_NAME), lambda row: f"identity_name/{row.identity}.{row.name_token}/name"),
    (PERSON, select(PERSON.c.number, PERSON.c.sealed), lambda row: f"person/{row.number}/said"),
    (PERSON_MERGE, select(PERSON_MERGE), lambda row: f"person_merge/{row.old}/reason"),
    (RAW_PAGE, select(RAW_PAGE.c.number, RAW_PAGE.c.sealed), lambda row: f"raw_page/{row.number}/raw"),
    (QUARANTINE, select(QUARANTINE.c.number, QUARANTINE.c.sealed), lambda row: f"quarantine/{row.number}/raw"),
    (VOUCHER_REASON, select(VOUCHER_REASON), lambda row: f"voucher_reason/{row.voucher}"),
)  # fmt: skip
_RECORDS = (
    select(
        RECORD, CLAIM.c.is_gone, CLAIM.c.revision.label("claim_revision"), ENTRY.c.confirmed_token,
        ENTRY.c.is_station_confirmed, ENTRY.c.is_community_confirmed, PERSON.c.local_number,
    )
    .join_from(RECORD, CLAIM, CLAIM.c.record == RECORD.c.number)
    .join(ENTRY, ENTRY.c.record == RECORD.c.number, isouter=True)
    .join(PERSON, PERSON.c.number == ENTRY.c.person, isouter=True)
    .order_by(RECORD.c.number)
)  # fmt: skip
