"""The spelling of a record or an entry in the bytes that the vault seals, and back."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from domain.entries import Entry
from domain.hours import DurationRange
from domain.records import PersonAsSaid, Record, RecordKey, RecordState

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def spelled_record(record: Record) -> bytes:
    """Give everything that a record says as one JSON list."""
    key, person, carried = record.key, record.person, record.carried_from
    said = [
        key.platform, key.external_id, key.stream, record.state, record.state_code,
        person.name, person.id_type, person.id_number, person.volunteer_number,
        record.organisation, record.organisation_name, record.activity_id, record.activity_name, record.category_code,
        record.object_code, record.is_honour, record.service_date.isoformat(), _iso(record.starts_at),
        _iso(record.ends_at), record.reported_seconds, record.duration.low_seconds, record.duration.high_seconds,
        _iso(record.entered_at), record.updated_at.isoformat(),
        [carried.platform, carried.external_id, carried.stream] if carried else None,
        record.business_key, record.remark,
    ]  # fmt: skip
    return _ENCODE(said).encode()


def read_record(spelled: bytes) -> Record:
    """Give the record back."""
    said: list[Any] = json.loads(spelled)
    return Record(
        key=RecordKey(*said[0:3]), state=RecordState(said[3]), state_code=said[4], person=PersonAsSaid(*said[5:9]),
        organisation=said[9], organisation_name=said[10], activity_id=said[11], activity_name=said[12],
        category_code=said[13], object_code=said[14], is_honour=said[15], service_date=date.fromisoformat(said[16]),
        starts_at=_instant(said[17]), ends_at=_instant(said[18]), reported_seconds=said[19],
        duration=DurationRange(said[20], said[21]), entered_at=_instant(said[22]),
        updated_at=datetime.fromisoformat(said[23]), carried_from=RecordKey(*said[24]) if said[24] else None,
        business_key=said[25], remark=said[26],
    )  # fmt: skip


def spelled_entry(entry: Entry) -> bytes:
    """Give everything that an entry says as one JSON list."""
    said = [
        entry.entry_id, entry.local_number, entry.station, entry.category, entry.service_date.isoformat(),
        _iso(entry.starts_at), _iso(entry.ends_at), entry.is_special, entry.station_by, entry.community_by,
        entry.beneficiary, entry.remark,
    ]  # fmt: skip
    return _ENCODE(said).encode()


def read_entry(spelled: bytes) -> Entry:
    """Give the entry back."""
    said: list[Any] = json.loads(spelled)
    return Entry(
        entry_id=said[0], local_number=said[1], station=said[2], category=said[3],
        service_date=date.fromisoformat(said[4]), starts_at=_instant(said[5]), ends_at=_instant(said[6]),
        is_special=said[7], station_by=said[8], community_by=said[9], beneficiary=said[10], remark=said[11],
    )  # fmt: skip


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
