"""A platform's own clock, which may be set, frozen or wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_ZERO = timedelta()


class PlatformClock:
    """Every stamp, token expiry, ``Date`` header and 'in the future' of a platform comes from its clock."""

    def __init__(self, now: datetime | None = None) -> None:
        """Start at ``now`` (aware) and run on from there; None starts at the machine's time."""
        self._offset = _ZERO
        self._frozen_at: datetime | None = None
        if now is not None:
            self.set(now)

    def now(self) -> datetime:
        """Give the platform's aware instant, in Asia/Shanghai."""
        return self._frozen_at or _machine_now() + self._offset

    def set(self, instant: datetime) -> None:
        """Move the clock to ``instant`` and let it run on."""
        self._frozen_at = None
        self._offset = instant - _machine_now()

    def freeze(self, instant: datetime) -> None:
        """Hold the clock at ``instant`` until it is set again."""
        self._frozen_at = instant.astimezone(SHANGHAI)

    def advance(self, **units: float) -> None:
        """Move the clock forward by ``timedelta(**units)``."""
        step = timedelta(**units)
        if self._frozen_at is None:
            self._offset += step
        else:
            self._frozen_at += step

    def stamp(self) -> datetime:
        """Give the instant in whole seconds, as rows are stamped."""
        return self.now().replace(microsecond=0)

    def milliseconds(self) -> int:
        """Give the instant in ms since 1970, as requests are stamped."""
        return int(self.now().timestamp() * 1000)

    def http_date(self, ahead_seconds: int = 0) -> str:
        """Give the instant, or one some seconds ahead, as an HTTP date."""
        instant = self.now() + timedelta(seconds=ahead_seconds)
        return format_datetime(instant.astimezone(UTC), usegmt=True)


def _machine_now() -> datetime:
    return datetime.now(SHANGHAI)
