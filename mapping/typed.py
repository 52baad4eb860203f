"""Read what station staff type into a cell: right without doubt, or not at all and with the reason."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from domain.hours import SECONDS_PER_DAY, SECONDS_PER_HOUR

_SECONDS_PER_MINUTE = 60
_UNLIKELY_TIMES = 5
_YES = {"是", "1", "true", "√", "特殊", "特殊情况"}
_NO = {"", "否", "无", "没有", "0", "false", "/", "-"}
_NOTHING = {"", "无", "没有", "否", "/", "-", "—", "0"}
_HOURS = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)(?:小时|h)?", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,4})(?:分钟|分)")
_NUMBER_EATEN = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TypedProblem:
    """Why a cell was not read: the code of a sentence for its typist; never the cell's own text."""

    code: str
    data: tuple[tuple[str, str], ...] = ()


def plain(text: str) -> str:
    """Give a cell's text in half width, without outer blanks and without marks that nobody sees."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(mark for mark in folded if unicodedata.category(mark) != "Cf").strip()


def is_eaten(text: str) -> bool:
    """Say whether a spreadsheet turned a long number into ``4.6E+17`` and lost its digits."""
    return _NUMBER_EATEN.fullmatch(plain(text).replace(" ", "")) is not None


def is_nothing(text: str) -> bool:
    """Say whether a cell is empty, or holds a word or a stroke that stands for nothing."""
    return plain(text) in _NOTHING


def typed_optional(text: str) -> str:
    """Give a cell's text, "" where it stands for nothing."""
    return "" if is_nothing(text) else text.strip()


def typed_yes(text: str) -> bool | TypedProblem:
    """Read 特殊情况: yes or no in the words that stations use."""
    said = plain(text).casefold()
    if said in _YES:
        return True
    return False if said in _NO else TypedProblem("yes_no_unclear")


def typed_hours(text: str, known_seconds: int = 0) -> int | TypedProblem:
    """Read hours as whole seconds: ``0.5``, ``1.5小时``, ``30分钟``; more than nought, at most a day.

    ``known_seconds`` is the largest figure that any source gives, 0 where none does: five times as much is refused,
    for 5 is often typed for 0.5 and 30 for half an hour.
    """
    said = plain(text).replace(" ", "")
    if not said:
        return TypedProblem("cell_missing")
    seconds = _seconds(said)
    if seconds is None:
        return TypedProblem("hours_unreadable")
    if seconds != int(seconds) or seconds == 0:
        return TypedProblem("hours_nothing" if seconds == 0 else "hours_too_fine")
    if seconds > SECONDS_PER_DAY:
        return TypedProblem("hours_over_day")
    if known_seconds and seconds >= known_seconds * _UNLIKELY_TIMES:
        return TypedProblem("hours_unlikely")
    return int(seconds)


def _seconds(said: str) -> Decimal | None:
    hours = _HOURS.fullmatch(said)
    if hours:
        return Decimal(hours[1]) * SECONDS_PER_HOUR
    minutes = _MINUTES.fullmatch(said)
    return Decimal(minutes[1]) * _SECONDS_PER_MINUTE if minutes else None
