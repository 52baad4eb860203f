"""The spelling of a record or an entry in the bytes that the vault seals, and back."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from domain.entries import Entry
from domain.hours import DurationRange
from domain.records import SEPARATOR, PersonAsSaid, Record, RecordKey, RecordState
from local_store.transaction import instant_of, seconds_of

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


STATES = {state: state.value for state in RecordState}
"""The text of each state: to ask the state itself costs as much as to look up a record."""


def spelled_record(record: Record, content: bytes) -> bytes:
    """Give everything that a record says: its ``content``, and behind it what does not count as content."""
    (platform, external_id, stream), duration = record.key, record.duration
    entered_at = "" if record.entered_at is None else str(seconds_of(record.entered_at))
    beside = (
        "", platform, external_id, stream, STATES[record.state], record.organisation_name,
        str(duration.low_seconds), str(duration.high_seconds), entered_at, str(seconds_of(record.updated_at)),
    )  # fmt: skip
    return content + SEPARATOR.join(beside).encode()


def read_record(spelled: bytes) -> Record:
    """Give the record back."""
    (
        state_code, name, id_type, id_number, volunteer_number, organisation, activity_id, activity_name, category_code,
        object_code, is_honour, service_date, starts_at, ends_at, reported_seconds, *carried, business_key, remark,
        platform, external_id, stream, state, organisation_name, low, high, entered_at, updated_at,
    ) = spelled.decode().split(SEPARATOR)  # fmt: skip
    return Record(
        key=RecordKey(platform, external_id, stream), state=RecordState(state), state_code=state_code,
        person=PersonAsSaid(name, id_type, id_number, volunteer_number), organisation=organisation,
        organisation_name=organisation_name, activity_id=activity_id, activity_name=activity_name,
        category_code=category_code, object_code=object_code, is_honour=bool(int(is_honour)) if is_honour else None,
        service_date=date.fromisoformat(service_date), starts_at=_instant(starts_at), ends_at=_instant(ends_at),
        reported_seconds=int(reported_seconds), duration=DurationRange(int(low), int(high)),
        entered_at=_instant(entered_at), updated_at=instant_of(int(updated_at)),
        carried_from=RecordKey(*carried) if any(carried) else None, business_key=business_key, remark=remark,
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
        service_date=date.fromisoformat(said[4]), starts_at=_read_iso(said[5]), ends_at=_read_iso(said[6]),
        is_special=said[7], station_by=said[8], community_by=said[9], beneficiary=said[10], remark=said[11],
    )  # fmt: skip


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _instant(seconds: str) -> datetime | None:
    return instant_of(int(seconds)) if seconds else None


def _read_iso(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
