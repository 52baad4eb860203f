"""Entries (本站录入): kept as records of the platform ``station``, with what only an entry has beside them.

The revision counts what is said of the service; a confirmation is another reading of the same revision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from domain.claims import Claim
from domain.entries import Entry
from domain.people import Person
from domain.records import STATION_PLATFORM, RecordKey
from local_store.dialects import upsert_rows
from local_store.people import find_all
from local_store.revisions import Reading, keep, known_records, record_place, reread
from local_store.roots import first_identities
from local_store.spelling import read_entry, spelled_entry
from local_store.tables.records import CLAIM, ENTRY, RECORD
from local_store.transaction import Tx, instant_of, portions, seconds_of

Read = Callable[[Entry, int, str, int], Claim]


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """An entry that was not taken: its place in the list (from 0), and why."""

    place: int
    code: str


@dataclass(frozen=True, slots=True)
class EntryOutcome:
    """What saving entries did."""

    added: int
    changed: int
    unchanged: int
    refused: tuple[RefusedEntry, ...]


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it stands; for showing, confirming and reading it under other rules."""

    number: int
    revision: int
    entry: Entry
    identity: int
    name_token: str
    entered_at: datetime


def entry_key(entry: Entry) -> RecordKey:
    """Give the record key of an entry: its id is unique within its station."""
    return RecordKey(STATION_PLATFORM, entry.entry_id, entry.station)


def save_entries(tx: Tx, entries: Sequence[Entry], read: Read, entered_at: datetime, run: int) -> EntryOutcome:
    """Take in entries; ``read`` gives the claim of one (entry, identity, name token, revision).

    An entry that says what it said changes nothing; other words are a new revision; other confirmations are the same
    revision, read anew. An unknown 本地编号 is refused alone.
    """
    people = find_all(tx, {entry.local_number for entry in entries})
    identities = first_identities(tx, {person.number for person in people.values()})
    refused = [RefusedEntry(at, "number_unknown") for at, one in enumerate(entries) if one.local_number not in people]
    latest = {entry_key(one): one for one in entries if one.local_number in people}
    known = known_records(tx, latest)
    readings: list[Reading] = []
    for key, entry in latest.items():
        row, fingerprint = known.get(key), tx.vault.token_of_bytes("fingerprint", spelled_entry(_unconfirmed(entry)))
        revision = 1 if row is None else row.revision + (row.fingerprint != fingerprint)
        person = people[entry.local_number]
        claim = read(entry, identities[person.number], person.name_token, revision)
        claim = replace(claim, revision=revision)
        at, spelled = seconds_of(entered_at), spelled_entry(entry)
        readings.append(Reading(key, entry, entry.station, at, fingerprint, claim, spelled, None))
    confirmed = _confirmations(tx, [row.number for row in known.values()])
    kept = keep(tx, readings, known, run)
    fresh = [one for one in readings if confirmed.get(kept.numbers[one.key]) != _confirmation(tx, one)]
    again = [one for one in fresh if one.key in known and known[one.key].fingerprint == one.fingerprint]
    _confirm(tx, again, kept.numbers)
    other = [one for one in readings if one.key not in known or known[one.key].fingerprint != one.fingerprint]
    written = {one.key: one for one in (*fresh, *other)}
    upsert_rows(tx.connection, ENTRY, [
        _entry_row(tx, kept.numbers[key], one, people, entered_at) for key, one in written.items()
    ])  # fmt: skip
    added = sum(one.key not in known for one in readings)
    return EntryOutcome(added, len(written) - added, len(readings) - len(written), tuple(refused))


def stored(tx: Tx, keys: Sequence[RecordKey]) -> list[StoredEntry]:
    """Give entries by key as they stand, those that are there."""
    numbers = sorted(row.number for row in known_records(tx, keys).values())
    return [one for portion in portions(numbers) for one in _stored(tx, _ENTRIES.where(RECORD.c.number.in_(portion)))]


def read_otherwise(tx: Tx, rules_version: str, after: int, at_most: int) -> list[StoredEntry]:
    """Give entries whose claims were read under another rule set, by number, behind ``after``."""
    otherwise = (RECORD.c.number > after, CLAIM.c.rules_version != rules_version)
    return _stored(tx, _ENTRIES.where(*otherwise).order_by(RECORD.c.number).limit(at_most))


_ENTRIES = (
    select(RECORD, ENTRY.c.entered_at, CLAIM.c.identity, CLAIM.c.name_token)
    .join_from(ENTRY, RECORD, RECORD.c.number == ENTRY.c.record)
    .join(CLAIM, CLAIM.c.record == ENTRY.c.record)
)


def _stored(tx: Tx, statement: Any) -> list[StoredEntry]:  # noqa: ANN401 - a select
    return [
        StoredEntry(
            row.number, row.revision, read_entry(tx.vault.open(_place(row), row.sealed)), row.identity, row.name_token,
            instant_of(row.entered_at),
        )
        for row in tx.rows(statement)
    ]  # fmt: skip


def _place(row: Any) -> str:  # noqa: ANN401 - a row
    return record_place(RecordKey(row.platform, row.external_id, row.stream), row.revision)


def _unconfirmed(entry: Entry) -> Entry:
    return replace(entry, station_by="", community_by="")


def _entry(reading: Reading) -> Entry:
    """Give the entry of a reading made here."""
    if not isinstance(reading.said, Entry):
        raise TypeError(reading.key)
    return reading.said


def _confirmation(tx: Tx, reading: Reading) -> str:
    entry = _entry(reading)
    return tx.vault.token("name", "confirmed", entry.station_by, entry.community_by)


def _confirmations(tx: Tx, numbers: Sequence[int]) -> dict[int, str]:
    return {
        row.record: row.confirmed_token
        for portion in portions(numbers)
        for row in tx.rows(select(ENTRY.c.record, ENTRY.c.confirmed_token).where(ENTRY.c.record.in_(portion)))
    }


def _confirm(tx: Tx, again: Sequence[Reading], numbers: dict[RecordKey, int]) -> None:
    """Put other confirmations beside the same words."""
    rows = [
        {
            "one": numbers[one.key], "state": one.claim.state.value,
            "sealed": tx.vault.seal(record_place(one.key, one.claim.revision), spelled_entry(_entry(one))),
        }
        for one in again
    ]  # fmt: skip
    if rows:
        tx.connection.execute(update(RECORD).where(RECORD.c.number == bindparam("one")), rows)
    reread(tx, [(numbers[one.key], one.claim) for one in again])


def _entry_row(
    tx: Tx, number: int, reading: Reading, people: dict[str, Person], entered_at: datetime
) -> dict[str, Any]:  # fmt: skip
    entry = _entry(reading)
    return {
        "record": number, "person": people[entry.local_number].number, "confirmed_token": _confirmation(tx, reading),
        "is_station_confirmed": bool(entry.station_by), "is_community_confirmed": bool(entry.community_by),
        "entered_at": seconds_of(entered_at),
    }  # fmt: skip
