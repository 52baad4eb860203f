"""The sessions that a platform has open, each with its end by the platform's clock."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sandbox.clock import PlatformClock


class Sessions:
    """Tokens and when they expire."""

    def __init__(self, clock: PlatformClock, lifetime_seconds: int, source: random.Random) -> None:
        """Give out tokens that live ``lifetime_seconds`` by ``clock``."""
        self.lifetime_seconds = lifetime_seconds
        self._clock = clock
        self._source = source
        self._ends: dict[str, datetime] = {}
        self._is_refusing = False

    def open(self) -> str:
        """Give a new token."""
        token = self._source.randbytes(16).hex()
        self._ends[token] = self._clock.now() + timedelta(seconds=self.lifetime_seconds)
        return token

    def is_open(self, token: str) -> bool:
        """Say whether a token still holds."""
        end = self._ends.get(token)
        return end is not None and self._clock.now() < end

    def drop_all(self) -> None:
        """End every session before its time."""
        self._ends.clear()

    def refuse_next(self) -> None:
        """Refuse the next log-in."""
        self._is_refusing = True

    def use_refusal(self) -> bool:
        """Say whether this log-in has to be refused for an expired secret."""
        is_refused, self._is_refusing = self._is_refusing, False
        return is_refused
