"""The measures of a night's parts: each gives its rows; ours and the floor are measured in turn, round after round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench import floors, postgresql
from bench.figures import Row
from bench.house import book, bookings_of, plan_all
from bench.peak import peak_mb
from bench.pulling import PLATFORMS, StandingClock, played, pull, source, sqlite_url
from bench.tape import playing
from bench.town import Town
from bench.verdicts import Score, scores
from bench.workshop import DATABASES, Workshop, insist, one_core, say
from local_store.store import Store


def measure_pull(shop: Workshop, database: str) -> list[Row]:
    """Read each platform into a store, beside a raw socket and an upsert of the same bytes."""
    aim = "≥ 0.40" if database == "sqlite" else "≥ 0.45"
    rows = [_pull_row(shop, database, platform, aim) for platform in PLATFORMS]
    if database == "sqlite":
        rows.append(_pull_row(shop, database, "guangxi", "", is_patient=True))
    return rows + [_pull_memory(shop, database, platform) for platform in PLATFORMS]


def _pull_row(shop: Workshop, database: str, platform: str, aim: str, *, is_patient: bool = False) -> Row:
    town = shop.town()
    tape = shop.tapes(town)[platform]
    what = f"pull, check, store: {platform}, {DATABASES[database]}"
    row = Row(what + (", at most 5 calls/s" if is_patient else ""), "records/s", aim)
    for _ in range(1 if is_patient else shop.sizes.rounds):
        clock = StandingClock(is_patient=is_patient)
        with playing(tape) as port, shop.enrolled(town, database, clock) as (store, room):
            if database == "sqlite":
                seconds, count = shop.timed("floor", partial(floors.pull, port, tape.calls, room / "floor.db"))
            else:
                postgresql.create(shop.server, postgresql.FLOOR)
                seconds, count = shop.timed("floor", partial(postgresql.pull, port, tape.calls, shop.server))
            row.floor.append(count / seconds)
            one = source(platform, port, shop.rules, clock)
            seconds, tally = shop.timed(what, partial(pull, store, one, shop.rules, clock))
            insist(tally.outcome == "complete" and tally.records_seen + tally.quarantined == count)
            row.ours.append(count / seconds)
    return row


def _pull_memory(shop: Workshop, database: str, platform: str) -> Row:
    town = shop.town()
    row = Row(f"peak memory of a process that only pulls: {platform}, {DATABASES[database]}", "MB", "≤ 100 MB")
    with playing(shop.tapes(town)[platform]) as port, shop.enrolled(town, database) as (_, room):
        url = sqlite_url(room) if database == "sqlite" else postgresql.url(shop.server, "ours")
        row.ours.append(peak_mb("pull", url, str(room), platform, str(port)))
    return row


def measure_match(shop: Workshop) -> list[Row]:
    """Match and plan on one core, from the store to actions, beside a plain matcher; and its memory at two sizes."""
    row = Row("match and plan, from the store to actions, one core", "records/s", "≥ 150,000 records/s")
    peaks: list[float] = []
    plain: list[float] = []
    for records in (shop.sizes.matched // 4, shop.sizes.matched):
        town = shop.town(records)
        with _pulled(shop, town) as (store, room):
            peaks.append(peak_mb("plan", sqlite_url(room), str(room)))
            if records == shop.sizes.matched:
                floors.save_plainly(town, room / "plain.db")
                for _ in range(shop.sizes.rounds):
                    with one_core():
                        seconds, (count, _) = shop.timed("floor", partial(floors.match, room / "plain.db"))
                        plain.append(count / seconds)
                        seconds, tally = shop.timed("match", partial(plan_all, store, shop.rules, StandingClock()))
                    insist(tally.applied.actions.total() > 0)
                    row.ours.append(town.records / seconds)
    row.floor = plain
    flat = Row(
        f"peak memory of matching {shop.sizes.matched:,} records, beside {shop.sizes.matched // 4:,}", "MB", "1.0: flat"
    )
    flat.floor, flat.ours = peaks[:1], peaks[1:]
    return [row, flat]


@contextmanager
def _pulled(shop: Workshop, town: Town) -> Iterator[tuple[Store, Path]]:
    """Give a SQLite store that has read a whole town and planned nothing."""
    clock = StandingClock()
    with shop.enrolled(town, "sqlite", clock) as (store, room):
        say(f"a pull of {town.records:,} records")
        with played(shop.tapes(town), shop.rules, clock) as sources:
            for one in sources:
                pull(store, one, shop.rules, clock)
        yield store, room


def measure_classes(shop: Workshop) -> tuple[dict[str, Score], dict[str, Score]]:
    """Score every class that a first night can find, with start times and without."""
    found = []
    for has_times in (True, False):
        town = shop.town(has_times=has_times)
        found.append(scores(town, shop.lived(town) / "store.db"))
    return found[0], found[1]


def measure_apply(shop: Workshop, database: str) -> list[Row]:
    """Book in batches of 1000, beside raw SQL with key, balance and chain."""
    row = Row(f"apply: key, balance, chain, batches of 1000, {DATABASES[database]}", "vouchers/s", "≥ 0.5")
    town = shop.town()
    bookings = bookings_of(town)
    for _ in range(shop.sizes.rounds):
        with shop.enrolled(town, database) as (store, room):
            if database == "sqlite":
                seconds, count = shop.timed("floor", partial(floors.apply, bookings, room / "floor.db"))
            else:
                postgresql.create(shop.server, postgresql.FLOOR)
                seconds, count = shop.timed("floor", partial(postgresql.apply, bookings, shop.server))
            row.floor.append(count / seconds)
            seconds, count = shop.timed("apply", partial(book, store, bookings, shop.rules, StandingClock()))
            row.ours.append(count / seconds)
    return [row]
