"""What a platform said: records, and the rows of it that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from domain.clock import seconds_of
from domain.hours import DurationRange
from domain.making import maker

HOURS_STREAM = "hours"
STATION_PLATFORM = "station"
SEPARATOR = "\0"
"""Stands between the parts of a record that is spelt out; no adapter lets a text pass that has it."""


class RecordState(StrEnum):
    """What the platform makes of a record, whatever its own code is."""

    EFFECTIVE = "effective"
    PENDING = "pending"
    WITHDRAWN = "withdrawn"


class RecordKey(NamedTuple):
    """What a record is known by, whatever it was read by; a plain tuple, since it is hashed and compared everywhere."""

    platform: str
    external_id: str
    stream: str = HOURS_STREAM

    def __str__(self) -> str:
        """Show ``platform:id``."""
        return f"{self.platform}:{self.external_id}"


@dataclass(frozen=True, slots=True)
class PersonAsSaid:
    """A person in a platform's or a station's words; in clear only between the wire and the vault.

    ``id_number`` is normalised (``domain.idnumber``), ``id_type`` one of its classes; ``volunteer_number`` is
    trimmed and upper-cased. Its ``repr`` is masked so that no log or traceback shows a person.
    """

    name: str
    id_type: str = ""
    id_number: str = ""
    volunteer_number: str = ""

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "PersonAsSaid(***)"


@dataclass(frozen=True, slots=True)
class Record:
    """One spell of service as one platform says it.

    ``reported_seconds`` is the platform's figure; ``duration`` the true durations that it can stand for under the
    platform's own rounding. ``organisation`` is the team or organisation the platform books it under. ``is_honour``
    is None where the source has no column for it (an older export). Times are aware, in Asia/Shanghai; ``ends_at``
    alone may be None when it could not be read. ``carried_from`` names the record that this one repeats
    (``sourceRef``); ``business_key`` is ours, found in ``bz`` or ``clientRef``.
    """

    key: RecordKey
    state: RecordState
    state_code: str
    person: PersonAsSaid
    organisation: str
    organisation_name: str
    activity_id: str
    activity_name: str
    category_code: str
    object_code: str
    is_honour: bool | None
    service_date: date
    starts_at: datetime | None
    ends_at: datetime | None
    reported_seconds: int
    duration: DurationRange
    entered_at: datetime | None
    updated_at: datetime
    carried_from: RecordKey | None = None
    business_key: str = ""
    remark: str = field(default="", repr=False)

    def content(self) -> bytes:
        """Give the canonical bytes of what is said, without the time of its last change.

        They hold personal data: only a keyed hash of them (the fingerprint, 内容校验码) may be stored in clear.
        """
        person = self.person
        parts = (
            self.state_code, person.name, person.id_type, person.id_number, person.volunteer_number,
            self.organisation, self.activity_id, self.activity_name, self.category_code, self.object_code,
            _HONOUR[self.is_honour], self.service_date.isoformat(), _seconds(self.starts_at), _seconds(self.ends_at),
            str(self.reported_seconds), *(self.carried_from or _NO_KEY), self.business_key, self.remark,
        )  # fmt: skip
        said = SEPARATOR.join(parts)
        if said.count(SEPARATOR) != len(parts) - 1:
            raise ValueError("separator")
        return said.encode()


make_record = maker(Record)

_HONOUR = {None: "", False: "0", True: "1"}
_NO_KEY = ("", "", "")


def _seconds(instant: datetime | None) -> str:
    return "" if instant is None else str(seconds_of(instant))


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row that cannot be read: kept whole, counted, listed, and never an exception.

    ``reason`` is a code of ``QUARANTINE_REASONS``, ``field`` the platform's own name of the field at fault, ``raw``
    the row's bytes as they came (personal data: the store encrypts them). ``external_id`` is "" where even that is
    missing.
    """

    platform: str
    organisation: str
    external_id: str
    reason: str
    field: str
    raw: bytes

    def __repr__(self) -> str:
        """Leave out the row itself."""
        return f"QuarantinedRow({self.platform}:{self.external_id} {self.reason} {self.field})"


QUARANTINE_REASONS = (
    "id_missing", "state_unknown", "code_unknown",
    "hours_missing", "hours_unreadable", "hours_negative", "hours_over_day",
    "time_unreadable", "time_reversed", "updated_in_future",
    "person_unreadable", "id_number_broken", "text_broken", "shape_broken",
)  # fmt: skip
