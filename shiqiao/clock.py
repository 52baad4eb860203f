"""The real clock and the real chance: the only place of the house that asks the machine for either."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.clock import SHANGHAI
from domain.errors import UsageError

_YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock; ``held_at`` is the instant at which ``SHIQIAO_NOW`` holds the bank's, or None."""

    held_at: datetime | None = None

    def now(self) -> datetime:
        """Give the bank's instant, in whole seconds."""
        return self.held_at or self.real_now()

    def real_now(self) -> datetime:
        """Give the machine's instant, in whole seconds."""
        return datetime.now(SHANGHAI).replace(microsecond=0)

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def is_held(environ: Mapping[str, str]) -> bool:
    """Say whether ``SHIQIAO_NOW`` holds the bank's clock."""
    return bool(environ.get("SHIQIAO_NOW", "").strip())


def open_clock(environ: Mapping[str, str]) -> SystemClock:
    """Give the clock, held at ``SHIQIAO_NOW`` where that is set; an instant without an offset is Shanghai's.

    Raises:
        UsageError: ``now_malformed``: it is no ISO instant of the years 2000 to 2199.
    """
    return SystemClock(_instant(environ["SHIQIAO_NOW"].strip()) if is_held(environ) else None)


def open_chance() -> random.Random:
    """Give the machine's own source of chance."""
    return random.SystemRandom()


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        instant = instant.replace(tzinfo=SHANGHAI) if instant.tzinfo is None else instant.astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        raise UsageError("now_malformed") from None
    if instant.year not in _YEARS:
        raise UsageError("now_malformed")
    return instant.replace(microsecond=0)
