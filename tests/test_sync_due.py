"""What a night reads of an organisation follows from what was read before, to the second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.base import Window
from local_store import coverage
from local_store.store import Store, open_store
from local_store.vault import create_key_file
from sync.due import Slice, due_slice
from tests.local_store.makers import Makers
from tests.stores import STORES

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
SWEPT = datetime(2022, 3, 1, 2, 29, tzinfo=UTC)
SETTLE, SECOND = timedelta(seconds=60), timedelta(seconds=1)
NIGHT, WEEK, MONTH = timedelta(hours=72), timedelta(days=35), timedelta(days=30)


@pytest.fixture
def make() -> Makers:
    return Makers()


@pytest.fixture
def store(tmp_path: Path, make: Makers) -> Iterator[Store]:
    create_key_file(tmp_path / "shiqiao.key")
    store = open_store(STORES.url(tmp_path / "shiqiao.db"), tmp_path / "shiqiao.key", make.clock)
    yield store
    store.close()


Due = Callable[..., Slice | None]


@pytest.fixture
def due(store: Store, make: Makers) -> Due:
    """Say what is due at an end, after windows read before: (kind, start, end)."""

    def ask(
        end: datetime, *windows: tuple[coverage.Kind, datetime | None, datetime], fingerprint: str = "f1"
    ) -> Slice | None:
        with store.writing() as tx:
            run = make.run(tx)
            for kind, start, until in windows:
                coverage.add(tx, "national", "T1", start, until, kind, run, "f1")
            return due_slice(tx, "national", "T1", fingerprint, end + SETTLE)

    return ask


SWEEP: tuple[coverage.Kind, datetime | None, datetime] = ("sweep", None, SWEPT)


def test_the_first_pull_of_an_organisation_is_a_sweep_that_leaves_a_minute_for_late_rows(due: Due) -> None:
    assert due(SWEPT) == Slice("T1", "sweep", Window(BEGINNING, SWEPT))


def test_a_window_ends_on_a_whole_second(due: Due) -> None:
    found = due(SWEPT + timedelta(microseconds=999_999))
    assert found is not None
    assert found.window.end == SWEPT


def test_a_clock_from_before_all_platforms_reads_nothing(due: Due) -> None:
    assert due(BEGINNING) is None
    assert due(BEGINNING + SECOND) == Slice("T1", "sweep", Window(BEGINNING, BEGINNING + SECOND))


def test_the_nights_after_read_three_days_again(due: Due) -> None:
    end = SWEPT + timedelta(days=7) - SECOND
    assert due(end, SWEEP) == Slice("T1", "increment", Window(SWEPT - NIGHT, end))


def test_a_week_later_five_weeks_are_read_again(due: Due) -> None:
    end = SWEPT + timedelta(days=7)
    assert due(end, SWEEP) == Slice("T1", "week", Window(SWEPT - WEEK, end))


def test_the_next_week_counts_from_the_last_look_back(due: Due) -> None:
    looked_back = SWEPT + timedelta(days=8)
    week: tuple[coverage.Kind, datetime, datetime] = ("week", SWEPT - WEEK, looked_back)
    end = looked_back + timedelta(days=7)
    assert due(end - SECOND, SWEEP, week) == Slice("T1", "increment", Window(looked_back - NIGHT, end - SECOND))
    assert due(end) == Slice("T1", "week", Window(looked_back - WEEK, end))


def test_a_month_later_everything_is_read_again(due: Due) -> None:
    end = SWEPT + MONTH
    week: tuple[coverage.Kind, datetime, datetime] = ("week", SWEPT - WEEK, end - timedelta(days=1))
    assert due(end - SECOND, SWEEP, week) == Slice("T1", "increment", Window(week[2] - NIGHT, end - SECOND))
    assert due(end) == Slice("T1", "sweep", Window(BEGINNING, end))


def test_other_settings_read_everything_again(due: Due) -> None:
    end = SWEPT + timedelta(days=1)
    assert due(end, SWEEP, fingerprint="f2") == Slice("T1", "sweep", Window(BEGINNING, end))


def test_windows_without_a_sweep_before_them_read_everything(due: Due) -> None:
    end = SWEPT + timedelta(days=1)
    assert due(end, ("increment", SWEPT - NIGHT, SWEPT)) == Slice("T1", "sweep", Window(BEGINNING, end))


def test_a_clock_that_went_back_reads_nothing_until_it_has_caught_up(due: Due) -> None:
    assert due(SWEPT - SECOND, SWEEP) is None
    assert due(SWEPT) == Slice("T1", "increment", Window(SWEPT - NIGHT, SWEPT))
