"""A clock for adapters under test: the day stands still, deadlines run, and waiting is noted instead of done."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from domain.clock import SHANGHAI

NIGHT = datetime(2022, 4, 1, 2, 30, tzinfo=SHANGHAI)


class StandingClock:
    """Stands at ``at``; ``sleeps`` is what was asked to wait, in seconds."""

    def __init__(self, at: datetime = NIGHT) -> None:
        self.at = at
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self.at

    def real_now(self) -> datetime:
        return self.at + timedelta(seconds=sum(self.sleeps))

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.sleeps)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)


class MiddlingChance:
    """Chance without surprises."""

    def random(self) -> float:
        return 0.5
