"""Rows of this platform into records; it sees no network."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple

from adapters.crypto import FieldCipher
from adapters.fields import (
    FieldFaultError,
    PersonReader,
    Row,
    business_key_in,
    calendar_day,
    checked_row,
    code_at,
    coded_at,
    entered,
    external_id_at,
    half_width,
    offset_instant,
    quarantined,
    text_at,
    within_a_day,
)
from adapters.guizhiyuan import profile
from adapters.kept import Kept
from domain.clock import SHANGHAI
from domain.people import PersonOnPlatform
from domain.records import QuarantinedRow, Record, RecordKey, RecordState, make_record

_CATEGORY = re.compile(profile.CATEGORY_SHAPE)
_WHOLE_NUMBER = re.compile(r"-?\d{1,6}")
_CLOCK_TIME = re.compile(r"\d\d:\d\d(:\d\d)?")


class RowReader:
    """Reads the rows of one platform of this kind."""

    def __init__(self, platform: str, data_cipher: FieldCipher) -> None:
        """Take the platform's name and the cipher of its personal fields."""
        self._platform = platform
        self._person = PersonReader(
            data_cipher, name="volunteerName", id_type="idType", id_number="idNoEnc", volunteer_number="volunteerNo"
        )
        self._visit = Kept[_Visit](*_VISIT_FIELDS)

    def hours(self, row: object, scope: str, latest: datetime) -> Record | QuarantinedRow:
        """Read one row of ``hours.query``; nothing can have changed after ``latest``."""
        external_id = ""
        try:
            checked = checked_row(row)
            external_id = external_id_at(checked, "recordId")
            return self._record(checked, external_id, scope, latest)
        except FieldFaultError as fault:
            return quarantined(self._platform, scope, external_id, fault, row)

    def volunteer(self, row: object, scope: str) -> PersonOnPlatform | QuarantinedRow:
        """Read one row of ``volunteers.query``; who is listed is active, and nothing is said of a real name."""
        volunteer_number = ""
        try:
            checked = checked_row(row)
            volunteer_number = external_id_at(checked, "volunteerNo").upper()
            return PersonOnPlatform(volunteer_number, self._person.read(checked), is_real_name=None, is_active=True)
        except FieldFaultError as fault:
            return quarantined(self._platform, scope, volunteer_number, fault, row)

    def _record(self, row: Row, external_id: str, scope: str, latest: datetime) -> Record:
        updated_at = _updated_at(row, latest)
        seconds = _seconds(row)
        service_date = _day(row)
        starts_at = _start(row, service_date)
        visit = self._visit.read(row, _visit)
        reference = text_at(row, "sourceRef").strip()
        person = self._person.read(row)
        if visit.organisation != scope:
            raise FieldFaultError("shape_broken", "orgCode")
        return make_record(  # in the order of its fields: by name it costs twice as much, and every row comes here
            RecordKey(self._platform, external_id), visit.state, visit.state_code, person, visit.organisation, "",
            visit.activity_id, visit.activity_name, visit.category_code, "", False, service_date, starts_at,  # noqa: FBT003
            _end(row, starts_at), seconds, profile.true_durations(seconds),
            entered(offset_instant, text_at(row, "createdAt"), latest), updated_at,
            _carried_from(visit.source, reference),
            business_key_in(reference) if visit.source == profile.FROM_CLIENT else "", text_at(row, "remark"),
        )  # fmt: skip


class _Visit(NamedTuple):
    """What many rows say alike: what was done, where, who wrote it down, and what became of it."""

    source: str
    state: RecordState
    state_code: str
    organisation: str
    activity_id: str
    activity_name: str
    category_code: str


_VISIT_FIELDS = ("sourceSystem", "state", "orgCode", "activityId", "activityName", "serviceType")


def _visit(row: Row) -> _Visit:
    return _Visit(
        source=coded_at(row, "sourceSystem", profile.SOURCES, "code_unknown"),
        state=coded_at(row, "state", profile.STATES, "state_unknown"),
        state_code=code_at(row, "state"),
        organisation=code_at(row, "orgCode"),
        activity_id=text_at(row, "activityId").strip(),
        activity_name=text_at(row, "activityName"),
        category_code=_category(row),
    )


def _instant_at(row: Row, field: str) -> datetime:
    try:
        return offset_instant(text_at(row, field))
    except ValueError:
        raise FieldFaultError("time_unreadable", field) from None


def _updated_at(row: Row, latest: datetime) -> datetime:
    updated_at = _instant_at(row, "updatedAt")
    if updated_at > latest:
        raise FieldFaultError("updated_in_future", "updatedAt")
    return updated_at


def _seconds(row: Row) -> int:
    """Give whole half hours in seconds; a figure between two of them is not what the platform promised."""
    text = code_at(row, "durationMinutes")
    if not text:
        raise FieldFaultError("hours_missing", "durationMinutes")
    if _WHOLE_NUMBER.fullmatch(text) is None:
        raise FieldFaultError("hours_unreadable", "durationMinutes")
    seconds = within_a_day(int(text) * profile.SECONDS_PER_MINUTE, "durationMinutes")
    if seconds % (profile.GRAIN_MINUTES * profile.SECONDS_PER_MINUTE):
        raise FieldFaultError("hours_unreadable", "durationMinutes")
    return seconds


def _day(row: Row) -> date:
    try:
        return calendar_day(text_at(row, "serviceDate"))
    except ValueError:
        raise FieldFaultError("time_unreadable", "serviceDate") from None


def _at_clock_time(day: date, text: str) -> datetime:
    return datetime.combine(day, _clock_time(text), SHANGHAI)


@lru_cache(maxsize=4096)
def _clock_time(text: str) -> time:
    text = half_width(text).strip()
    if _CLOCK_TIME.fullmatch(text) is None:
        raise ValueError("no clock time")
    return time.fromisoformat(text)


def _start(row: Row, day: date) -> datetime | None:
    text = text_at(row, "startTime").strip()
    if not text:
        return None
    try:
        return _at_clock_time(day, text)
    except ValueError:
        raise FieldFaultError("time_unreadable", "startTime") from None


def _end(row: Row, starts_at: datetime | None) -> datetime | None:
    """Give the end, or None where it alone cannot be read; an end without a start bounds nothing."""
    if starts_at is None:
        return None
    try:
        ends_at = _at_clock_time(starts_at.date(), text_at(row, "endTime"))
    except ValueError:
        return None
    if ends_at < starts_at:
        raise FieldFaultError("time_reversed", "endTime")
    return ends_at


def _category(row: Row) -> str:
    code = code_at(row, "serviceType")
    if _CATEGORY.fullmatch(code) is None:
        raise FieldFaultError("code_unknown", "serviceType")
    return code


def _carried_from(source: str, reference: str) -> RecordKey | None:
    if source != profile.FROM_NATIONAL or not reference:
        return None
    return RecordKey(profile.NATIONAL_PLATFORM, reference)
