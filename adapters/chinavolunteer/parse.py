"""Rows of this platform into records; it sees no network."""

from __future__ import annotations

import re
from datetime import datetime

from adapters.chinavolunteer import profile
from adapters.crypto import FieldCipher
from adapters.fields import (
    FieldFaultError,
    PersonReader,
    Row,
    business_key_in,
    checked_row,
    code_at,
    coded_at,
    entered,
    external_id_at,
    hours_at,
    local_instant,
    quarantined,
    text_at,
)
from domain.people import PersonOnPlatform
from domain.records import QuarantinedRow, Record, RecordKey

_CATEGORY = re.compile(profile.CATEGORY_SHAPE)


class RowReader:
    """Reads the rows of one platform of this kind."""

    def __init__(self, platform: str, response_cipher: FieldCipher) -> None:
        """Take the platform's name and the cipher of the personal fields in its replies."""
        self._platform = platform
        self._person = PersonReader(
            response_cipher, name="name", id_type="albp0004", id_number="cardno", volunteer_number="albx0175"
        )

    def hours(self, row: object, scope: str, latest: datetime) -> Record | QuarantinedRow:
        """Read one row of ``listServiceTimes``; nothing can have changed after ``latest``."""
        external_id = ""
        try:
            checked = checked_row(row)
            external_id = external_id_at(checked, "id")
            return self._record(checked, external_id, scope, latest)
        except FieldFaultError as fault:
            return quarantined(self._platform, scope, external_id, fault, row)

    def volunteer(self, row: object, scope: str) -> PersonOnPlatform | QuarantinedRow:
        """Read one row of ``listVolunteers``."""
        volunteer_number = ""
        try:
            checked = checked_row(row)
            volunteer_number = external_id_at(checked, "albx0175").upper()
            person = self._person.read(checked)
            is_real_name = coded_at(checked, "albp0063", profile.REAL_NAME, "code_unknown")
            is_active = coded_at(checked, "albp0023", profile.ACTIVE, "code_unknown")
        except FieldFaultError as fault:
            return quarantined(self._platform, scope, volunteer_number, fault, row)
        return PersonOnPlatform(volunteer_number, person, is_real_name, is_active)

    def _record(self, row: Row, external_id: str, scope: str, latest: datetime) -> Record:
        updated_at = _updated_at(row, latest)
        seconds = hours_at(row, "albx0172")
        starts_at = _instant_at(row, "albx0181")
        remark = text_at(row, "bz")
        return Record(
            key=RecordKey(self._platform, external_id),
            state=coded_at(row, "albx0174", profile.STATES, "state_unknown"),
            state_code=code_at(row, "albx0174"),
            person=self._person.read(row),
            organisation=_team(row, scope),
            organisation_name=text_at(row, "albx0062"),
            activity_id=text_at(row, "albx0176").strip(),
            activity_name=text_at(row, "projectName"),
            category_code=_category(row),
            object_code=_object_code(row),
            is_honour=coded_at(row, "albx0187", profile.HONOUR, "code_unknown"),
            service_date=starts_at.date(),
            starts_at=starts_at,
            ends_at=_end(row, starts_at),
            reported_seconds=seconds,
            duration=profile.true_durations(seconds),
            entered_at=entered(local_instant, text_at(row, "albx0178"), latest),
            updated_at=updated_at,
            business_key=business_key_in(remark),
            remark=remark,
        )


def _instant_at(row: Row, field: str) -> datetime:
    try:
        return local_instant(text_at(row, field))
    except ValueError:
        raise FieldFaultError("time_unreadable", field) from None


def _updated_at(row: Row, latest: datetime) -> datetime:
    updated_at = _instant_at(row, "updateTime")
    if updated_at > latest:
        raise FieldFaultError("updated_in_future", "updateTime")
    return updated_at


def _end(row: Row, starts_at: datetime) -> datetime | None:
    """Give the end, or None where it alone cannot be read; one before the start puts both in doubt."""
    try:
        ends_at = local_instant(text_at(row, "albx0182"))
    except ValueError:
        return None
    if ends_at < starts_at:
        raise FieldFaultError("time_reversed", "albx0182")
    return ends_at


def _team(row: Row, scope: str) -> str:
    """Give the row's team, which must be the one that was asked for."""
    team = code_at(row, "albx0177")
    if team != scope:
        raise FieldFaultError("shape_broken", "albx0177")
    return team


def _category(row: Row) -> str:
    code = code_at(row, "albx0009")
    if _CATEGORY.fullmatch(code) is None:
        raise FieldFaultError("code_unknown", "albx0009")
    return code


def _object_code(row: Row) -> str:
    code = code_at(row, "albx0014")
    return code.zfill(2) if code.isdigit() else code
