"""Measure the parts of a night beside their floors and write the table to ``bench/RESULTS.md``."""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import floors
from bench.night import (
    Recorded,
    StandingClock,
    enrol,
    fresh_store,
    plan_all,
    pull_only,
    record_city,
    replayed_sources,
    today_of,
    whole_night,
)
from bench.wire import replayed
from domain.ledger import AccountKind, PersonBalances, VoucherDraft, VoucherKind, deposit, service_account
from local_store import ledger, runs
from local_store.lease import lease
from local_store.store import Store
from sync.draft import PREPARED_BY

RESULTS = Path(__file__).parent / "RESULTS.md"
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: items a second of ours and of the floor, over several rounds."""

    what: str
    unit: str
    ours: list[float]
    floor: list[float]
    aim: str

    def cells(self) -> list[str]:
        """Give the line's cells: medians, their ratio, and the spread of the ratio."""
        ratios = [ours / floor for ours, floor in zip(self.ours, self.floor, strict=True)] if self.floor else []
        ratio = f"{statistics.median(ratios):.2f}" if ratios else "—"
        spread = f"{min(ratios):.2f}–{max(ratios):.2f}" if ratios else f"{min(self.ours):,.0f}–{max(self.ours):,.0f}"
        floor = f"{statistics.median(self.floor):,.0f}" if self.floor else "—"
        return [self.what, self.unit, f"{statistics.median(self.ours):,.0f}", floor, ratio, spread, self.aim]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recorded = record_city(chosen.people, folder)
        rounds = [measure(recorded, folder / str(number)) for number in range(chosen.rounds)]
    rows = [_merged([each[position] for each in rounds]) for position in range(len(rounds[0]))]
    text = table(rows, recorded, chosen.rounds)
    RESULTS.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _merged(rows: list[Row]) -> Row:
    ours = [figure for row in rows for figure in row.ours]
    return Row(rows[0].what, rows[0].unit, ours, [figure for row in rows for figure in row.floor], rows[0].aim)


def rate(work: Callable[[], int]) -> float:
    """Give items a second by the wall clock."""
    begun = time.perf_counter()
    count = work()
    return count / (time.perf_counter() - begun)


def measure(recorded: Recorded, folder: Path) -> list[Row]:
    """Measure everything once, ours and floor in turn."""
    clock = StandingClock(recorded.city.first_night)
    return [
        *_pulls(recorded, folder, clock),
        *_plan_and_apply(recorded, folder, clock),
        *_nights(recorded, folder, clock),
    ]


def _pulls(recorded: Recorded, folder: Path, clock: StandingClock) -> list[Row]:
    rows = []
    for name in recorded.answers:
        with replayed(recorded.answers[name]) as port:
            folder.mkdir(exist_ok=True, parents=True)
            floor = rate(partial(floors.pull, port, len(recorded.answers[name]), folder / f"{name}.db"))
        with replayed_sources(recorded, clock) as sources, fresh_store(folder / f"pull-{name}", clock) as store:
            source = next(source for source in sources if source.platform == name)
            with lease(store, "bench") as held:
                ours = rate(partial(pull_only, held, source, recorded, clock))
        paced = " (at most 5 calls/s)" if name == "guangxi" else ""
        rows.append(Row(f"pull, check, store: {name}{paced}", "records/s", [ours], [floor], "≥ 0.40"))
    return rows


def _plan_and_apply(recorded: Recorded, folder: Path, clock: StandingClock) -> list[Row]:
    today = today_of(recorded)
    with replayed_sources(recorded, clock) as sources, fresh_store(folder / "plan", clock) as store:
        enrol(store, recorded, folder / "plan")
        with lease(store, "bench") as held:
            for source in sources:
                pull_only(held, source, recorded, clock)
        bookings: list[tuple[str, int, int]] = []

        def planned() -> int:
            claims, found = plan_all(store, recorded.rules, today)
            bookings[:] = found
            return claims

        ours = rate(planned)
        floor = rate(lambda: floors.match(folder / "plan" / "store.db"))
        book_ours = rate(lambda: _book(store, recorded, bookings))
    book_floor = rate(partial(floors.apply, bookings, folder / "apply.db"))
    return [
        Row("match and plan, from the store to actions", "claims/s", [ours], [floor], "150,000 claims/s"),
        Row("apply: key, balance, chain, batches of 1000", "vouchers/s", [book_ours], [book_floor], "≥ 0.5"),
    ]


def _book(store: Store, recorded: Recorded, bookings: list[tuple[str, int, int]]) -> int:
    """Post the bookings as the ledger does, with the cap split, in batches."""
    with store.writing() as tx:
        run = runs.begin(tx, "sync", recorded.city.first_night, recorded.rules.version)
    balances: dict[int, PersonBalances] = {}
    source, cap = service_account(AccountKind.DEPOSITED, "CZ01", "escort"), recorded.rules.cap_seconds
    for start in range(0, len(bookings), BATCH):
        drafts = [
            VoucherDraft(
                f"{key}#1", VoucherKind.POST, today_of(recorded),
                deposit(person, source, seconds, balances.setdefault(person, PersonBalances()), cap),
                PREPARED_BY, recorded.rules.version, "sufficient", person, key, 1,
            )
            for key, person, seconds in bookings[start : start + BATCH]
        ]  # fmt: skip
        with store.writing() as tx:
            ledger.post(tx, drafts, run, cap_seconds=cap)
    return len(bookings)


def _nights(recorded: Recorded, folder: Path, clock: StandingClock) -> list[Row]:
    with replayed_sources(recorded, clock) as sources, fresh_store(folder / "night", clock) as store:
        enrol(store, recorded, folder / "night")
        first = rate(lambda: (whole_night(store, recorded, clock, sources), recorded.records)[1])
    return [Row("a whole first night, both platforms", "records/s", [first], [], "≥ 12,000 records/s")]


def table(rows: list[Row], recorded: Recorded, rounds: int) -> str:
    """Write the table with the machine and the spread."""
    head = ["what", "unit", "ours", "floor", "ratio", "spread of the ratio", "aim"]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    said = (
        f"{recorded.records:,} records of {len(recorded.city.people):,} volunteers, {rounds} rounds, medians; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}, "
        f"{len(os.sched_getaffinity(0))} cores, peak memory of this process {peak} MB"
    )
    return (
        "# Figures\n\nWritten by `make bench`. Ours and the floor are measured in turn in the same run; the floors are "
        "in `bench/floors.py`.\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + f"\n\n{said}\n"
    )


if __name__ == "__main__":
    main()
