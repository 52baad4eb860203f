"""Coverage (已核对至): which windows of update times were read completely, and how far without a gap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select

from domain.clock import day_in_shanghai
from domain.subjects import CoveredThrough
from local_store.dialects import insert_rows
from local_store.tables.runs import COVERAGE
from local_store.transaction import Tx, instant_of, seconds_of

Kind = Literal["increment", "week", "sweep"]


def add(  # noqa: PLR0913, PLR0917 - one window has that many facts
    tx: Tx,
    platform: str,
    scope: str,
    window_start: datetime | None,
    window_end: datetime,
    kind: Kind,
    run: int,
    settings_fingerprint: str,
) -> None:
    """Write down that a window was read completely; no start means from the beginning."""
    row = {
        "number": tx.take_numbers("coverage", 1), "platform": platform, "scope": scope, "kind": kind,
        "window_start_at": None if window_start is None else seconds_of(window_start),
        "window_end_at": seconds_of(window_end), "run": run, "settings_fingerprint": settings_fingerprint,
        "recorded_at": tx.now,
    }  # fmt: skip
    insert_rows(tx.connection, COVERAGE, [row])


def watermark(tx: Tx, platform: str, scope: str, settings_fingerprint: str | None = None) -> datetime | None:
    """Give up to where a scope was read without a gap since its first sweep; None before any sweep.

    With ``settings_fingerprint`` only windows read under these settings count.
    """
    statement = select(COVERAGE).where(COVERAGE.c.platform == platform, COVERAGE.c.scope == scope)
    if settings_fingerprint is not None:
        statement = statement.where(COVERAGE.c.settings_fingerprint == settings_fingerprint)
    reached = _reached(tx.rows(statement))
    return None if reached is None else instant_of(reached)


def covered_through(tx: Tx) -> CoveredThrough:
    """Give the last day in Shanghai that was wholly read, per platform and scope."""
    windows: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in tx.rows(select(COVERAGE)):
        windows[row.platform, row.scope].append(row)
    reached = {place: _reached(rows) for place, rows in windows.items()}
    one_day = timedelta(days=1)
    return CoveredThrough(
        {place: day_in_shanghai(instant_of(mark)) - one_day for place, mark in reached.items() if mark is not None}
    )


def last_sweep(tx: Tx, platform: str, scope: str) -> datetime | None:
    """Give the end of the latest complete sweep of a scope."""
    return _last(tx, platform, scope, "sweep")


def last_week(tx: Tx, platform: str, scope: str) -> datetime | None:
    """Give the end of the latest weekly look-back of a scope; a sweep is one too."""
    ends = (_last(tx, platform, scope, "week"), _last(tx, platform, scope, "sweep"))
    return max((end for end in ends if end is not None), default=None)


def _last(tx: Tx, platform: str, scope: str, kind: Kind) -> datetime | None:
    place = (COVERAGE.c.platform == platform, COVERAGE.c.scope == scope, COVERAGE.c.kind == kind)
    found = tx.rows(select(COVERAGE.c.window_end_at).where(*place).order_by(COVERAGE.c.window_end_at.desc()).limit(1))
    return instant_of(found[0].window_end_at) if found else None


def _reached(windows: Iterable[Any]) -> int | None:
    """Walk the windows in order of their starts, as long as each begins where something was already read."""
    reached: int | None = None
    for window in sorted(windows, key=lambda row: -1 if row.window_start_at is None else row.window_start_at):
        start, end = window.window_start_at, window.window_end_at
        if start is None or (reached is not None and start <= reached):
            reached = end if reached is None else max(reached, end)
    return reached
