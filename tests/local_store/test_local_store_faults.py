from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from domain.errors import StoreError
from local_store import dialects, ledger, runs
from local_store.store import Store, open_store
from local_store.tables.runs import NUMBER_LINE, STORE_FACT
from local_store.transaction import Tx
from tests.local_store.homes import Home, on
from tests.local_store.makers import Makers
from tests.postgresql import OWNER, Server
from tests.relay import Relay, Side, relay

POSTGRESQL_STATES = {
    "40001": "store_contended", "40P01": "store_contended", "55P03": "store_busy", "57014": "store_busy",
    "42501": "store_rights_missing", "25006": "store_read_only", "53100": "store_full", "53300": "store_unreachable",
    "08006": "store_lost", "57P01": "store_lost", "57P03": "store_lost", "XX001": "store_damaged",
}  # fmt: skip


def code_of(store: Store, work: Callable[[Tx], object]) -> str:
    """Give the code of the error that a transaction with this work ends in."""
    with pytest.raises(StoreError) as refusal, store.writing() as tx:
        work(tx)
    return refusal.value.code


def known(store: Store) -> set[str]:
    with store.reading() as tx:
        return {row.name for row in tx.rows(select(STORE_FACT))} - {"key_check"}


def note(tx: Tx, name: str) -> None:
    dialects.insert_rows(tx.connection, STORE_FACT, [{"name": name, "value": ""}])


@on("postgresql")  # the codes are its own
@pytest.mark.parametrize(("state", "code"), POSTGRESQL_STATES.items())
def test_what_the_server_says_is_told_by_who_must_act(store: Store, state: str, code: str) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"
    assert code_of(store, lambda tx: tx.connection.exec_driver_sql(raising)) == code
    assert known(store) == set()


def test_a_mistake_of_the_program_is_not_dressed_up(store: Store) -> None:
    with pytest.raises(Exception, match="nothing_like_it") as mistake, store.writing() as tx:
        tx.connection.exec_driver_sql("SELECT * FROM nothing_like_it")
    assert not isinstance(mistake.value, StoreError)


EVERYBODY_OUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@on("postgresql")  # a file has no connection
def test_a_connection_that_breaks_off_keeps_nothing_and_the_next_one_works(store: Store, home: Home) -> None:
    def work(tx: Tx) -> None:
        note(tx, "a")
        home.edit(EVERYBODY_OUT)
        note(tx, "b")

    assert code_of(store, work) == "store_lost"
    with store.writing() as tx:
        note(tx, "c")
    home.edit(EVERYBODY_OUT)
    assert known(store) == {"c"}


@on("postgresql")
def test_a_deadlock_takes_one_of_both_back(store: Store, postgresql: Server, database: str) -> None:
    """Two that lock the same rows the other way round: ours looks first, and gives way."""
    with store.writing() as tx:
        tx.take_numbers("one", 1)
        tx.take_numbers("two", 1)
    rival = psycopg.connect(host=str(postgresql.folder), dbname=database, user=OWNER)
    rival.execute("SET deadlock_timeout = '1min'")
    rival.execute("UPDATE number_line SET last = 9 WHERE name = 'two'")
    waiting = threading.Thread(target=rival.execute, args=("UPDATE number_line SET last = 9 WHERE name = 'one'",))

    def work(tx: Tx) -> None:
        tx.connection.exec_driver_sql("SET LOCAL deadlock_timeout = '10ms'")
        tx.take_numbers("one", 1)
        waiting.start()
        tx.take_numbers("two", 1)

    assert code_of(store, work) == "store_contended"
    waiting.join()
    rival.commit()
    rival.close()
    with store.reading() as tx:
        assert {row.last for row in tx.rows(select(NUMBER_LINE))} == {9}


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for another writer for a moment only."""
    monkeypatch.setitem(dialects._POSTGRESQL_SETTINGS, "options", "-c lock_timeout=10ms")  # noqa: SLF001 - half a minute else
    settings = [one.replace("30000", "10") for one in dialects._SQLITE_SETTINGS]  # noqa: SLF001
    monkeypatch.setattr(dialects, "_SQLITE_SETTINGS", settings)


@pytest.mark.usefixtures("_impatient")
def test_one_writer_at_a_time_and_the_other_is_told(opened: Callable[[], Store]) -> None:
    first, second = opened(), opened()
    with first.writing() as tx:
        note(tx, "a")
        assert code_of(second, lambda tx: note(tx, "b")) == "store_busy"
        assert known(second) == set()
    with second.writing() as tx:
        note(tx, "c")
    assert known(first) == {"a", "c"}


@pytest.mark.usefixtures("_impatient")
def test_opening_a_store_waits_for_no_writer(opened: Callable[[], Store]) -> None:
    with opened().writing() as tx:
        note(tx, "a")
        assert known(opened()) == set()


def test_a_reader_writes_nothing_on_postgresql_and_keeps_nothing_on_sqlite(store: Store, home: Home) -> None:
    def write() -> None:
        with store.reading() as tx:
            note(tx, "a")

    if home.name == "postgresql":
        with pytest.raises(StoreError, match="store_read_only"):
            write()
    else:
        write()
    assert known(store) == set()


@on("sqlite")
def test_a_full_disk_keeps_nothing(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.connection.exec_driver_sql("PRAGMA max_page_count = 1")
        for number in range(2000):
            note(tx, f"a{number}" * 50)

    assert code_of(store, work) == "store_full"
    assert known(store) == set()


@on("sqlite")
def test_a_damaged_file_is_told(opened: Callable[[], Store], folder: Path) -> None:
    opened().close()
    with (folder / "shiqiao.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\x5a" * 400_000)
    with pytest.raises(StoreError, match="store_damaged"):
        opened()


@on("sqlite")
def test_a_file_that_may_only_be_read_is_told(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.connection.exec_driver_sql("PRAGMA query_only = ON")
        note(tx, "a")

    assert code_of(store, work) == "store_read_only"


@pytest.fixture
def wire(postgresql: Server) -> Iterator[Relay]:
    with relay(postgresql) as laid:
        yield laid


@on("postgresql")
@pytest.mark.parametrize("side", ["unsent", "unanswered"])
def test_a_commit_without_an_answer_is_unknown_and_doing_it_again_ends_the_same(  # noqa: PLR0917 - five are fixtures
    wire: Relay, database: str, folder: Path, make: Makers, home: Home, side: Side
) -> None:
    assert home.name == "postgresql"
    store = open_store(wire.url(database, OWNER), folder / "shiqiao.key", make.clock)
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1))
        run = make.run(tx)
    wire.cut(1, side)
    assert code_of(store, lambda tx: ledger.post(tx, [make.draft(1, 1800)], run)) == "store_commit_unknown"
    with store.reading() as tx:
        assert len(ledger.vouchers_of(tx, 1)) == {"unsent": 0, "unanswered": 1}[side]
    with store.writing() as tx:
        assert ledger.post(tx, [make.draft(1, 1800)], run) == [1]
    with store.reading() as tx:
        assert ledger.balances(tx, [1])[1].available == 1800
        assert [one.number for one in runs.last(tx)] == [run]
    store.close()
