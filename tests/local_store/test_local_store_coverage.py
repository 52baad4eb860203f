from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from domain.clock import SHANGHAI
from local_store import coverage
from local_store.store import Store
from local_store.tables.runs import COVERAGE
from tests.local_store.makers import Makers

START = datetime(2022, 3, 1, tzinfo=SHANGHAI)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def covered(store: Store, make: Makers, *windows: tuple[float | None, float]) -> datetime | None:
    with store.writing() as tx:
        run = make.run(tx)
        for start, end in windows:
            kind: coverage.Kind = "sweep" if start is None else "increment"
            coverage.add(tx, "national", "T1", None if start is None else day(start), day(end), kind, run, "f1")
        return coverage.watermark(tx, "national", "T1")


@pytest.mark.parametrize(
    ("windows", "reached"),
    [
        ((), None),
        (((0, 5),), None),
        (((None, 3), (2, 5)), 5),
        (((None, 3), (3, 5)), 5),
        (((None, 3), (3.5, 5)), 3),
        (((None, 3), (1, 2)), 3),
        (((None, 3), (4, 6), (2, 4)), 6),
        (((None, 1), (8, 9), (None, 8)), 9),
    ],
)
def test_the_watermark_is_reached_without_a_gap(
    store: Store, make: Makers, windows: tuple[tuple[float | None, float], ...], reached: float | None
) -> None:
    assert covered(store, make, *windows) == (None if reached is None else day(reached))


@pytest.mark.parametrize("order", list(permutations([(None, 3.0), (4.0, 6.0), (2.0, 4.0)])))
def test_the_order_of_windows_does_not_matter(
    store: Store, make: Makers, order: tuple[tuple[float | None, float], ...]
) -> None:
    assert covered(store, make, *order) == day(6)


def test_a_day_is_covered_once_it_is_over(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        run = make.run(tx)
        coverage.add(tx, "national", "T1", None, day(2), "sweep", run, "f1")
        coverage.add(tx, "national", "T2", None, day(2) - timedelta(seconds=1), "sweep", run, "f1")
        coverage.add(tx, "guangxi", "G1", day(0), day(2), "increment", run, "f1")
        through = coverage.covered_through(tx)
    assert through.days == {("national", "T1"): date(2022, 3, 2), ("national", "T2"): date(2022, 3, 1)}


def test_other_settings_ask_for_a_new_base_line(store: Store, make: Makers) -> None:
    covered(store, make, (None, 3.0))
    with store.reading() as tx:
        assert coverage.watermark(tx, "national", "T1", "f1") == day(3)
        assert coverage.watermark(tx, "national", "T1", "f2") is None
        assert coverage.watermark(tx, "national", "T2") is None


def test_the_last_of_each_kind(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        run = make.run(tx)
        assert coverage.last_sweep(tx, "national", "T1") is None
        coverage.add(tx, "national", "T1", None, day(1), "sweep", run, "f1")
        assert coverage.last_week(tx, "national", "T1") == day(1)
        coverage.add(tx, "national", "T1", day(0), day(2), "week", run, "f1")
        coverage.add(tx, "national", "T1", day(0), day(3), "increment", run, "f1")
        assert coverage.last_sweep(tx, "national", "T1") == day(1)
        assert coverage.last_week(tx, "national", "T1") == day(2)


def test_a_year_of_nights_leaves_as_many_windows_as_ten_nights(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        run = make.run(tx)
        counts = []
        for night in range(365):
            kind: coverage.Kind = "sweep" if night % 30 == 0 else "week" if night % 7 == 0 else "increment"
            start = None if kind == "sweep" else day(night - 35 if kind == "week" else night - 3)
            coverage.add(tx, "national", "T1", start, day(night), kind, run, "f1")
            counts.append(len(tx.rows(select(COVERAGE.c.number))))
            assert coverage.watermark(tx, "national", "T1", "f1") == day(night)
        assert counts[-1] == counts[10]
        assert coverage.last_sweep(tx, "national", "T1") == day(360)
        assert coverage.last_week(tx, "national", "T1") == day(364)


def test_windows_with_a_gap_between_them_or_of_other_settings_stay_apart(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        run = make.run(tx)
        coverage.add(tx, "national", "T1", None, day(1), "sweep", run, "f1")
        coverage.add(tx, "national", "T1", day(3), day(4), "increment", run, "f1")
        coverage.add(tx, "national", "T1", day(1), day(2), "increment", run, "f1")
        coverage.add(tx, "national", "T1", day(1), day(4), "increment", run, "f2")
        assert coverage.watermark(tx, "national", "T1", "f1") == day(2)
        assert coverage.watermark(tx, "national", "T1") == day(4)
