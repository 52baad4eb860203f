"""When the next call may be made: the platform's budget, and what it said when it was asked too often."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from domain.clock import Clock

# The platform counts arrivals and we count departures: a little more than a second keeps both within the budget.
_SPAN_SECONDS = 1.05
_SECONDS_DIGITS_MAX = 9
_FOREVER_SECONDS = 10**_SECONDS_DIGITS_MAX
_YEARS = range(2000, 2100)


class Budget:
    """At most so many calls in any second, or any number where the platform names none."""

    def __init__(self, calls_per_second: int | None, clock: Clock) -> None:
        """Start with the whole budget."""
        self._clock = clock
        self._calls: deque[float] = deque(maxlen=calls_per_second)

    def spend(self) -> None:
        """Wait until one more call is within the budget, and count it."""
        if len(self._calls) == self._calls.maxlen:
            wait_seconds = self._calls[0] + _SPAN_SECONDS - self._clock.monotonic()
            if wait_seconds > 0:
                self._clock.sleep(wait_seconds)
        self._calls.append(self._clock.monotonic())


def retry_after_seconds(header: str | None, now: datetime) -> int | None:
    """Read ``Retry-After``: seconds or an HTTP date, seen from the platform's ``now``; else None."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= _SECONDS_DIGITS_MAX else _FOREVER_SECONDS
    instant = http_date(text)
    return None if instant is None else max(0, int((instant - now).total_seconds()) + 1)


def http_date(header: str | None) -> datetime | None:
    """Read an HTTP date as an aware instant; None if it is missing, unreadable, or in no year of ours."""
    try:
        instant = parsedate_to_datetime(header or "")
    except (ValueError, OverflowError):
        return None
    if instant.year not in _YEARS:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
