"""Rows of this platform into records; it sees no network."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

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
from adapters.kept import Kept
from domain.people import PersonOnPlatform
from domain.records import QuarantinedRow, Record, RecordKey, RecordState, make_record

_CATEGORY = re.compile(profile.CATEGORY_SHAPE)


class RowReader:
    """Reads the rows of one platform of this kind."""

    def __init__(self, platform: str, response_cipher: FieldCipher) -> None:
        """Take the platform's name and the cipher of the personal fields in its replies."""
        self._platform = platform
        self._person = PersonReader(
            response_cipher, name="name", id_type="albp0004", id_number="cardno", volunteer_number="albx0175"
        )
        self._visit = Kept[_Visit](*_VISIT_FIELDS)

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
        person = self._person.read(row)
        visit = self._visit.read(row, _visit)
        if visit.organisation != scope:
            raise FieldFaultError("shape_broken", "albx0177")
        entered_at = entered(local_instant, text_at(row, "albx0178"), latest)
        return make_record(  # in the order of its fields: by name it costs twice as much, and every row comes here
            RecordKey(self._platform, external_id), visit.state, visit.state_code, person, *visit[2:],
            starts_at.date(), starts_at, _end(row, starts_at), seconds, profile.true_durations(seconds), entered_at,
            updated_at, None, business_key_in(remark), remark,
        )  # fmt: skip


class _Visit(NamedTuple):
    """What many rows say alike: what was done, where, for whom, and what became of it; as it stands in a record."""

    state: RecordState
    state_code: str
    organisation: str
    organisation_name: str
    activity_id: str
    activity_name: str
    category_code: str
    object_code: str
    is_honour: bool | None


_VISIT_FIELDS = ("albx0174", "albx0177", "albx0062", "albx0176", "projectName", "albx0009", "albx0014", "albx0187")


def _visit(row: Row) -> _Visit:
    return _Visit(
        state=coded_at(row, "albx0174", profile.STATES, "state_unknown"),
        state_code=code_at(row, "albx0174"),
        organisation=code_at(row, "albx0177"),
        organisation_name=text_at(row, "albx0062"),
        activity_id=text_at(row, "albx0176").strip(),
        activity_name=text_at(row, "projectName"),
        category_code=_category(row),
        object_code=_object_code(row),
        is_honour=coded_at(row, "albx0187", profile.HONOUR, "code_unknown"),
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


def _category(row: Row) -> str:
    code = code_at(row, "albx0009")
    if _CATEGORY.fullmatch(code) is None:
        raise FieldFaultError("code_unknown", "albx0009")
    return code


def _object_code(row: Row) -> str:
    code = code_at(row, "albx0014")
    return code.zfill(2) if code.isdigit() else code
