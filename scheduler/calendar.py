"""When a night is due: pure, from the time of day, the zone and when the last one began."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def last_due(now: datetime, nightly: time, zone: ZoneInfo) -> datetime:
    """Give the latest instant, not after ``now``, at which a night was to begin."""
    today = datetime.combine(now.astimezone(zone).date(), nightly, zone)
    return today if today <= now else datetime.combine(today.date() - timedelta(days=1), nightly, zone)


def next_due(now: datetime, nightly: time, zone: ZoneInfo) -> datetime:
    """Give the first instant after ``now`` at which a night is to begin."""
    return datetime.combine(last_due(now, nightly, zone).date() + timedelta(days=1), nightly, zone)


def is_due(now: datetime, nightly: time, zone: ZoneInfo, last_begun: datetime | None) -> bool:
    """Say whether a night is due that has not begun: a machine that was off catches up as soon as it is on."""
    return last_begun is None or last_begun < last_due(now, nightly, zone)
