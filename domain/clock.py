"""Time and chance, passed in: nothing below the front door reads a clock of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_HOURS_AHEAD = 8
_LAST_SUMMER_TIME = 1991
_FIRST_DAY = date(1970, 1, 1).toordinal()


class Clock(Protocol):
    """The two clocks of the house."""

    def now(self) -> datetime:
        """Give the bank's aware instant, for windows, grace and dates (``SHIQIAO_NOW`` moves it)."""

    def real_now(self) -> datetime:
        """Give the machine's aware instant, for leases and request stamps."""

    def monotonic(self) -> float:
        """Give seconds that never go back, for deadlines."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


def seconds_of(instant: datetime) -> int:
    """Give an aware instant in whole seconds since 1970; those of Shanghai, which come by the million, quickly."""
    if instant.tzinfo is SHANGHAI and instant.year > _LAST_SUMMER_TIME:
        hours = (instant.toordinal() - _FIRST_DAY) * 24 + instant.hour - _HOURS_AHEAD
        return hours * 3600 + instant.minute * 60 + instant.second
    return int(instant.timestamp())


def day_in_shanghai(instant: datetime) -> date:
    """Give the calendar day in Asia/Shanghai of an aware instant."""
    if instant.tzinfo is SHANGHAI:
        return instant.date()
    return instant.astimezone(SHANGHAI).date()
