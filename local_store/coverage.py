"""Coverage (已核对至): which windows of update times were read completely, and how far without a gap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, select, update

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
    """Write down that a window was read completely; no start means from the beginning.

    It joins the window of its kind and settings that it touches: a store of many years holds no more windows than one
    of a few nights, and to ask them costs the same.
    """
    said: dict[str, Any] = {
        "platform": platform, "scope": scope, "kind": kind,
        "window_start_at": None if window_start is None else seconds_of(window_start),
        "window_end_at": seconds_of(window_end), "run": run, "settings_fingerprint": settings_fingerprint,
        "recorded_at": tx.now,
    }  # fmt: skip
    for window in _windows(tx, platform, scope):
        if (window.kind, window.settings_fingerprint) == (kind, settings_fingerprint) and _touch(window, said):
            tx.connection.execute(_WIDEN, _widened(window, said))
            return
    insert_rows(tx.connection, COVERAGE, [{"number": tx.take_numbers("coverage", 1), **said}])


def watermark(tx: Tx, platform: str, scope: str, settings_fingerprint: str | None = None) -> datetime | None:
    """Give up to where a scope was read without a gap since its first sweep; None before any sweep.

    With ``settings_fingerprint`` only windows read under these settings count.
    """
    windows = _windows(tx, platform, scope)
    reached = _reached(
        window for window in windows if settings_fingerprint in {None, window.settings_fingerprint}
    )  # fmt: skip
    return None if reached is None else instant_of(reached)


def covered_through(tx: Tx) -> CoveredThrough:
    """Give the last day in Shanghai that was wholly read, per platform and scope."""
    windows: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in tx.rows(_ALL):
        windows[row.platform, row.scope].append(row)
    reached = {place: _reached(rows) for place, rows in windows.items()}
    one_day = timedelta(days=1)
    return CoveredThrough(
        {place: day_in_shanghai(instant_of(mark)) - one_day for place, mark in reached.items() if mark is not None}
    )


def last_sweep(tx: Tx, platform: str, scope: str) -> datetime | None:
    """Give the end of the latest complete sweep of a scope."""
    return _last(tx, platform, scope, {"sweep"})


def last_week(tx: Tx, platform: str, scope: str) -> datetime | None:
    """Give the end of the latest weekly look-back of a scope; a sweep is one too."""
    return _last(tx, platform, scope, {"week", "sweep"})


def _last(tx: Tx, platform: str, scope: str, kinds: set[str]) -> datetime | None:
    ends = [window.window_end_at for window in _windows(tx, platform, scope) if window.kind in kinds]
    return instant_of(max(ends)) if ends else None


def _windows(tx: Tx, platform: str, scope: str) -> Sequence[Any]:
    return tx.rows(_OF_SCOPE, {"of_platform": platform, "of_scope": scope})


def _touch(window: Any, said: dict[str, Any]) -> bool:  # noqa: ANN401 - a row
    """Say whether nothing lies between two windows."""
    start, its_start = said["window_start_at"], window.window_start_at
    return (start is None or start <= window.window_end_at) and (
        its_start is None or its_start <= said["window_end_at"]
    )


def _widened(window: Any, said: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a row
    starts = (window.window_start_at, said["window_start_at"])
    return {
        "one": window.number, "start": None if None in starts else min(starts),
        "end": max(window.window_end_at, said["window_end_at"]), "by": said["run"], "at": said["recorded_at"],
    }  # fmt: skip


def _reached(windows: Iterable[Any]) -> int | None:
    """Walk the windows in order of their starts, as long as each begins where something was already read."""
    reached: int | None = None
    for window in sorted(windows, key=lambda row: -1 if row.window_start_at is None else row.window_start_at):
        start, end = window.window_start_at, window.window_end_at
        if start is None or (reached is not None and start <= reached):
            reached = end if reached is None else max(reached, end)
    return reached


_ALL = select(COVERAGE).order_by(COVERAGE.c.number)
_OF_SCOPE = _ALL.where(COVERAGE.c.platform == bindparam("of_platform"), COVERAGE.c.scope == bindparam("of_scope"))
_WIDEN = (
    update(COVERAGE)
    .where(COVERAGE.c.number == bindparam("one"))
    .values(
        window_start_at=bindparam("start"), window_end_at=bindparam("end"), run=bindparam("by"),
        recorded_at=bindparam("at"),
    )
)  # fmt: skip
