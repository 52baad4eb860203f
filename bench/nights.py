"""The measures of whole nights: the first one, a later one in which nothing changed, and whom a night touches."""

from __future__ import annotations

import shutil
import sqlite3
from functools import partial
from pathlib import Path

from bench.figures import Row
from bench.history import grow
from bench.house import night, plan_all
from bench.pulling import StandingClock, TimedWire, opened, played, sqlite_url
from bench.town import Town
from bench.workshop import DATABASES, SECOND_NIGHT, Workshop, insist, one_core, say
from sync.night import NightTally

_RECORDS_PER_NIGHTS_VISIT = 700  # one in 365 of a year's records, about two of them for each visit


def measure_first_night(shop: Workshop, database: str) -> list[Row]:
    """Run a whole first night of both platforms."""
    what = f"a whole first night of {shop.town().records:,} records, {DATABASES[database]}"
    rows = [Row(what, "records/s", "≥ 12,000 records/s" if database == "sqlite" else "")]
    if database == "sqlite":
        rows.append(Row(f"{what}, at most 5 calls/s to guangxi", "records/s"))
    town = shop.town()
    for row, is_patient in zip(rows, (False, True), strict=False):
        for _ in range(1 if is_patient else shop.sizes.rounds):
            clock = StandingClock(is_patient=is_patient)
            with (
                shop.enrolled(town, database, clock) as (store, _room),
                played(shop.tapes(town), shop.rules, clock) as sources,
            ):
                seconds, tally = shop.timed(row.what, partial(night, store, sources, shop.rules, clock))
                insist(tally.outcome == "complete" and tally.applied.actions["post"] > 0)
                row.ours.append(town.records / seconds)
    return rows


def measure_quiet_night(shop: Workshop) -> list[Row]:
    """Run a night in which nothing has changed, on two lengths of history: its calls, and the rest."""
    town, times = shop.town(), max(2, shop.sizes.history // shop.sizes.records)
    rows = [_quiet_row(shop, shop.lived(town), town, town.records)]
    grown = _grown(shop, shop.lived(town), times)
    rows.append(_quiet_row(shop, grown, town, town.records * times))
    shutil.rmtree(grown)
    return rows


def _quiet_row(shop: Workshop, room: Path, town: Town, history: int) -> Row:
    row = Row(f"a night without changes, {history:,} records of history: the rest, beside its calls", "s", "< 1 s")
    row.is_apart = True
    for _ in range(shop.sizes.rounds):
        copy = shop.copied(room)
        clock, wire = StandingClock(SECOND_NIGHT), TimedWire()
        with (
            opened(sqlite_url(copy), copy, clock) as store,
            played(shop.tapes(town, SECOND_NIGHT), shop.rules, clock, wire) as sources,
        ):
            seconds, tally = shop.timed(row.what, partial(night, store, sources, shop.rules, clock))
        shutil.rmtree(copy)
        insist(_is_quiet(tally))
        row.ours.append(seconds - wire.seconds())
        row.floor.append(wire.seconds())
    return row


def _is_quiet(tally: NightTally) -> bool:
    read = [one.records_seen and not one.records_changed for one in tally.platforms.values()]
    return tally.outcome == "complete" and all(read) and not tally.applied.posted_seconds


def measure_touched(shop: Workshop) -> list[Row]:
    """Match only the people that a night touched, beside everybody."""
    times = max(1, shop.sizes.touched // shop.sizes.records)
    room = _grown(shop, shop.lived(shop.town()), times)
    records = shop.town().records * times
    touched = records // _RECORDS_PER_NIGHTS_VISIT
    row = Row(f"match {touched:,} people whom a night touched, beside all of {records:,} records", "s", "≤ 0.10")
    with opened(sqlite_url(room), room, StandingClock()) as store:
        for _ in range(shop.sizes.rounds):
            for figures, count in ((row.ours, touched), (row.floor, None)):
                _touch(room / "store.db", count)
                with one_core():
                    seconds, tally = shop.timed("touched", partial(plan_all, store, shop.rules, StandingClock()))
                insist(tally.applied.actions.total() > 0 and not tally.applied.actions.keys() & {"correct", "reverse"})
                figures.append(seconds)
    shutil.rmtree(room)
    return [row]


def _touch(database: Path, count: int | None) -> None:
    """Mark so many people, spread over all, as changed since they were planned, and nobody else; None marks all."""
    with sqlite3.connect(database) as store:
        roots = [number for (number,) in store.execute("SELECT number FROM identity WHERE number = subject ORDER BY 1")]
        chosen = roots if count is None else roots[:: max(1, len(roots) // count)]
        store.execute("UPDATE subject SET planned_revision = revision")
        store.executemany(
            "UPDATE subject SET planned_revision = revision - 1 WHERE number = ?", [(number,) for number in chosen]
        )
    store.close()


def _grown(shop: Workshop, room: Path, times: int) -> Path:
    """Give the folder of a copy of a store that holds so many times its people and records."""
    copy = shop.copied(room)
    if times > 1:
        say(f"its rows are copied {times - 1} times")
        grow(copy / "store.db", times)
    return copy
