"""A session at a platform: a token that ends, and is renewed once where the platform says that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from domain.clock import Clock
from domain.errors import Refused

T = TypeVar("T")
_EARLY_SECONDS = 30


class SessionOver(Refused):
    """The platform no longer knows our token; nothing was done."""


@dataclass(frozen=True, slots=True)
class Token:
    """What the platform gave at log-in, and for how many seconds it is good."""

    text: str
    lifetime_seconds: int

    def __repr__(self) -> str:
        """Show nothing of the token."""
        return f"Token({self.lifetime_seconds} s)"


class Session:
    """Holds the token of one platform; ``log_in`` fetches a new one."""

    def __init__(self, log_in: Callable[[], Token], clock: Clock) -> None:
        """Log in at the first call only."""
        self._log_in = log_in
        self._clock = clock
        self._token = ""
        self._ends_at = 0.0

    def call(self, attempt: Callable[[str], T]) -> T:
        """Make a call with a token; where the session is over, renew it once and make the same call again.

        Raises:
            Refused: the platform does not know the new token either.
        """
        try:
            return attempt(self._current())
        except SessionOver:
            self.renew()
            return attempt(self._token)

    def renew(self) -> None:
        """Log in anew."""
        token = self._log_in()
        self._token = token.text
        self._ends_at = self._clock.monotonic() + max(0, token.lifetime_seconds - _EARLY_SECONDS)

    def _current(self) -> str:
        if not self._token or self._clock.monotonic() >= self._ends_at:
            self.renew()
        return self._token
