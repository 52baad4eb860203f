"""Rows of the national platform: how they are kept, how they look on the wire, how they can be spoilt."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.cipher import KeyPair
from sandbox.shelf import Position
from sandbox.wire import Json

STATUS_EFFECTIVE, STATUS_DELETED = "2", "3"
GONE_STATUSES = frozenset({"3", "4", "5"})
_STAMP = "%Y-%m-%d %H:%M:%S"
_NUMBER_WIDTH = 32


@dataclass(frozen=True, slots=True)
class NationalRecord:
    """Hours of one volunteer as the national platform keeps them; times are aware, ``hours`` is its text or null.

    ``ends_text`` stands on the wire instead of the end where somebody typed an impossible one.
    """

    record_id: str
    team: str
    volunteer_number: str
    name: str
    id_number: str
    project_id: str
    starts_at: datetime
    ends_at: datetime
    hours: str | None
    entered_at: datetime
    updated_at: datetime
    status: str = STATUS_EFFECTIVE
    entry_mode: str = "1"
    hours_type: str = "1"
    id_type: str = "01"
    area: str = "450202000000000000"
    remark: str = ""
    ends_text: str = ""

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return f"NationalRecord({self.record_id})"

    @property
    def position(self) -> Position:
        """Give the place in the order of change."""
        return self.updated_at, int(self.record_id, 16)


@dataclass(frozen=True, slots=True)
class NationalVolunteer:
    """A volunteer of a team; ``real_name`` is 1 passed, 0 not, 2 in review, ``standing`` 0 moved away, 1 normal."""

    team: str
    volunteer_number: str
    name: str
    id_number: str
    id_type: str = "01"
    real_name: str = "1"
    standing: str = "1"

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "NationalVolunteer(***)"


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a team: its name, service category and service object (``03`` the aged)."""

    project_id: str
    team: str
    name: str
    category: str
    service_object: str = "03"


def hours_text(start: datetime, end: datetime) -> str:
    """Give the span in hours, rounded half-up to two decimals, as the platform writes it."""
    hundredths = int((end - start).total_seconds() + 18) // 36
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def hours_row(record: NationalRecord, project: Project, team_name: str, response: KeyPair) -> dict[str, Json]:
    """Give a record as ``listServiceTimes`` shows it."""
    mark = zlib.crc32(record.record_id.encode())
    tail = ".0" if mark % 2 else ""
    return {
        "id": record.record_id,
        "albx0172": record.hours,
        "albx0173": record.entry_mode,
        "albx0174": record.status,
        "albx0175": record.volunteer_number.ljust(_NUMBER_WIDTH),
        "albx0176": record.project_id,
        "projectName": project.name,
        "albx0009": project.category,
        "albx0014": project.service_object,
        "albx0177": record.team,
        "albx0062": team_name,
        "name": record.name,
        "albp0004": record.id_type if mark % 8 else record.id_type.lstrip("0"),
        "cardno": response.seal(record.id_number),
        "albx0178": f"{record.entered_at:{_STAMP}}{tail}",
        "albx0181": f"{record.starts_at:{_STAMP}}{tail}",
        "albx0182": record.ends_text or f"{record.ends_at:{_STAMP}}{tail}",
        "albx0187": record.hours_type,
        "albx0021": record.area,
        "updateTime": f"{record.updated_at:{_STAMP}}",
        "bz": record.remark,
    }


def volunteer_row(volunteer: NationalVolunteer, response: KeyPair) -> dict[str, Json]:
    """Give a volunteer as ``listVolunteers`` shows them."""
    return {
        "albx0175": volunteer.volunteer_number.ljust(_NUMBER_WIDTH),
        "name": volunteer.name,
        "albp0004": volunteer.id_type,
        "cardno": response.seal(volunteer.id_number),
        "albp0063": volunteer.real_name,
        "albp0023": volunteer.standing,
    }


def spoil(row: dict[str, Json], kind: str, now: datetime, response: KeyPair) -> dict[str, Json]:
    """Give the row with one fault in it."""
    return {**row, **_SPOILERS[kind](row, now, response)}


_Spoiler = Callable[[dict[str, Json], datetime, KeyPair], dict[str, Json]]
_FULL_WIDTH = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789:"}
_SPOILERS: dict[str, _Spoiler] = {
    "future_update": lambda _row, now, _key: {"updateTime": f"{now + timedelta(days=400):{_STAMP}}"},
    "absurd_hours": lambda _row, _now, _key: {"albx0172": "9999.00"},
    "negative_hours": lambda _row, _now, _key: {"albx0172": "-0.50"},
    "null_hours": lambda _row, _now, _key: {"albx0172": None},
    "unknown_code": lambda _row, _now, _key: {"albx0174": "7"},
    "broken_id_number": lambda row, _now, key: {"cardno": key.seal(key.open(row["cardno"])[:-1])},
    "full_width": lambda row, _now, _key: {name: row[name].translate(_FULL_WIDTH) for name in ("albx0181", "albx0182")},
    "name_dots": lambda row, _now, _key: {"name": f"{row['name'][:1]}・{row['name'][1:]}"},
}
