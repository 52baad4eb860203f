from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event

from domain.errors import OperatorError
from domain.ledger import AccountKind, PersonBalances, Transfer, VoucherDraft, person_account, service_account
from local_store import ledger, verify
from local_store.dialects import engine_for
from local_store.lease import acquire
from local_store.store import Store, open_store
from local_store.transaction import Tx
from local_store.vault import open_vault
from shiqiao.clock import open_clock
from tests.local_store.homes import Home, on
from tests.local_store.makers import Makers

WRITERS, ROUNDS = 4, 12
HOLDER = """
import sys
from pathlib import Path
from local_store.lease import lease
from local_store.store import open_store
from shiqiao.clock import open_clock

with lease(open_store(sys.argv[1], Path(sys.argv[2]), open_clock({})), "one"):
    print("held", flush=True)
    sys.stdin.read()
"""


def shared(make: Makers, key: str, people: list[int]) -> VoucherDraft:
    """Give a voucher that credits these people in this order."""
    source = service_account(AccountKind.DEPOSITED, "CZ01", "escort")
    legs = tuple(Transfer(source, person_account(AccountKind.AVAILABLE, person), 60) for person in people)
    return replace(make.draft(people[0], 60, key), transfers=legs, service_id="")


def at_once(*works: Callable[[], None]) -> None:
    """Do these at the same time and let the first that fails be told."""
    failures: list[BaseException] = []

    def kept(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - told below, in the thread that asked
            failures.append(failure)

    threads = [threading.Thread(target=kept, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def book_is_whole(store: Store, people: int, vouchers: int) -> bool:
    with store.reading() as tx:
        broken = [check.name for check in verify.verify(tx) if not check.ok]
        balances = ledger.balances(tx, range(1, people + 1))
    return not broken and balances == dict.fromkeys(balances, PersonBalances(available=60 * vouchers))


def test_writers_at_once_leave_one_book(opened: Callable[[], Store], make: Makers) -> None:
    stores = [opened() for _ in range(WRITERS)]
    with stores[0].writing() as tx:
        make.roster(tx, *(make.roster_row(number) for number in range(1, 4)))
        run = make.run(tx)

    def write(writer: int) -> None:
        order = [1, 2, 3] if writer % 2 else [3, 2, 1]
        for turn in range(ROUNDS):
            with stores[writer].writing() as tx:
                ledger.post(tx, [shared(make, f"{writer}/{turn}", order)], run)

    at_once(*(partial(write, writer) for writer in range(WRITERS)))
    assert book_is_whole(stores[0], 3, WRITERS * ROUNDS)


@on("postgresql")  # SQLite has no locks within a file
def test_who_comes_past_the_writers_lock_finds_rows_locked_in_one_order(
    store: Store, home: Home, folder: Path, make: Makers
) -> None:
    vault = open_vault(folder / "shiqiao.key")
    with store.writing() as tx:
        make.roster(tx, *(make.roster_row(number) for number in range(1, 7)))
        run = make.run(tx)
        ledger.post(tx, [shared(make, "first", [1, 2, 3, 4, 5, 6])], run)

    def write(writer: int) -> None:
        engine = engine_for(home.url)
        order = [1, 2, 3, 4, 5, 6] if writer % 2 else [6, 5, 4, 3, 2, 1]
        for turn in range(ROUNDS):
            with engine.begin() as connection:
                ledger.post(Tx(connection, vault, make.clock), [shared(make, f"{writer}/{turn}", order)], run)
        engine.dispose()

    at_once(*(partial(write, writer) for writer in range(WRITERS)))
    assert book_is_whole(store, 6, WRITERS * ROUNDS + 1)


@on("postgresql")
def test_balances_are_locked_in_the_order_of_accounts_and_the_head_last(store: Store, make: Makers) -> None:
    locks: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        locks.extend([" ".join(statement.split())] if "FOR UPDATE" in statement else [])

    with store.writing() as tx:
        make.roster(tx, make.roster_row(1))
        run = make.run(tx)
        ledger.post(tx, [make.draft(1, 60)], run)
        event.listen(tx.connection.engine, "before_cursor_execute", note)
        ledger.post(tx, [make.draft(1, 60, "S2#1", balances=PersonBalances(available=60))], run)
        event.remove(tx.connection.engine, "before_cursor_execute", note)
    balances, head = locks
    assert "FROM balance" in balances
    assert balances.endswith("ORDER BY balance.account FOR UPDATE OF balance")
    assert "FROM chain_head" in head


def test_a_lease_is_another_processs_until_that_dies(home: Home, folder: Path) -> None:
    key = folder / "shiqiao.key"
    with closing(open_store(home.url, key, open_clock({}))) as store:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, home.url, str(key)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(OperatorError, match="run_in_progress"):
                acquire(store, "two")
            holder.kill()
        assert acquire(store, "two").fence == 2
