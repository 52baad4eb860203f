"""What a voucher says, word for word: the book of today must be readable, and its chain provable, for ever."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date

import pytest

from domain.conflicts import Conflict, ConflictKind
from domain.decisions import DecisionCode
from domain.errors import StoreError
from domain.ledger import (
    Account,
    AccountKind,
    PersonBalances,
    Transfer,
    VoucherDraft,
    VoucherKind,
    person_account,
    service_account,
)
from domain.records import RecordKey
from local_store import conflicts, decisions, ledger
from local_store.ledger import Voucher
from local_store.store import Store
from local_store.transaction import Tx
from tests.local_store.makers import NIGHT, Makers

PURSE = person_account(AccountKind.AVAILABLE, 1)
SOURCE = service_account(AccountKind.DEPOSITED, "CZ01", "escort")
DRAFT = VoucherDraft(
    key="S1#2",
    kind=VoucherKind.POST,
    service_date=date(2022, 10, 1),
    transfers=(
        Transfer(SOURCE, person_account(AccountKind.DEFICIT, 7), 60),
        Transfer(SOURCE, person_account(AccountKind.AVAILABLE, 7), 1740),
    ),
    prepared_by='韦"审\\核\n',
    rules_version="城中民发〔2021〕24号#28ff8a6de6d1",
    reason="both_agree",
    person=7,
    service_id="S1",
    revision=2,
    decision=5,
    reverses=None,
    records=("guangxi:G1", "national:N1"),
)
BODY = (
    '{"key":"S1#2","kind":"post","person":7,"service_id":"S1","revision":2,"service_date":"2022-10-01",'
    '"prepared_by":"韦\\"审\\\\核\\n","rules_version":"城中民发〔2021〕24号#28ff8a6de6d1","reason":"both_agree",'
    '"decision":5,"reverses":null,"records":["guangxi:G1","national:N1"],'
    '"transfers":[["deposited:CZ01/escort","deficit:7",60],["deposited:CZ01/escort","available:7",1740]]}'
)


def deposit(key: str, person: int, seconds: int, kind: AccountKind = AccountKind.AVAILABLE) -> VoucherDraft:
    return replace(
        DRAFT, key=key, service_id=key.partition("#")[0], person=person, decision=None, records=(),
        transfers=(Transfer(SOURCE, person_account(kind, person), seconds),),
    )  # fmt: skip


def begun(tx: Tx, make: Makers) -> int:
    """Put nine people on the roster, numbered from one, and begin a run."""
    make.roster(tx, *map(make.roster_row, range(1, 10)))
    return make.run(tx)


def asked(tx: Tx, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in tx.connection.exec_driver_sql(statement).all()]


def test_a_body_is_one_text_for_one_content() -> None:
    assert ledger.body_of(DRAFT) == BODY
    said = json.loads(ledger.body_of(replace(DRAFT, decision=None, reverses=41, records=(), transfers=())))
    assert (said["decision"], said["reverses"], said["records"], said["transfers"]) == (None, 41, [], [])


def test_a_link_of_the_chain_is_what_everybody_can_compute() -> None:
    link = hashlib.sha256(f"{'0' * 64}\n3\n1666290600\n4\n{BODY}".encode()).hexdigest()

    assert ledger.chained("0" * 64, 3, 1666290600, 4, BODY) == link


def test_a_voucher_comes_back_as_it_was_booked(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        run = begun(tx, make)
        drafts = [deposit("S1#1", 7, 60, AccountKind.AVAILABLE), deposit("S10#1", 8, 30)]
        assert ledger.post(tx, drafts, run) == [1, 2]
        paid = Transfer(person_account(AccountKind.AVAILABLE, 7), Account(AccountKind.REDEEMED, "CZ01/escort"), 60)
        owed = Transfer(person_account(AccountKind.DEFICIT, 7), SOURCE, 60)
        back = replace(
            DRAFT, key="S1#2", kind=VoucherKind.REVERSE, transfers=(paid, owed), reverses=1, decision=None, revision=3
        )
        assert ledger.post(tx, [back], run) == [3]
    with store.reading() as tx:
        (first, found), (before,) = ledger.vouchers_of(tx, 7), ledger.vouchers_of(tx, 8)
        night = int(NIGHT.timestamp())
        assert found == Voucher(
            number=3, key="S1#2", kind=VoucherKind.REVERSE, service_date=date(2022, 10, 1), recorded_at=NIGHT, person=7,
            service_id="S1", revision=3, prepared_by=DRAFT.prepared_by, rules_version=DRAFT.rules_version,
            reason="both_agree", decision=None, reverses=1, run=run, records=DRAFT.records, transfers=(paid, owed),
            body=ledger.body_of(back), hash=ledger.chained(before.hash, 3, night, run, ledger.body_of(back)),
        )  # fmt: skip
        assert [one.number for one in ledger.vouchers_of_service(tx, "S1")] == [1, 3]
        assert [ledger.voucher(tx, number) for number in (1, 2, 3, 4)] == [first, before, found, None]
        assert ledger.transfers_of(tx, [3, 1]) == {1: first.transfers, 3: (paid, owed)}
        assert asked(tx, "SELECT number, hash FROM chain_head") == [(3, found.hash)]


def test_a_voucher_names_the_decision_that_it_was_booked_by(store: Store, make: Makers) -> None:
    doubt = Conflict(
        kind=ConflictKind.UNCORROBORATED, about="service/S1", is_blocking=True, person=None, identity=None,
        station="CZ01", service_date=None, records=(RecordKey("national", "N1"),), seconds_at_stake=60,
        cause="service/S1", evidence=("60",), reason="only_one_platform",
    )  # fmt: skip
    with store.writing() as tx:
        run = begun(tx, make)
        conflicts.save(tx, [], [doubt], run)
        number = decisions.add(tx, doubt.conflict_id, DecisionCode.CREDIT, "1", "查了签到表", "韦站长")
        ledger.post(tx, [deposit("S1#1", 7, 60), replace(deposit("S2#1", 7, 60), decision=number)], run)
    with store.reading() as tx:
        assert [one.decision for one in ledger.vouchers_of(tx, 7)] == [None, number]


def test_accounts_are_opened_once_each_with_its_owner_and_its_cap(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        run, night = begun(tx, make), int(NIGHT.timestamp())
        ledger.post(tx, [deposit("S1#1", 7, 60)], run, cap_seconds=777)
        ledger.post(tx, [deposit("S2#1", 7, 1, AccountKind.SURPLUS)], run)
        ledger.post(tx, [deposit("S3#1", 8, 60), deposit("S4#1", 7, 60)], run)
        rows = asked(
            tx,
            "SELECT a.number, a.code, a.kind, a.owner, a.person, a.opened_at, b.kind, b.seconds, b.cap_seconds "
            "FROM account a JOIN balance b ON b.account = a.number ORDER BY a.number",
        )
    assert rows == [
        (1, "available:7", "available", "7", 7, night, "available", 120, 777),
        (2, "deposited:CZ01/escort", "deposited", "CZ01/escort", None, night, "deposited", -181, None),
        (3, "surplus:7", "surplus", "7", 7, night, "surplus", 1, None),
        (4, "available:8", "available", "8", 8, night, "available", 60, 5_400_000),
    ]


def test_each_kind_of_balance_is_told_as_its_own(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        run = begun(tx, make)
        kinds = (AccountKind.AVAILABLE, AccountKind.HELD, AccountKind.SURPLUS)
        drafts = [deposit(f"S{n}#1", 7, n, kind) for n, kind in enumerate(kinds, start=1)]
        owing = Transfer(person_account(AccountKind.DEFICIT, 7), SOURCE, 5)
        ledger.post(tx, [*drafts, replace(drafts[0], key="S9#1", transfers=(owing,))], run)
    with store.reading() as tx:
        assert ledger.balances(tx, [7, 8]) == {7: PersonBalances(1, 2, 3, 5), 8: PersonBalances()}
        assert ledger.all_balances(tx) == {
            "available:7": 1, "deficit:7": -5, "deposited:CZ01/escort": -1, "held:7": 2, "surplus:7": 3,
        }  # fmt: skip


def test_a_cap_that_is_raised_is_raised_for_all_and_lowered_where_there_is_room(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        ledger.post(tx, [deposit("S1#1", 7, 50), deposit("S2#1", 8, 60), deposit("S3#1", 9, 61)], begun(tx, make))
        ledger.set_cap(tx, 60)
        caps = asked(tx, "SELECT kind, cap_seconds FROM balance ORDER BY account")
    assert sorted(caps, key=str) == [
        ("available", 5_400_000), ("available", 60), ("available", 60), ("deposited", None),
    ]  # fmt: skip


def test_a_thousand_and_more_are_booked_and_found_at_once(store: Store, make: Makers) -> None:
    count = 1202
    drafts = [
        replace(deposit(f"S{n}#1", 1, n), transfers=(Transfer(Account(AccountKind.CLEARING, f"B{n}"), PURSE, n),))
        for n in range(1, count + 1)
    ]
    with store.writing() as tx:
        run = begun(tx, make)
        assert ledger.post(tx, drafts, run) == list(range(1, count + 1))
        assert ledger.post(tx, drafts, run) == list(range(1, count + 1))
    with store.reading() as tx:
        told = ledger.all_balances(tx)
        assert told == {f"clearing:B{n}": -n for n in range(1, count + 1)} | {PURSE.code: count * (count + 1) // 2}
        assert list(told) == sorted(told)
        assert ledger.transfers_of(tx, range(1, count + 1)) == {n: one.transfers for n, one in enumerate(drafts, 1)}


@pytest.mark.parametrize(
    ("drafts", "code", "data"),
    [
        ([replace(DRAFT, transfers=())], "voucher_without_transfers", {"key": "S1#2"}),
        ([DRAFT, replace(DRAFT, reason="other")], "voucher_key_reused", {"key": "S1#2"}),
    ],
)
def test_a_refusal_names_the_voucher(
    store: Store, make: Makers, drafts: list[VoucherDraft], code: str, data: dict[str, str]
) -> None:
    with pytest.raises(StoreError) as refusal, store.writing() as tx:
        ledger.post(tx, drafts, make.run(tx))
    assert (refusal.value.code, refusal.value.data) == (code, data)


def test_a_key_that_says_something_else_than_the_book_is_refused_by_its_name(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        run = begun(tx, make)
        ledger.post(tx, [deposit("S1#1", 7, 60)], run)
        with pytest.raises(StoreError) as refusal:
            ledger.post(tx, [deposit("S2#1", 7, 60), deposit("S1#1", 7, 61)], run)
    assert (refusal.value.code, refusal.value.data) == ("voucher_key_reused", {"key": "S1#1"})
