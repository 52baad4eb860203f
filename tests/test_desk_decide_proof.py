"""Whoever changes a decision, its log or what it booked by hand is found; the store's guards refuse it first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import StoreError
from local_store import decision_check
from local_store.guards import guards_of
from tests.deciding import BOSS, SECOND, Bank

CHANGES = {
    "argument": ("UPDATE decision SET argument = '4' WHERE number = 1", "decision 1: argument"),
    "code": ("UPDATE decision SET code = 'void' WHERE number = 1", "decision 1: code"),
    "who": ("UPDATE decision SET decided_by = 'X' WHERE number = 1", "decision 1: decided_by"),
    "reason": ("UPDATE decision SET sealed = (SELECT min(sealed) FROM person) WHERE number = 1", "decision 1: reason"),
    "moved": ("UPDATE decision SET moved_seconds = 1 WHERE number = 1", "decision 1: moved_seconds"),
    "undone": ("UPDATE decision SET undone_by = 'X', undone_at = 5 WHERE number = 1", "decision 1: undone"),
    "not_undone": ("UPDATE decision SET undone_by = NULL, undone_at = NULL WHERE number = 2", "decision 2: undone"),
    "not_agreed": ("UPDATE decision SET agreed_by = 'X' WHERE number = 3", "decision 3: agreed"),
    "agreed_by_hand": ("UPDATE decision SET is_proposed = false WHERE number = 4", "decision 4: proposed"),
    "binding": ("INSERT INTO outside_binding VALUES (1, 1, 1, NULL, NULL)", "decision 1: bindings"),
    "step": ("UPDATE decision_log SET at = 5 WHERE number = 1", "step 1: hash"),
    "step_gone": ("DELETE FROM decision_log WHERE number = 2", "step 2: missing"),
    "last_step_gone": ("DELETE FROM decision_log WHERE number = (SELECT max(number) FROM decision_log)", "never said"),
    "body": ("UPDATE decision_log SET body = 'x' WHERE number = 1", "step 1: hash"),
    "voucher": ("UPDATE voucher SET decision = NULL WHERE reason = 'decided'", "no decision"),
    "another": ("UPDATE voucher SET decision = 4 WHERE decision = 1", "decision 4 did not stand"),
    "hidden": ("UPDATE conflict SET state = 'decided' WHERE state = 'open'", ": decided"),
}  # fmt: skip


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    """Give a bank with a decision that stands (1), one undone (2), one agreed to (3) and one proposed (4)."""
    made = Bank(tmp_path)
    for number in (1, 2, 3):
        for day in (1, 5):
            longer = made.national(number, f"N{number}{day}", day=day, hours=5)
            made.say(made.guangxi(number, f"G{number}{day}", day=day), longer, is_special=True)
    ids = [one.conflict.conflict_id for one in sorted(made.cases("hours_differ"), key=lambda one: one.conflict.about)]
    made.decide(ids[0], "credit:1")
    made.decide(ids[1], "credit:1")
    made.undo(ids[1])
    made.decide(ids[2], "credit:5")
    made.desk.agree([ids[2]], SECOND)
    made.decide(ids[3], "credit:5", by=BOSS)
    yield made
    made.close()


def found(bank: Bank) -> list[str]:
    with bank.store.reading() as tx:
        return list(decision_check.faults(tx))


def by_hand(bank: Bank, statement: str) -> None:
    """Do what somebody with a tool of their own could, once the guards are out of the way."""
    with bank.store.writing() as tx:
        dialect = tx.connection.dialect.name
        for guard in guards_of(dialect):
            on = "" if dialect == "sqlite" else f" ON {guard.table}"
            tx.connection.exec_driver_sql(f"DROP TRIGGER {guard.name}{on}")
        tx.connection.exec_driver_sql(statement)


def test_what_the_desk_has_done_is_proved(bank: Bank) -> None:
    assert found(bank) == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_by_hand_is_found_and_named(bank: Bank, change: str) -> None:
    statement, named = CHANGES[change]
    by_hand(bank, statement)
    assert any(named in fault for fault in found(bank))


OURS = {
    "state",
    "hidden",
    "binding",
    "reason",
    "not_agreed",
    "agreed_by_hand",
    "undone",
}  # what the program may do as well


@pytest.mark.parametrize("change", sorted(set(CHANGES) - OURS))
def test_the_store_refuses_to_change_what_was_said(bank: Bank, change: str) -> None:
    with pytest.raises(StoreError, match="store_refused"), bank.store.writing() as tx:
        tx.connection.exec_driver_sql(CHANGES[change][0])


def test_no_reason_stands_in_clear_in_the_log(bank: Bank) -> None:
    with bank.store.reading() as tx:
        bodies = tx.connection.exec_driver_sql("SELECT body FROM decision_log").all()
    assert len(bodies) == 6
    assert not any("签到表" in row.body for row in bodies)
    assert all(re.search(r'"reason":"[0-9a-f]{16,}"', row.body) for row in bodies)
