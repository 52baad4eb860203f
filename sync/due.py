"""What is due to be read: which window of which organisation, following from what was covered before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapters.base import Window
from local_store import coverage
from local_store.transaction import Tx

SETTLE = timedelta(seconds=60)
NIGHT_LOOK_BACK = timedelta(hours=72)
WEEK_LOOK_BACK = timedelta(days=35)
WEEK_EVERY = timedelta(days=7)
SWEEP_EVERY = timedelta(days=30)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Slice:
    """One window of one organisation; ``kind`` is increment, week or sweep."""

    scope: str
    kind: coverage.Kind
    window: Window


def due_slice(tx: Tx, platform: str, scope: str, fingerprint: str, signpost: datetime) -> Slice | None:
    """Give what is to be read of an organisation now, or None where ``signpost`` lies before what is covered.

    ``signpost`` is the earlier of our clock and the platform's: the window ends a settle time before it, so that rows
    committed late are not missed. A complete sweep is due when there was none for 30 days, or none under these
    settings; a longer look-back each week; otherwise the last 72 hours before the watermark are read again.
    """
    end = (signpost - SETTLE).replace(microsecond=0)
    watermark = coverage.watermark(tx, platform, scope, fingerprint)
    sweep = coverage.last_sweep(tx, platform, scope)
    if watermark is None or sweep is None or end - sweep >= SWEEP_EVERY:
        return Slice(scope, "sweep", Window(BEGINNING, end)) if end > BEGINNING else None
    week = coverage.last_week(tx, platform, scope) or sweep
    if end < watermark:
        return None
    if end - week >= WEEK_EVERY:
        return Slice(scope, "week", Window(watermark - WEEK_LOOK_BACK, end))
    return Slice(scope, "increment", Window(watermark - NIGHT_LOOK_BACK, end))
