from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from domain.errors import StoreError, UsageError
from local_store import ledger
from local_store.grants import grant
from local_store.store import Store, open_store
from local_store.transaction import Tx
from local_store.verify import verify
from tests.local_store.homes import Home, on
from tests.local_store.makers import Makers
from tests.postgresql import Server

RUNNER = "night-runner"


@pytest.fixture
def runner(postgresql: Server, database: str) -> Iterator[str]:
    """Give the url of a role that owns nothing."""
    postgresql.say(f'CREATE ROLE "{RUNNER}" LOGIN')
    yield postgresql.url(database, RUNNER)
    postgresql.drop(database)
    postgresql.say(f'DROP ROLE "{RUNNER}"')


@pytest.fixture
def granted(opened: Callable[[], Store], runner: str, folder: Path, make: Makers) -> Iterator[Store]:
    """Give a store opened by the role, with one booking that it made itself."""
    with opened().writing() as tx:
        grant(tx, RUNNER)
    store = open_store(runner, folder / "shiqiao.key", make.clock)
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1))
        record = make.record("a", make.person(1))
        make.pull(tx, [record])
        make.book(tx, record, 1)
        make.settle_all(tx)
    yield store
    store.close()


@on("postgresql")
def test_a_role_that_owns_nothing_books_and_proves(granted: Store) -> None:
    with granted.reading() as tx:
        assert [check for check in verify(tx) if not check.ok] == []


@on("postgresql")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE voucher SET number = 9", "UPDATE account SET number = 9", "DELETE FROM voucher",
        "DELETE FROM transfer", "DELETE FROM account", "DELETE FROM balance", "DELETE FROM chain_head",
        "DELETE FROM run", "TRUNCATE voucher CASCADE", "TRUNCATE transfer", "TRUNCATE membership",
        "UPDATE transfer SET seconds = 1", "UPDATE balance SET seconds = 1", "UPDATE balance SET kind = 'held'",
        "UPDATE record_version SET state = 'x'", "UPDATE voucher_reason SET sealed = ''",
        "INSERT INTO chain_head VALUES (2, 0, '')", "DELETE FROM store_fact",
        "UPDATE alembic_version SET version_num = '0'", "CREATE TABLE mine (n int)", "DROP TABLE voucher",
        "ALTER TABLE voucher DISABLE TRIGGER ALL", "DROP TRIGGER voucher_never_updated ON voucher",
        "CREATE OR REPLACE FUNCTION voucher_never_updated() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "ALTER TABLE balance DROP CONSTRAINT ck_balance_available_cap", "SET session_replication_role = replica",
    ],
)  # fmt: skip
def test_it_may_neither_change_what_was_booked_nor_make_tables(granted: Store, statement: str) -> None:
    with pytest.raises(StoreError) as refusal, granted.writing() as tx:
        tx.connection.exec_driver_sql(statement)
    assert refusal.value.code == "store_rights_missing"


@on("postgresql")
def test_a_passing_table_of_its_own_does_not_hide_the_book_from_the_guards(granted: Store) -> None:
    def add_a_line(tx: Tx) -> None:
        tx.connection.exec_driver_sql("CREATE TEMP TABLE chain_head AS SELECT 0 AS number")
        tx.connection.exec_driver_sql("CREATE TEMP TABLE voucher AS SELECT 1 AS number, 9 AS n_lines")
        tx.connection.exec_driver_sql("INSERT INTO public.transfer VALUES (1, 2, 1, 2, 60)")

    with pytest.raises(StoreError) as refusal, granted.writing() as tx:
        add_a_line(tx)
    assert refusal.value.data == {"rule": "transfer_only_with_its_voucher"}


@on("postgresql")
def test_nor_does_it_catch_what_a_transfer_moves(granted: Store) -> None:
    with granted.writing() as tx:
        tx.connection.exec_driver_sql("CREATE TEMP TABLE balance (LIKE public.balance) ON COMMIT DROP")
        tx.connection.exec_driver_sql(
            "INSERT INTO voucher SELECT 2, 'k', kind, service_date, recorded_at, person, service_id, revision,"
            " prepared_by, rules_version, reason, decision, reverses, run, 1, body, hash FROM voucher WHERE number = 1"
        )
        tx.connection.exec_driver_sql("INSERT INTO transfer SELECT 2, 1, debit, credit, 1800 FROM transfer")
    with granted.reading() as tx:
        assert ledger.balances(tx, [1])[1].available == 3600


@on("postgresql")
def test_nor_is_anything_booked_where_it_hides_the_balances(granted: Store, make: Makers) -> None:
    with granted.writing() as tx:
        tx.connection.exec_driver_sql("CREATE TEMP TABLE balance (LIKE public.balance) ON COMMIT DROP")
        with pytest.raises(StoreError, match="book_refused"):
            ledger.post(tx, [make.draft(1, 60, "S2#1")], 1)
        tx.connection.rollback()


@on("postgresql")
def test_a_role_without_rights_is_told_who_must_act(
    opened: Callable[[], Store], runner: str, folder: Path, make: Makers
) -> None:
    opened().close()
    with pytest.raises(StoreError, match="store_rights_missing"):
        open_store(runner, folder / "shiqiao.key", make.clock)


def test_an_empty_database_waits_for_its_owner(
    runner: str, postgresql: Server, database: str, folder: Path, make: Makers
) -> None:
    name = postgresql.create("template1")
    with pytest.raises(StoreError, match="store_older"):
        open_store(runner.replace(database, name), folder / "shiqiao.key", make.clock)
    postgresql.drop(name)


def test_an_owner_without_other_powers_makes_the_tables_and_grants(
    runner: str, postgresql: Server, database: str, folder: Path, make: Makers
) -> None:
    name = "bank of its owner"
    postgresql.say("CREATE ROLE bank_owner LOGIN", f'CREATE DATABASE "{name}" OWNER bank_owner')
    key = folder / "shiqiao.key"
    with closing(open_store(postgresql.url(name, "bank_owner"), key, make.clock)) as store, store.writing() as tx:
        grant(tx, RUNNER)
    with closing(open_store(runner.replace(database, name), key, make.clock)) as store, store.writing() as tx:
        make.roster(tx, make.roster_row(1))
        record = make.record("a", make.person(1))
        make.pull(tx, [record])
        make.book(tx, record, 1)
    postgresql.say(f'DROP DATABASE "{name}"', "DROP ROLE bank_owner")


def test_a_grant_to_nobody_is_refused(store: Store, home: Home) -> None:
    with pytest.raises(UsageError) as refusal, store.writing() as tx:
        grant(tx, "nobody-here")
    assert refusal.value.code == {"sqlite": "role_needless", "postgresql": "role_unknown"}[home.name]
