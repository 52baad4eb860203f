"""Several pages in one transaction leave what as many transactions would have left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.base import Page, Window
from domain.clock import SHANGHAI
from domain.records import QuarantinedRow, Record
from local_store import runs
from local_store.lease import lease
from sync.keep import Keeper
from sync.pull import ROWS_AT_ONCE, Puller
from sync.source import Source
from tests.local_store.makers import Makers
from tests.nights import Bank, Town, shipped_rules

EVENING = datetime(2022, 10, 20, 22, tzinfo=SHANGHAI)
PERSON = Makers.person(1)
READ = Makers.record("A1", PERSON)
UNREAD = QuarantinedRow("national", "T1", "A1", "hours_negative", "albx0172", b"{}")


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    town = Town()
    town.set_clock(EVENING)
    bank = Bank(town, tmp_path, shipped_rules())
    yield bank
    bank.close()


def page(*rows: Record | QuarantinedRow) -> Page:
    records = tuple(row for row in rows if isinstance(row, Record))
    return Page(b"[]", records, tuple(row for row in rows if isinstance(row, QuarantinedRow)), len(rows), None)


def asked(bank: Bank, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in bank._rows(statement)]  # noqa: SLF001


def keep(bank: Bank, keeper: Keeper, *pages: Page) -> int:
    with bank.store.writing() as tx:
        changed = keeper.keep(tx, "T1", pages)
    keeper.committed()
    return changed


@pytest.fixture
def keeper(bank: Bank) -> Keeper:
    with bank.store.writing() as tx:
        run = runs.begin(tx, "sync", EVENING, bank.rules.version)
    return Keeper("national", bank.rules, run)


@pytest.mark.parametrize(
    ("pages", "is_flagged", "is_lifted"),
    [
        ((page(READ), page(UNREAD)), True, False),
        ((page(UNREAD), page(READ)), False, True),
        ((page(READ), page(UNREAD), page(READ)), False, True),
        ((page(UNREAD), page(READ), page(UNREAD)), True, False),
    ],
    ids=["lost", "found", "found again", "lost again"],
)
def test_the_last_page_of_a_transaction_says_whether_a_row_can_be_read(
    bank: Bank, keeper: Keeper, *, pages: tuple[Page, ...], is_flagged: bool, is_lifted: bool
) -> None:
    keep(bank, keeper, *pages)
    assert asked(bank, "SELECT is_flagged FROM claim") == [(is_flagged,)]
    assert asked(bank, "SELECT is_lifted FROM quarantine") == [(is_lifted,)]


def test_whom_a_transaction_met_that_was_taken_back_is_met_anew(bank: Bank, keeper: Keeper) -> None:
    def break_off() -> None:
        with bank.store.writing() as tx:
            keeper.keep(tx, "T1", [page(READ)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert asked(bank, "SELECT number FROM identity") == []
    assert keep(bank, keeper, page(READ)) == 1
    assert asked(bank, "SELECT kind FROM identity JOIN claim ON claim.identity = identity.number") == [("id",)]


class Unreadable:
    """A platform of which no row can be read; it looks at how many of its pages are kept whenever it is asked."""

    platform = "national"
    pages = 5

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self.kept: list[int] = []

    def check(self) -> None:
        pass

    def platform_now(self) -> datetime:
        return EVENING

    def read_hours(self, _scope: str, _window: Window, cursor: str | None) -> Page:
        self.kept += [len(asked(self._bank, "SELECT number FROM raw_page"))]
        number, size = int(cursor or 0), ROWS_AT_ONCE // 2
        rows = [QuarantinedRow("national", "T1", f"A{number}.{at}", "hours_negative", "", b"{}") for at in range(size)]
        return Page(b"[]", (), tuple(rows), size * self.pages, str(number + 1) if number + 1 < self.pages else None)


def test_pages_that_cannot_be_read_do_not_pile_up(bank: Bank) -> None:
    platform: Any = Unreadable(bank)
    source = Source(platform, ("T1",), "town")
    with lease(bank.store, "test/1") as held:
        with held.writing() as tx:
            run = runs.begin(tx, "sync", EVENING + timedelta(hours=1), bank.rules.version)
        Puller(held, source, bank.rules, bank.town.clock, run, lambda *_: None).pull()
    assert platform.kept == [0, 0, 2, 2, 4]
