"""Reading one field of one row: a plain value, or the fault that sends the row to quarantine."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from adapters.crypto import FieldCipher
from adapters.kept import Kept
from adapters.texts import readable
from domain.clock import SHANGHAI
from domain.entries import BUSINESS_KEY_PATTERN
from domain.hours import SECONDS_PER_DAY, seconds_of_hours
from domain.idnumber import RESIDENT, id_class, is_resident_number, normalised_id
from domain.records import PersonAsSaid, QuarantinedRow

Row = Mapping[str, Any]

YEARS = range(2000, 2100)
"""Years that a date of service can lie in; all else is a computer's zero or a slip."""

_FIRST_YEAR, _LAST_YEAR = YEARS[0], YEARS[-1]
_INSTANT_CHARACTERS = len("2022-03-01 09:00:00")
_ORDINARY_ENDS = ("", ".0")
_OURS = "+08:00"
_BUSINESS_KEY = re.compile(rf"(?<![A-Za-z0-9]){BUSINESS_KEY_PATTERN}(?![A-Za-z0-9])")


class FieldFaultError(Exception):
    """A field that makes its row unreadable; ``reason`` is one of ``QUARANTINE_REASONS``."""

    def __init__(self, reason: str, field: str) -> None:
        """Keep reason and field; no value."""
        super().__init__(reason, field)
        self.reason = reason
        self.field = field


def quarantined(platform: str, scope: str, external_id: str, fault: FieldFaultError, row: object) -> QuarantinedRow:
    """Keep a row whole, as JSON, with what is wrong with it."""
    try:
        raw = json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half a character that was written as an escape has no bytes; it stays an escape.
        raw = json.dumps(row).encode()
    return QuarantinedRow(platform, scope, external_id, fault.reason, fault.field, raw)


def checked_row(row: object) -> Row:
    """Give the row if it is one at all."""
    if isinstance(row, dict):
        return row
    raise FieldFaultError("shape_broken", "")


def text_at(row: Row, field: str) -> str:
    """Give a text as written, a number as text, null or absent as ""."""
    value = row.get(field)
    if type(value) is not str:
        if value is None:
            return ""
        if type(value) is int:
            return str(value)
        raise FieldFaultError("shape_broken", field)
    if "\0" in value:  # stands in no text, and PostgreSQL keeps none that has it
        raise FieldFaultError("text_broken", field)
    if value.isascii():
        return value
    try:
        return readable(value)
    except ValueError:
        raise FieldFaultError("text_broken", field) from None


def code_at(row: Row, field: str) -> str:
    """Give a code: text without blanks, full width made half."""
    text = text_at(row, field)
    return text.strip() if text.isascii() else half_width(text).strip()


def half_width(text: str) -> str:
    """Read full-width letters and digits as plain ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def external_id_at(row: Row, field: str) -> str:
    """Give the platform's id of the row, as text."""
    external_id = code_at(row, field)
    if not external_id:
        raise FieldFaultError("id_missing", field)
    return external_id


def coded_at(row: Row, field: str, known: Mapping[str, Any], reason: str) -> Any:  # noqa: ANN401 - the table's own type
    """Give what the code in ``field`` stands for in ``known``."""
    try:
        return known[code_at(row, field)]
    except KeyError:
        raise FieldFaultError(reason, field) from None


def hours_at(row: Row, field: str) -> int:
    """Give hours as written in whole seconds, from 0 to one day."""
    value = row.get(field)
    if value is None or value == "":
        raise FieldFaultError("hours_missing", field)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldFaultError("hours_unreadable", field)
    try:
        seconds = _seconds_of_hours(half_width(str(value)))
    except ValueError:
        raise FieldFaultError("hours_unreadable", field) from None
    return within_a_day(seconds, field)


_seconds_of_hours = lru_cache(maxsize=4096)(seconds_of_hours)
"""There are as many figures as platforms have grains, and they come again with every page."""


def within_a_day(seconds: int, field: str) -> int:
    """Give the seconds back if they are at least none and at most one day's."""
    if seconds < 0:
        raise FieldFaultError("hours_negative", field)
    if seconds > SECONDS_PER_DAY:
        raise FieldFaultError("hours_over_day", field)
    return seconds


def local_instant(text: str) -> datetime:
    """Read ``YYYY-MM-DD HH:mm:ss`` with or without a fraction behind, as Asia/Shanghai; fractions are cut off.

    Raises:
        ValueError: there is no such instant, or it lies outside ``YEARS``.
    """
    if text[_INSTANT_CHARACTERS:] not in _ORDINARY_ENDS or not text.isascii():
        text = _without_fraction(half_width(text).strip())
    if len(text) < _INSTANT_CHARACTERS:
        raise ValueError("no instant")
    instant = datetime.fromisoformat(text[:_INSTANT_CHARACTERS])
    if instant.tzinfo is not None or not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError("no local instant")
    if instant.microsecond:  # written without the hyphens, a fraction lies within these characters
        instant = instant.replace(microsecond=0)
    return datetime.combine(instant, instant.time(), SHANGHAI)


def _without_fraction(text: str) -> str:
    head, fraction = text[:_INSTANT_CHARACTERS], text[_INSTANT_CHARACTERS:]
    if fraction and not (fraction[0] == "." and fraction[1:].isdigit()):
        raise ValueError("no instant")
    return head


def offset_instant(text: str) -> datetime:
    """Read ISO 8601 with an offset, as Asia/Shanghai; fractions are cut off.

    Raises:
        ValueError: there is no such instant, it has no offset, or it lies outside ``YEARS``.
    """
    text = text.strip() if text.isascii() else half_width(text).strip()
    if len(text) == _INSTANT_CHARACTERS + len(_OURS) and text.endswith(_OURS):
        return local_instant(text[:_INSTANT_CHARACTERS])
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or instant.year not in YEARS:
        raise ValueError("no instant with an offset")
    return instant.astimezone(SHANGHAI).replace(microsecond=0)


@lru_cache(maxsize=4096)
def calendar_day(text: str) -> date:
    """Read ``YYYY-MM-DD``.

    Raises:
        ValueError: there is no such day, or it lies outside ``YEARS``.
    """
    text = half_width(text).strip()
    day = date.fromisoformat(text)
    if len(text) != len("2022-03-01") or day.year not in YEARS:
        raise ValueError("no day")
    return day


def latest_change(window_end: datetime | None, now: datetime, platform_now: datetime, ahead: timedelta) -> datetime:
    """Give the instant after which no row of a page can have changed: the platform's clock, and ``ahead`` beyond.

    A window that was over when it was asked for holds nothing of the future, whatever the clock of the node says that
    happened to answer: its rows would be quarantined, and the window be held for read.
    """
    past = platform_now if window_end is None else min(window_end, now)
    return max(past, platform_now + ahead).astimezone(SHANGHAI)


def entered(read: Callable[[str], datetime], text: str, latest: datetime) -> datetime | None:
    """Give when a row was entered, or None where that is not told, cannot be read, or lies after ``latest``.

    Only a wait is counted from it: nothing that the row says of a service hangs on it.
    """
    try:
        instant = read(text)
    except ValueError:
        return None
    return instant if instant <= latest else None


def volunteer_number_at(row: Row, field: str) -> str:
    """Give a volunteer number trimmed and in upper case, and nothing read into it."""
    return text_at(row, field).strip().upper()


def business_key_in(text: str) -> str:
    """Find our own business key in a remark; "" where there is none."""
    found = _BUSINESS_KEY.search(text) if text else None
    return found.group() if found else ""


class PersonReader:
    """Reads the person of a row; the fields' names and the cipher are the platform's.

    The same cipher text comes with every visit of the same volunteer, so what was read is kept for the next row.
    """

    def __init__(self, cipher: FieldCipher, *, name: str, id_type: str, id_number: str, volunteer_number: str) -> None:
        """Take the cipher of the id number and the names of the four fields."""
        self._cipher = cipher
        self._name = name
        self._id_type = id_type
        self._id_number = id_number
        self._volunteer_number = volunteer_number
        self._kept = Kept[PersonAsSaid](name, id_type, id_number, volunteer_number)

    def read(self, row: Row) -> PersonAsSaid:
        """Give the person as the row says.

        Raises:
            FieldFaultError: no name, neither number, or an id number that cannot be read or cannot be right.
        """
        return self._kept.read(row, self._read)

    def _read(self, row: Row) -> PersonAsSaid:
        name = text_at(row, self._name)
        if "?" in name:
            raise FieldFaultError("text_broken", self._name)
        if not name.strip():
            raise FieldFaultError("person_unreadable", self._name)
        code = code_at(row, self._id_type)
        id_type = id_class(code)
        encoded = text_at(row, self._id_number).strip()
        id_number = self._number(id_type, encoded) if encoded else ""
        if not code and is_resident_number(id_number):
            id_type = RESIDENT
        volunteer_number = volunteer_number_at(row, self._volunteer_number)
        if not id_number and not volunteer_number:
            raise FieldFaultError("person_unreadable", self._id_number)
        return PersonAsSaid(name, id_type, id_number, volunteer_number)

    def _number(self, id_type: str, encoded: str) -> str:
        try:
            plain = self._cipher.decrypt(encoded)
        except ValueError:
            raise FieldFaultError("person_unreadable", self._id_number) from None
        if not plain.strip():
            return ""  # an empty number is encrypted like any other
        try:
            return normalised_id(id_type, plain)
        except ValueError:
            raise FieldFaultError("id_number_broken", self._id_number) from None
