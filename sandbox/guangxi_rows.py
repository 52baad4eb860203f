"""Rows of the Guangxi platform: how they are kept, how they look on the wire, how they can be spoilt."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.cipher import KeyPair
from sandbox.shelf import Position
from sandbox.wire import Json

VALID, PENDING, REVOKED = "VALID", "PENDING", "REVOKED"
_HALF_HOUR_MINUTES = 30


@dataclass(frozen=True, slots=True)
class GuangxiRecord:
    """Hours of one volunteer as the Guangxi platform keeps them; times of day are ``HH:mm`` or null."""

    record_id: int
    organisation: str
    volunteer_number: str
    name: str
    id_number: str
    activity_id: str
    service_type: str
    service_date: date
    start_time: str | None
    end_time: str | None
    duration_minutes: int | None
    created_at: datetime
    updated_at: datetime
    state: str = VALID
    source_system: str = "GX"
    source_ref: str = ""
    id_type: str = "01"
    remark: str = ""

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return f"GuangxiRecord({self.record_id})"

    @property
    def position(self) -> Position:
        """Give the place in the order of change."""
        return self.updated_at, self.record_id


@dataclass(frozen=True, slots=True)
class GuangxiVolunteer:
    """A volunteer of an organisation."""

    organisation: str
    volunteer_number: str
    name: str
    id_number: str
    joined_at: datetime
    id_type: str = "01"

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "GuangxiVolunteer(***)"


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity of an organisation."""

    activity_id: str
    organisation: str
    name: str


def floor_to_half_hours(minutes: int) -> int:
    """Give the minutes as the platform keeps them: whole half hours, rounded down."""
    return minutes // _HALF_HOUR_MINUTES * _HALF_HOUR_MINUTES


def hours_row(record: GuangxiRecord, activity: Activity, data_key: KeyPair) -> dict[str, Json]:
    """Give a record as ``hours.query`` shows it; an empty remark is null or absent."""
    row: dict[str, Json] = {
        "recordId": record.record_id,
        "volunteerNo": record.volunteer_number,
        "volunteerName": record.name,
        "idType": record.id_type,
        "idNoEnc": data_key.seal(record.id_number),
        "orgCode": record.organisation,
        "activityId": record.activity_id,
        "activityName": activity.name,
        "serviceType": record.service_type,
        "serviceDate": record.service_date.isoformat(),
        "startTime": record.start_time,
        "endTime": record.end_time,
        "durationMinutes": record.duration_minutes,
        "state": record.state,
        "sourceSystem": record.source_system,
        "sourceRef": record.source_ref or None,
        "createdAt": record.created_at.isoformat(),
        "updatedAt": record.updated_at.isoformat(),
    }
    if record.remark or zlib.crc32(str(record.record_id).encode()) % 2:
        row["remark"] = record.remark or None
    return row


def volunteer_row(volunteer: GuangxiVolunteer, data_key: KeyPair) -> dict[str, Json]:
    """Give a volunteer as ``volunteers.query`` shows them."""
    return {
        "volunteerNo": volunteer.volunteer_number,
        "volunteerName": volunteer.name,
        "idType": volunteer.id_type,
        "idNoEnc": data_key.seal(volunteer.id_number),
        "joinedAt": volunteer.joined_at.isoformat(),
    }


def spoil(row: dict[str, Json], kind: str, now: datetime, data_key: KeyPair) -> dict[str, Json]:
    """Give the row with one fault in it."""
    return {**row, **_SPOILERS[kind](row, now, data_key)}


_Spoiler = Callable[[dict[str, Json], datetime, KeyPair], dict[str, Json]]
_FULL_WIDTH = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789-"}
_SPOILERS: dict[str, _Spoiler] = {
    "future_update": lambda _row, now, _key: {"updatedAt": (now + timedelta(days=400)).isoformat()},
    "absurd_hours": lambda _row, _now, _key: {"durationMinutes": 99990},
    "negative_hours": lambda _row, _now, _key: {"durationMinutes": -30},
    "null_hours": lambda _row, _now, _key: {"durationMinutes": None},
    "unknown_code": lambda _row, _now, _key: {"state": "ARCHIVED"},
    "broken_id_number": lambda row, _now, key: {"idNoEnc": key.seal(key.open(row["idNoEnc"])[:-1])},
    "full_width": lambda row, _now, _key: {"serviceDate": row["serviceDate"].translate(_FULL_WIDTH)},
    "name_dots": lambda row, _now, _key: {"volunteerName": f"{row['volunteerName'][:1]}‧{row['volunteerName'][1:]}"},
}
