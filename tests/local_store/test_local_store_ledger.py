from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import StoreError
from domain.ledger import (
    Account,
    AccountKind,
    PersonBalances,
    Transfer,
    VoucherKind,
    person_account,
    reversal,
    service_account,
)
from local_store import ledger, people, verify
from local_store.store import Store
from local_store.transaction import Tx
from tests.local_store.homes import Home
from tests.local_store.makers import Makers

CAP = 5_400_000


def person_of(tx: Tx, make: Makers, number: int = 1) -> int:
    make.roster(tx, make.roster_row(number))
    person = people.find(tx, f"CZ-{number:04d}")
    assert person is not None
    return person.number


def broken_checks(tx: Tx) -> dict[str, str]:
    return {check.name: check.detail for check in verify.verify(tx) if not check.ok}


@pytest.fixture
def book(store: Store, make: Makers) -> Store:
    """A book with one person, two vouchers of 1800 s and 3600 s, and their standings."""
    with store.writing() as tx:
        person = person_of(tx, make)
        records = [make.record("a", make.person(1)), make.record("b", make.person(1))]
        make.pull(tx, records)
        make.book(tx, records[0], person, 1800)
        make.book(tx, records[1], person, 3600)
        make.settle_all(tx)
    return store


def test_numbers_are_gap_free_and_a_key_is_booked_once(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        person, run = person_of(tx, make), make.run(tx)
        drafts = [make.draft(person, 1800, f"S{at}#1") for at in range(3)]
        assert ledger.post(tx, drafts, run) == [1, 2, 3]
        assert ledger.post(tx, [drafts[1], make.draft(person, 60, "S9#1"), drafts[1]], run) == [2, 4, 2]
        assert ledger.balances(tx, [person, 77]) == {
            person: PersonBalances(available=3 * 1800 + 60),
            77: PersonBalances(),
        }
        assert broken_checks(tx).keys() <= {"standings", "reasons"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "other"}, "voucher_key_reused"),
        ({"records": ("national:other",)}, "voucher_key_reused"),
        ({"key": "S2#1", "transfers": ()}, "voucher_without_transfers"),
    ],
)
def test_a_draft_that_cannot_be_booked_is_refused_whole(
    store: Store, make: Makers, change: dict[str, Any], code: str
) -> None:
    with store.writing() as tx:
        person, run = person_of(tx, make), make.run(tx)
        draft = make.draft(person, 1800)
        ledger.post(tx, [draft], run)
        before = ledger.all_balances(tx)
        for several in ([replace(draft, **change)], [make.draft(person, 60, "S8#1"), replace(draft, **change)]):
            with pytest.raises(StoreError) as refusal:
                ledger.post(tx, several, run)
            assert refusal.value.code == code
        assert ledger.all_balances(tx) == before


def test_two_drafts_with_one_key_must_say_the_same(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        person, run = person_of(tx, make), make.run(tx)
        assert ledger.post(tx, [make.draft(person, 60), make.draft(person, 60)], run) == [1, 1]
        with pytest.raises(StoreError, match="voucher_key_reused"):
            ledger.post(tx, [make.draft(person, 60, "S2#1"), make.draft(person, 61, "S2#1")], run)


def test_the_cap_stands_in_the_database(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        person, run = person_of(tx, make), make.run(tx)
        balances = PersonBalances(available=CAP - 100)
        ledger.post(tx, [make.draft(person, CAP - 100)], run)
        ledger.post(tx, [make.draft(person, 1800, "S2#1", balances=balances)], run)
        assert ledger.balances(tx, [person])[person] == PersonBalances(available=CAP, surplus=1700)
    with pytest.raises(StoreError) as refusal, store.writing() as tx:
        ledger.post(tx, [make.draft(person, 1, "S3#1")], run)
    assert refusal.value.code == "book_refused"
    assert "available_cap" in str(refusal.value.data["rule"])
    with store.writing() as tx:
        assert ledger.balances(tx, [person])[person].available == CAP
        ledger.set_cap(tx, CAP + 1)
        ledger.post(tx, [make.draft(person, 1, "S3#1")], run)
        ledger.set_cap(tx, 10)
        assert ledger.balances(tx, [person])[person].available == CAP + 1


@pytest.mark.parametrize(
    ("debit", "credit", "rule"),
    [
        ("available", "redeemed", "available_floor"),
        ("held", "redeemed", "held_floor"),
        ("surplus", "donated", "surplus_floor"),
        ("donated", "deficit", "deficit_ceiling"),
    ],
)
def test_no_balance_leaves_its_bounds(store: Store, make: Makers, debit: str, credit: str, rule: str) -> None:
    def account(kind: str, person: int) -> Account:
        if kind in {"available", "held", "surplus", "deficit"}:
            return person_account(AccountKind(kind), person)
        return Account(AccountKind(kind), "CZ01/escort")

    with store.writing() as tx:
        person, run = person_of(tx, make), make.run(tx)
        ledger.post(tx, [make.draft(person, 100)], run)
    transfers = (Transfer(account(debit, person), account(credit, person), 101),)
    with pytest.raises(StoreError) as refusal, store.writing() as tx:
        ledger.post(tx, [replace(make.draft(person, 1, "S2#1"), transfers=transfers)], run)
    assert rule in str(refusal.value.data["rule"])


@pytest.mark.parametrize("order", [(1, -1), (-1, 1)], ids=["in and out", "out before in"])
def test_bounds_hold_after_every_transfer_and_not_only_in_the_end(
    store: Store, make: Makers, order: tuple[int, int]
) -> None:
    """Two vouchers of one statement that take from an account what it has only at the end of both."""
    with store.writing() as tx:
        person, run = person_of(tx, make), make.run(tx)
        ledger.post(tx, [make.draft(person, 100)], run)
    available, source = person_account(AccountKind.AVAILABLE, person), Account(AccountKind.DONATED, "pool")
    moves = {1: Transfer(source, available, 60), -1: Transfer(available, source, 130)}
    drafts = [replace(make.draft(person, 1, f"M{way}"), transfers=(moves[way],)) for way in order]
    if order == (1, -1):
        with store.writing() as tx:
            ledger.post(tx, drafts, run)
            assert ledger.balances(tx, [person])[person].available == 30
            assert broken_checks(tx).keys() <= {"standings", "reasons"}
    else:
        with pytest.raises(StoreError) as refusal, store.writing() as tx:
            ledger.post(tx, drafts, run)
        assert refusal.value.data == {"rule": "ck_balance_available_floor"}


@pytest.mark.parametrize("accounts", ["1, 9", "9, 1"])
def test_a_transfer_moves_only_accounts_that_are_there(book: Store, accounts: str) -> None:
    def add(tx: Tx) -> None:
        tx.connection.exec_driver_sql(
            "INSERT INTO voucher SELECT 3, 'k', kind, service_date, recorded_at, person, service_id, revision,"
            " prepared_by, rules_version, reason, decision, reverses, run, 1, body, hash FROM voucher WHERE number = 1"
        )
        tx.connection.exec_driver_sql(f"INSERT INTO transfer VALUES (3, 1, {accounts}, 60)")  # noqa: S608 - from above

    with pytest.raises(StoreError) as refusal, book.writing() as tx:
        add(tx)
    assert refusal.value.data == {"rule": "transfer_moves_balances"}


@pytest.mark.parametrize("vouchers", [1, 49, 50, 51, 107])
def test_a_portion_of_any_size_is_booked_whole(store: Store, make: Makers, vouchers: int) -> None:
    with store.writing() as tx:
        person, run = person_of(tx, make), make.run(tx)
        drafts = [make.draft(person, 60, f"S{at}#1") for at in range(vouchers)]
        assert ledger.post(tx, drafts, run) == list(range(1, vouchers + 1))
        assert ledger.balances(tx, [person])[person].available == 60 * vouchers
        assert [one.key for one in ledger.vouchers_of(tx, person)] == [draft.key for draft in drafts]
        assert broken_checks(tx).keys() <= {"standings", "reasons"}


def test_a_body_is_the_json_of_all_that_a_voucher_says(make: Makers) -> None:
    said = replace(
        make.draft(7, 1800, 'S"1\\#2'), reason="因\n果 \x1f \u2028", reverses=5, decision=None, records=("a:b", '"')
    )
    text = ledger.body_of(said)

    assert json.loads(text) == {
        "key": 'S"1\\#2', "kind": "post", "person": 7, "service_id": 'S"1\\', "revision": 1,
        "service_date": "2022-10-01", "prepared_by": "sync", "rules_version": said.rules_version,
        "reason": said.reason, "decision": None, "reverses": 5, "records": ["a:b", '"'],
        "transfers": [["deposited:CZ01/emotional_support", "available:7", 1800]],
    }  # fmt: skip
    assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


def test_a_reversal_mirrors_its_voucher_once_and_the_rest_is_owed(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        person, run = person_of(tx, make), make.run(tx)
        (number,) = ledger.post(tx, [make.draft(person, 1800)], run)
        redeemed = Transfer(
            person_account(AccountKind.AVAILABLE, person), service_account(AccountKind.REDEEMED, "CZ01", "escort"), 1500
        )
        ledger.post(tx, [replace(make.draft(person, 1, "R1"), kind=VoucherKind.REDEEM, transfers=(redeemed,))], run)
        balances = ledger.balances(tx, [person])[person]
        legs = reversal(ledger.transfers_of(tx, [number])[number], person, balances)
        back = replace(
            make.draft(person, 1, "S1#2"), kind=VoucherKind.REVERSE, transfers=legs, reverses=number, revision=2
        )
        ledger.post(tx, [back], run)
        assert ledger.balances(tx, [person])[person] == balances == PersonBalances(owed=1500)
        assert broken_checks(tx).keys() <= {"standings", "reasons"}
    with pytest.raises(StoreError, match="book_refused"), store.writing() as tx:
        ledger.post(tx, [replace(back, key="S1#3")], run)


def test_vouchers_come_back_with_all_they_said(book: Store) -> None:
    with book.reading() as tx:
        first, second = ledger.vouchers_of(tx, 1)
        assert ledger.voucher(tx, 2) == second
        assert [ledger.voucher(tx, number) for number in (0, 3, 10_012_345_678, 10**20)] == [None] * 4
        assert ledger.vouchers_of_service(tx, first.service_id) == [first]
    assert (first.number, first.records, first.transfers[0].seconds) == (1, ("national:a",), 1800)
    assert first.hash == ledger.chained("0" * 64, 1, int(first.recorded_at.timestamp()), first.run, first.body)
    assert second.hash == ledger.chained(first.hash, 2, int(second.recorded_at.timestamp()), second.run, second.body)


def test_a_good_book_passes_every_check(book: Store) -> None:
    with book.reading() as tx:
        checks = verify.verify(tx)
    assert [check for check in checks if not check.ok] == []
    assert {"chain", "balances", "sum_zero", "guards", "standings", "records"} <= {check.name for check in checks}


FORBIDDEN = {
    "UPDATE voucher SET reason = 'x' WHERE number = 1": "voucher_never_updated",
    "DELETE FROM voucher": "voucher_never_deleted",
    "UPDATE transfer SET seconds = 1": "transfer_never_updated",
    "DELETE FROM transfer WHERE voucher = 2": "transfer_never_deleted",
    "INSERT INTO transfer VALUES (1, 2, 1, 2, 60)": "transfer_only_with_its_voucher",
    "INSERT INTO transfer VALUES (9, 1, 1, 2, 60)": "transfer_only_with_its_voucher",
    "UPDATE account SET person = NULL": "account_never_updated",
    "DELETE FROM account": "account_never_deleted",
    "DELETE FROM balance": "balance_never_deleted",
    "UPDATE balance SET kind = 'donated'": "balance_keeps_its_kind",
    "UPDATE balance SET account = 9 WHERE kind = 'available'": "balance_keeps_its_kind",
    "UPDATE balance SET seconds = -1 WHERE kind = 'available'": "ck_balance_available_floor",
    "UPDATE chain_head SET number = 1": "chain_head_closes_vouchers",
    "UPDATE chain_head SET number = 3": "chain_head_closes_vouchers",
    "DELETE FROM chain_head": "chain_head_never_deleted",
    "UPDATE store_fact SET value = ''": "key_check_never_updated",
    "UPDATE store_fact SET name = 'another' WHERE name = 'key_check'": "key_check_never_updated",
    "UPDATE balance SET seconds = cap_seconds + 1 WHERE kind = 'available'": "ck_balance_available_cap",
    "INSERT INTO balance (account, kind, seconds) VALUES (9, 'held', 5)": "balance_begins_empty",
}
FORBIDDEN_ON = {
    "sqlite": {
        "INSERT INTO voucher SELECT * FROM voucher": "voucher_only_at_the_end",
        "INSERT OR REPLACE INTO transfer VALUES (1, 1, 1, 2, 60)": "transfer_only_with_its_voucher",
        "INSERT OR REPLACE INTO voucher SELECT * FROM voucher": "voucher_only_at_the_end",
        "UPDATE balance SET seconds = 0.5 WHERE kind = 'available'": "ck_balance_seconds_whole",
        "UPDATE balance SET rowid = 9 WHERE kind = 'available'": "balance_keeps_its_number",
        "UPDATE balance SET _rowid_ = 9 WHERE kind = 'available'": "balance_keeps_its_number",
    },
    "postgresql": {
        "INSERT INTO voucher SELECT * FROM voucher": "pk_voucher",  # before the guard, who sees what was added
        "INSERT INTO transfer VALUES (1, 1, 1, 2, 60) ON CONFLICT (voucher, line) DO UPDATE SET seconds = 60":
            "transfer_never_updated",
        "TRUNCATE transfer": "transfer_never_emptied",
        "TRUNCATE voucher CASCADE": "voucher_never_emptied",
        "TRUNCATE balance": "balance_never_emptied",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("home", "statement", "rule"),
    [(name, *case) for name in FORBIDDEN_ON for case in (FORBIDDEN | FORBIDDEN_ON[name]).items()],
    indirect=["home"],
)
def test_what_was_written_is_never_changed_by_any_statement(book: Store, statement: str, rule: str) -> None:
    with pytest.raises(StoreError) as refusal, book.writing() as tx:
        tx.connection.exec_driver_sql(statement)
    assert refusal.value.data == {"rule": rule}
    with book.reading() as tx:
        assert broken_checks(tx) == {}


@pytest.mark.parametrize(
    ("statement", "check", "place"),
    [
        ("UPDATE balance SET seconds = seconds + 60 WHERE kind = 'available'", "balances", "available:1"),
        ("UPDATE balance SET seconds = -60 WHERE kind = 'available'", "bounds", "available:1"),
        ("UPDATE balance SET seconds = seconds + 60 WHERE kind = 'deposited'", "sum_zero", "sum 60"),
        ("UPDATE voucher SET body = replace(body, '1800', '1801') WHERE number = 1", "chain", "voucher 1: hash"),
        ("UPDATE voucher SET recorded_at = recorded_at - 1 WHERE number = 2", "chain", "voucher 2: hash"),
        ("UPDATE voucher SET prepared_by = 'x' WHERE number = 2", "bodies", "voucher 2: prepared_by"),
        ("UPDATE transfer SET seconds = 1801 WHERE voucher = 1", "bodies", "voucher 1: transfers"),
        ("DELETE FROM voucher WHERE number = 1", "chain", "voucher 1: missing"),
        ("DELETE FROM voucher WHERE number = 2", "chain", "head: 2 instead of 1"),
        ("DELETE FROM transfer WHERE voucher = 2", "balances", "available:1"),
        ("UPDATE standing SET seconds = 60", "standings", "service S-national:a"),
        ("DELETE FROM standing WHERE voucher = 1", "standings", "service S-national:a"),
        ("DELETE FROM membership", "records", "record 1: no place"),
        ("UPDATE membership SET service_id = 'other'", "booked", "record 1"),
        ("DELETE FROM raw_page", "file", "foreign_key_check: record"),
        ("DELETE FROM claim", "records", "record 1: no claim"),
    ],
)
def test_a_hand_in_the_tables_is_found(  # noqa: PLR0917 - three facts a case, three fixtures
    book: Store, opened: Callable[[], Store], home: Home, statement: str, check: str, place: str
) -> None:
    book.close()
    home.edit_unguarded(statement)
    with opened().reading() as tx:
        assert place in broken_checks(tx)[check]
