"""Time and chance, passed in: nothing below the front door reads a clock of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


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


def day_in_shanghai(instant: datetime) -> date:
    """Give the calendar day in Asia/Shanghai of an aware instant."""
    if instant.tzinfo is SHANGHAI:
        return instant.date()
    return instant.astimezone(SHANGHAI).date()
