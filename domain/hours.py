"""Whole seconds: the only unit of time given in the house; hours exist at the edges only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 86_400


def seconds_of_hours(text: str | int | Decimal) -> int:
    """Turn hours as written (``"0.70"``) into whole seconds (2520).

    Raises:
        ValueError: the text is no plain decimal number, or not a whole number of seconds.
    """
    try:
        seconds = Decimal(str(text).strip()) * SECONDS_PER_HOUR
    except InvalidOperation:
        raise ValueError(text) from None
    if not seconds.is_finite() or seconds != seconds.to_integral_value():
        raise ValueError(text)
    return int(seconds)


def show_hours(seconds: int) -> str:
    """Show seconds as hours with two decimals, rounded half up, for people's eyes only."""
    hundredths, rest = divmod(abs(seconds) * 100, SECONDS_PER_HOUR)
    hundredths += rest * 2 >= SECONDS_PER_HOUR
    sign = "-" if seconds < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"


@dataclass(frozen=True, slots=True)
class DurationRange:
    """The true durations, in seconds and both ends included, that one reported figure can stand for."""

    low_seconds: int
    high_seconds: int

    def holds(self, seconds: int) -> bool:
        """Say whether a true duration of ``seconds`` could have been reported so."""
        return self.low_seconds <= seconds <= self.high_seconds

    def widened(self, by_seconds: int) -> DurationRange:
        """Give the range with a tolerance of ``by_seconds`` on either side, never below zero."""
        return DurationRange(max(0, self.low_seconds - by_seconds), self.high_seconds + by_seconds)

    def meets(self, other: DurationRange) -> bool:
        """Say whether one true duration could stand behind both figures."""
        return self.low_seconds <= other.high_seconds and other.low_seconds <= self.high_seconds
