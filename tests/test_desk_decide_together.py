"""Several decisions on one service: the last that was needed is the one that moves the book, and answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from domain.conflicts import ConflictState
from local_store import conflicts
from sync.guard import stop
from tests.deciding import HOUR, Bank

TEN_HOURS = 10 * HOUR


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    made = Bank(tmp_path)
    yield made
    made.close()


def hold_twice(bank: Bank, hours: int) -> tuple[str, str]:
    """Book a visit, let two conflicts hold it afterwards, and give both."""
    bank.say(bank.guangxi(1, "G1", hours=hours), is_special=True)
    bank.say(bank.national(1, "N1", hours=1), bank.guangxi(1, "G2", start=10, hours=1), is_special=True)
    return bank.case("hours_differ").conflict.conflict_id, bank.case("overlap").conflict.conflict_id


def test_what_an_earlier_word_takes_once_the_last_conflict_is_decided_counts_for_whoever_decides_that(
    bank: Bank,
) -> None:
    hours_differ, overlap = hold_twice(bank, 10)
    (silent,) = bank.decide(hours_differ, "void")
    assert (silent.state, silent.moved_seconds) == (ConflictState.DECIDED, 0)
    (last,) = bank.decide(overlap, "credit:1")
    assert (last.state, last.moved_seconds) == (ConflictState.PROPOSED, TEN_HOURS)
    assert bank.available() == TEN_HOURS


@pytest.mark.parametrize("said", list(permutations(["void", "credit:1"])))
@pytest.mark.parametrize("is_overlap_first", [False, True])
def test_taking_back_the_last_of_two_words_brings_back_what_stood_between_them(
    bank: Bank, said: tuple[str, str], *, is_overlap_first: bool
) -> None:
    first, last = hold_twice(bank, 3)[:: -1 if is_overlap_first else 1]
    start = bank.accounts()
    bank.decide(first, said[0])
    between = bank.accounts()
    (outcome,) = bank.decide(last, said[1])
    assert {voucher.decision for voucher in bank.vouchers()} <= {None, outcome.decision}
    assert bank.accounts() != between
    bank.undo(last)
    assert bank.accounts() == between
    bank.undo(first)
    assert bank.accounts() == start


def test_what_a_safety_stop_keeps_waiting_counts_as_moved_by_whoever_decides_it(bank: Bank) -> None:
    bank.say(bank.guangxi(hours=10), is_special=True)
    bank.say(bank.national(hours=3), is_special=True)
    with bank.store.writing() as tx:
        conflicts.save_stops(tx, [stop(("guangxi", "CZ01"), "removals_many", {"count": 11}, HOUR)], bank.make.run(tx))
    (outcome,) = bank.decide(bank.case("hours_differ").conflict.conflict_id, "void")
    assert (outcome.state, outcome.moved_seconds) == (ConflictState.PROPOSED, TEN_HOURS)
