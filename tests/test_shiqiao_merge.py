"""Merging two numbers: the roster follows, and drawings move so that no account is left with somebody else's debt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from desk.merge import merge_people
from domain.errors import OperatorError, UsageError
from domain.ledger import (
    Account,
    AccountKind,
    PersonBalances,
    Transfer,
    VoucherDraft,
    VoucherKind,
    deposit,
    person_account,
    reversal,
    service_account,
)
from domain.people import RosterRow
from domain.records import PersonAsSaid
from local_store import ledger, people, runs
from local_store.store import Store, open_store
from local_store.vault import create_key_file
from mapping.names import folded_name
from mapping.rules import RuleSet
from shiqiao.clock import SystemClock
from tests.planning import RULES
from tests.stores import STORES

DAY = date(2022, 8, 1)
CAP = 1500 * 3600
DEPOSITED = service_account(AccountKind.DEPOSITED, "CZ01", "escort")


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RULES


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store with two people, A and B, who are one."""
    create_key_file(tmp_path / "key")
    clock = SystemClock(datetime(2022, 8, 2, tzinfo=UTC))
    with closing(open_store(STORES.url(tmp_path / "store.db"), tmp_path / "key", clock)) as store:
        with store.writing() as tx:
            rows = [_row("A", "459900194110070018"), _row("B", "E1234567", "passport")]
            assert people.save_roster(tx, rows, folded_name).added == 2
        yield store


def _row(local_number: str, id_number: str, id_type: str = "resident") -> RosterRow:
    person = PersonAsSaid("蓝达努", id_type, id_number)
    return RosterRow(1, local_number, person, "", "CZ01", None, "", {}, frozenset())


def _book(store: Store, local_number: str, kind: VoucherKind, key: str, *transfers: Transfer) -> int:
    with store.writing() as tx:
        person = people.find(tx, local_number)
        assert person is not None
        run = runs.begin(tx, "sync", tx.clock.now(), "v1")
        draft = VoucherDraft(key, kind, DAY, transfers, "test", "v1", "test", person.number)
        return ledger.post(tx, [draft], run)[0]


def _earn(store: Store, local_number: str, seconds: int) -> tuple[Transfer, ...]:
    number = _number(store, local_number)
    transfers = deposit(number, DEPOSITED, seconds, _balances(store, number), CAP)
    _book(store, local_number, VoucherKind.POST, f"S{local_number}#1", *transfers)
    return transfers


def _draw(store: Store, local_number: str, seconds: int) -> None:
    available = person_account(AccountKind.AVAILABLE, _number(store, local_number))
    redeemed = Account(AccountKind.REDEEMED, "CZ01/self")
    _book(store, local_number, VoucherKind.REDEEM, f"redeem/{local_number}", Transfer(available, redeemed, seconds))


def _number(store: Store, local_number: str) -> int:
    with store.reading() as tx:
        person = people.find(tx, local_number)
    assert person is not None
    return person.number


def _balances(store: Store, number: int) -> PersonBalances:
    with store.reading() as tx:
        return ledger.balances(tx, [number])[number]


def _merge(store: Store, rules: RuleSet, old: str, new: str) -> None:
    with store.writing() as tx:
        run = runs.begin(tx, "merge", tx.clock.now(), rules.version)
        merge_people(tx, old, new, reason="一人两证", by="韦站长", on=DAY, run=run, rules=rules)


def test_where_only_services_are_booked_the_book_waits_for_the_night(store: Store, rules: RuleSet) -> None:
    a, b = _number(store, "A"), _number(store, "B")
    _earn(store, "A", 7200)
    _merge(store, rules, "A", "B")

    assert (_balances(store, a).available, _balances(store, b).available) == (7200, 0)
    assert _number(store, "A") == b


@pytest.mark.parametrize(("earned_by_new", "owed"), [(0, 3600), (1800, 1800), (9000, 0)])
def test_drawings_move_so_that_the_old_accounts_come_out_at_nothing(
    store: Store, rules: RuleSet, earned_by_new: int, owed: int
) -> None:
    a, b = _number(store, "A"), _number(store, "B")
    earned = _earn(store, "A", 7200)
    _draw(store, "A", 3600)
    if earned_by_new:
        _earn(store, "B", earned_by_new)
    _merge(store, rules, "A", "B")

    old, new = _balances(store, a), _balances(store, b)
    assert (old.available, old.owed) == (7200, 0)
    assert (new.available, new.owed) == (max(0, earned_by_new - 3600), owed)
    mirrored = reversal(earned, a, old)
    assert sum(leg.seconds for leg in mirrored) == 7200
    assert (old.available, old.surplus, old.owed) == (0, 0, 0)
    with store.reading() as tx:
        assert sum(ledger.all_balances(tx).values()) == 0


def test_an_opening_moves_the_other_way(store: Store, rules: RuleSet) -> None:
    a, b = _number(store, "A"), _number(store, "B")
    opening = Transfer(Account(AccountKind.OPENING, "bank"), person_account(AccountKind.AVAILABLE, a), 5400)
    _book(store, "A", VoucherKind.OPENING, "opening/A", opening)
    _merge(store, rules, "A", "B")

    assert (_balances(store, a).available, _balances(store, b).available) == (0, 5400)


def test_what_cannot_be_merged_changes_nothing(store: Store, rules: RuleSet) -> None:
    with pytest.raises(UsageError, match="person_unknown"):
        _merge(store, rules, "A", "nobody")
    with pytest.raises(OperatorError, match="merge_impossible"):
        _merge(store, rules, "A", "A")
    _merge(store, rules, "A", "B")
    with pytest.raises(OperatorError, match="merge_impossible"):
        _merge(store, rules, "A", "B")
    with store.reading() as tx:
        assert [person.local_number for person in people.all_people(tx)] == ["B"]
        assert [run.kind for run in runs.last(tx, 9)] == ["merge"]
