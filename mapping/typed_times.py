"""Read typed days and times: right without doubt, or not at all and with the reason."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from domain.clock import SHANGHAI
from domain.hours import SECONDS_PER_DAY
from mapping.typed import TypedProblem, plain

Span = tuple[datetime, datetime]

_FIRST_SERIAL_DAY = date(1899, 12, 30)
_SERIALS = range(36_526, 73_051)  # 2000-01-01 to 2099-12-31, as spreadsheets count days
_YEARS = range(1990, 2100)

_FULL_DATE = re.compile(
    r"(\d{4})([-./年])(\d{1,2})(?:\2|月)(\d{1,2})[日号]?(?:[T ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NO_YEAR = re.compile(r"(\d{1,2})[-./月](\d{1,2})[日号]?")
_SHORT_YEAR = re.compile(r"\d{2}[-./年]\d{1,2}[-./月]\d{1,2}[日号]?")
_YEAR_LAST = re.compile(r"\d{1,2}[-./]\d{1,2}[-./]\d{4}")
_TIME = re.compile(r"(凌晨|早上|上午|中午|下午|晚上)?(\d{1,2})(?::|点|时)(\d{2}|半|\d分)?分?(?::(\d{2})(?:\.0+)?)?")
_COMPACT_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_DAY_FRACTION = re.compile(r"0?\.\d{3,}")
_DATED_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.0+)?)?)")
_NIGHT_ENDS = 6
_NOON = 12
_AFTERNOON = {"下午", "晚上"}


def typed_date(text: str) -> date | TypedProblem:
    """Read a day: ``2022-03-05 2022.3.5 2022/3/5 2022年3月5日 20220305`` or a spreadsheet's serial number."""
    said = re.sub(r"\s*([-./年月日])\s*", r"\1", plain(text))
    if not said:
        return TypedProblem("cell_missing")
    if said.isdecimal() and int(said) in _SERIALS:
        return _FIRST_SERIAL_DAY + timedelta(days=int(said))
    full = _FULL_DATE.fullmatch(said)
    parts = (full[1], full[3], full[4]) if full else None
    compact = _COMPACT_DATE.fullmatch(said)
    if compact:
        parts = (compact[1], compact[2], compact[3])
    if parts is None:
        return TypedProblem(_date_fault(said))
    year, month, day = map(int, parts)
    try:
        found = date(year, month, day)
    except ValueError:
        return TypedProblem("date_impossible")
    return found if year in _YEARS else TypedProblem("date_impossible")


def _date_fault(said: str) -> str:
    for pattern, code in ((_SHORT_YEAR, "date_year_short"), (_YEAR_LAST, "date_order"), (_NO_YEAR, "date_no_year")):
        if pattern.fullmatch(said):
            return code
    return "date_unreadable"


def typed_time(text: str, day: date) -> time | TypedProblem | None:
    """Read a time of ``day``: ``14:30 14：30 9:00 1430 下午2:30 14点半``, a spreadsheet's fraction; None where empty.

    A time before six in the morning is refused unless 凌晨 stands before it: who means 14:30 often types 2:30.
    """
    said = re.sub(r"\s+", " ", plain(text))
    if not said:
        return None
    dated = _DATED_TIME.fullmatch(said)
    if dated:
        if dated[1] != day.isoformat():
            return TypedProblem("time_other_day")
        said = dated[2]
    if _DAY_FRACTION.fullmatch(said):
        return _refuse_night(_time_of_fraction(said), "")
    compact = _COMPACT_TIME.fullmatch(said)
    if compact:
        said = f"{compact[1]}:{compact[2]}"
    return _clock_time(said.replace(" ", ""))


def _clock_time(said: str) -> time | TypedProblem:
    """Read hours and minutes, with a word for the part of the day before them or without."""
    found = _TIME.fullmatch(said)
    if found is None or (":" in said and (found[3] is None or not found[3].isdecimal())):
        return TypedProblem("time_unreadable")
    part, hour = found[1] or "", int(found[2])
    minute = 30 if found[3] == "半" else int((found[3] or "0").removesuffix("分"))
    if part in _AFTERNOON and hour < _NOON:
        hour += _NOON
    if part == "中午" and hour in {1, 2}:
        hour += _NOON
    try:
        return _refuse_night(time(hour, minute, int(found[4] or 0)), part)
    except ValueError:
        return TypedProblem("time_impossible")


def _time_of_fraction(said: str) -> time | TypedProblem:
    """Turn a part of a day into a time, where it is a whole minute as near as spreadsheets can say."""
    seconds = Decimal(said) * SECONDS_PER_DAY
    minute = round(seconds / 60)
    if abs(seconds - minute * 60) > 1 or minute * 60 >= SECONDS_PER_DAY:
        return TypedProblem("time_unreadable")
    return time(*divmod(minute, 60))


def _refuse_night(found: time | TypedProblem, part: str) -> time | TypedProblem:
    if isinstance(found, time) and found.hour < _NIGHT_ENDS and part != "凌晨":
        return TypedProblem("time_at_night")
    return found


def typed_span(start: str, end: str, day: date) -> Span | TypedProblem | None:
    """Read both times of one visit on ``day`` as aware instants; None where both cells are empty.

    One time alone is refused, and so is an end that is not after its start: the two may be swapped, or an afternoon
    written as a morning.
    """
    first, last = typed_time(start, day), typed_time(end, day)
    for column, found in (("start", first), ("end", last)):
        if isinstance(found, TypedProblem):
            return TypedProblem(found.code, (("column", column),))
    if not isinstance(first, time) or not isinstance(last, time):
        return None if first is last else TypedProblem("time_alone", (("column", "end" if first else "start"),))
    if first >= last:
        return TypedProblem("times_equal" if first == last else "times_reversed", (("column", "end"),))
    return datetime.combine(day, first, SHANGHAI), datetime.combine(day, last, SHANGHAI)
