"""How one booking is split over a person's accounts: to the second, and never a second more or less than it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger import (
    Account,
    AccountKind,
    PersonBalances,
    Transfer,
    deposit,
    person_account,
    reversal,
    service_account,
)

ME = 7
CAP = 1000
SOURCE = service_account(AccountKind.DEPOSITED, "CZ01", "escort")
AVAILABLE, SURPLUS, DEFICIT, HELD = (
    person_account(kind, ME)
    for kind in (AccountKind.AVAILABLE, AccountKind.SURPLUS, AccountKind.DEFICIT, AccountKind.HELD)
)


def test_an_account_has_one_spelling() -> None:
    assert Account(AccountKind.AVAILABLE, "7") == AVAILABLE
    assert (AVAILABLE.code, SOURCE.code) == ("available:7", "deposited:CZ01/escort")


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_transfer_moves_something_from_one_account_to_another(seconds: int) -> None:
    with pytest.raises(ValueError, match="deposited:CZ01/escort"):
        Transfer(SOURCE, AVAILABLE, seconds)
    with pytest.raises(ValueError, match="available:7"):
        Transfer(AVAILABLE, AVAILABLE, 1)
    assert Transfer(SOURCE, AVAILABLE, 1).seconds == 1


@pytest.mark.parametrize(
    ("before", "seconds", "legs", "after"),
    [
        (PersonBalances(), 600, [(AVAILABLE, 600)], PersonBalances(available=600)),
        (PersonBalances(available=400), 600, [(AVAILABLE, 600)], PersonBalances(available=1000)),
        (PersonBalances(available=401), 600, [(AVAILABLE, 599), (SURPLUS, 1)], PersonBalances(1000, 0, 1)),
        (PersonBalances(300, held=200), 600, [(AVAILABLE, 500), (SURPLUS, 100)], PersonBalances(800, 200, 100)),
        (PersonBalances(available=1000), 600, [(SURPLUS, 600)], PersonBalances(1000, 0, 600)),
        (PersonBalances(available=1200, surplus=5), 600, [(SURPLUS, 600)], PersonBalances(1200, 0, 605)),
        (PersonBalances(owed=200), 600, [(DEFICIT, 200), (AVAILABLE, 400)], PersonBalances(available=400)),
        (PersonBalances(owed=600), 600, [(DEFICIT, 600)], PersonBalances()),
        (PersonBalances(owed=900), 600, [(DEFICIT, 600)], PersonBalances(owed=300)),
        (PersonBalances(900, 0, 0, 100), 600, [(DEFICIT, 100), (AVAILABLE, 100), (SURPLUS, 400)],
         PersonBalances(1000, 0, 400)),
    ],
)  # fmt: skip
def test_a_deposit_repays_then_fills_up_to_the_cap_then_overflows(
    before: PersonBalances, seconds: int, legs: list[tuple[Account, int]], after: PersonBalances
) -> None:
    balances = replace(before)

    assert deposit(ME, SOURCE, seconds, balances, CAP) == tuple(
        Transfer(SOURCE, account, part) for account, part in legs
    )
    assert balances == after


@pytest.mark.parametrize(
    ("booked", "before", "legs", "after"),
    [
        ([(AVAILABLE, 600)], PersonBalances(available=900), [(AVAILABLE, 600)], PersonBalances(available=300)),
        ([(AVAILABLE, 600)], PersonBalances(available=600), [(AVAILABLE, 600)], PersonBalances()),
        ([(AVAILABLE, 600)], PersonBalances(100), [(AVAILABLE, 100), (DEFICIT, 500)], PersonBalances(owed=500)),
        ([(AVAILABLE, 600)], PersonBalances(owed=50), [(DEFICIT, 600)], PersonBalances(owed=650)),
        ([(AVAILABLE, 600)], PersonBalances(available=100, surplus=900), [(AVAILABLE, 100), (DEFICIT, 500)],
         PersonBalances(surplus=900, owed=500)),
        ([(SURPLUS, 600)], PersonBalances(available=900, surplus=700), [(SURPLUS, 600)],
         PersonBalances(available=900, surplus=100)),
        ([(SURPLUS, 600)], PersonBalances(available=900, surplus=100), [(SURPLUS, 100), (DEFICIT, 500)],
         PersonBalances(available=900, owed=500)),
        ([(DEFICIT, 200), (AVAILABLE, 400)], PersonBalances(available=400, owed=10), [(DEFICIT, 200), (AVAILABLE, 400)],
         PersonBalances(owed=210)),
        ([(AVAILABLE, 600)], PersonBalances(held=600), [(DEFICIT, 600)], PersonBalances(held=600, owed=600)),
    ],
)  # fmt: skip
def test_a_reversal_takes_back_what_is_there_and_the_rest_is_owed(
    booked: list[tuple[Account, int]],
    before: PersonBalances,
    legs: list[tuple[Account, int]],
    after: PersonBalances,
) -> None:
    standing, balances = tuple(Transfer(SOURCE, account, seconds) for account, seconds in booked), replace(before)

    assert reversal(standing, ME, balances) == tuple(Transfer(account, SOURCE, seconds) for account, seconds in legs)
    assert balances == after


def test_what_was_held_is_not_taken_from_another_account() -> None:
    balances = PersonBalances(available=600, surplus=600, held=600)

    assert reversal((Transfer(SOURCE, HELD, 100),), ME, balances) == (Transfer(DEFICIT, SOURCE, 100),)
    assert balances == PersonBalances(available=600, surplus=600, held=600, owed=100)


amounts = st.integers(0, 2 * CAP)
drawn_balances = st.builds(PersonBalances, amounts, amounts, amounts, amounts)


@given(drawn_balances, st.integers(1, 3 * CAP))
def test_a_deposit_is_credited_once_and_whole(before: PersonBalances, seconds: int) -> None:
    after = replace(before)
    transfers = deposit(ME, SOURCE, seconds, after, CAP)

    assert sum(leg.seconds for leg in transfers) == seconds
    assert _worth(after) - _worth(before) == seconds
    assert after.available <= max(before.available, CAP - before.held)


@given(drawn_balances, st.integers(1, 3 * CAP))
def test_a_deposit_taken_back_at_once_leaves_all_as_it_was(before: PersonBalances, seconds: int) -> None:
    after = replace(before)
    reversal(deposit(ME, SOURCE, seconds, after, CAP), ME, after)

    assert after == before


def _worth(said: PersonBalances) -> int:
    return said.available + said.held + said.surplus - said.owed
