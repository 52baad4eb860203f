from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select

from domain.errors import ShiqiaoError, StoreError, UsageError
from local_store import runs
from local_store.dialects import insert_rows
from local_store.migrate import known_steps
from local_store.store import Store, open_store
from local_store.tables.base import METADATA
from local_store.tables.runs import RUN, STORE_FACT
from local_store.transaction import Tx
from local_store.vault import create_key_file
from tests.local_store.homes import Home, on
from tests.local_store.makers import Makers
from tests.postgresql import Server


def test_a_store_is_made_whole_and_opens_again(opened: Callable[[], Store], make: Makers) -> None:
    with opened().writing() as tx:
        number = make.run(tx)
    with opened().reading() as tx:
        assert [run.number for run in runs.last(tx)] == [number]
        assert compare_metadata(MigrationContext.configure(tx.connection), METADATA) == []


@on("sqlite")  # its own settings
def test_sqlite_is_set_up_to_keep_what_it_was_given(store: Store) -> None:
    with store.reading() as tx:
        said = {
            name: tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")
        }
    assert said == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000, "recursive_triggers": 1,
    }  # fmt: skip


def test_an_error_leaves_nothing_behind(store: Store, make: Makers) -> None:
    def work(tx: Tx) -> None:
        make.roster(tx, make.roster_row(1))
        make.pull(tx, [make.record("r1", make.person(1))])
        raise InterruptedError

    with pytest.raises(InterruptedError), store.writing() as tx:
        work(tx)
    with store.reading() as tx:
        filled = {
            name: count
            for name, table in METADATA.tables.items()
            if (count := len(tx.rows(select(table)))) and name not in {"store_fact", "chain_head"}
        }
    assert filled == {}
    with store.writing() as tx:
        assert make.run(tx) == 1


def test_a_reader_keeps_the_state_of_its_beginning(store: Store, make: Makers) -> None:
    with store.reading() as reader:
        before = reader.rows(select(RUN))
        with store.writing() as writer:
            make.run(writer)
        assert reader.rows(select(RUN)) == before


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "store_newer"),
        ("DROP TRIGGER voucher_never_updated{on_table}", "store_guards_missing"),
        ("DROP TABLE alembic_version", "store_not_ours"),
    ],
)
def test_a_store_that_is_not_as_it_should_be_is_refused(
    opened: Callable[[], Store], home: Home, statement: str, code: str
) -> None:
    opened().close()
    home.edit(statement.format(on_table="" if home.name == "sqlite" else " ON voucher"))
    with pytest.raises(ShiqiaoError) as refusal:
        opened()
    assert refusal.value.code == code


WEAKENED = {
    "sqlite": (
        "DROP TRIGGER transfer_never_deleted",
        "CREATE TRIGGER transfer_never_deleted BEFORE DELETE ON transfer BEGIN SELECT 1; END",
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'seconds <= cap_seconds', 'seconds <= 9') WHERE name = 'balance'",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION transfer_never_deleted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "ALTER TABLE balance DROP CONSTRAINT ck_balance_available_cap",
        "ALTER TABLE balance ADD CONSTRAINT ck_balance_available_cap CHECK (kind <> 'available' OR seconds <= 9)",
    ),
}


def test_a_weakened_trigger_or_check_is_refused(opened: Callable[[], Store], home: Home) -> None:
    opened().close()
    home.edit(*WEAKENED[home.name])
    with pytest.raises(StoreError) as refusal:
        opened()
    assert refusal.value.code == "store_guards_missing"
    assert refusal.value.data["names"] == "transfer_never_deleted ck_balance_available_cap"


@on("postgresql")  # SQLite's triggers cannot be put to sleep, moved or given other rights
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("ALTER TABLE voucher DISABLE TRIGGER voucher_never_updated", "voucher_never_updated"),
        ("ALTER TABLE voucher ENABLE REPLICA TRIGGER voucher_never_updated", "voucher_never_updated"),
        ("ALTER FUNCTION transfer_moves_balances SECURITY INVOKER", "transfer_moves_balances"),
        ("ALTER FUNCTION voucher_only_at_the_end RESET search_path", "voucher_only_at_the_end"),
        (
            """
            DROP TRIGGER account_never_deleted ON account;
            CREATE TRIGGER account_never_deleted BEFORE DELETE ON run
            FOR EACH ROW EXECUTE FUNCTION account_never_deleted();
            """,
            "account_never_deleted",
        ),
        (
            """
            ALTER TABLE transfer DROP CONSTRAINT ck_transfer_two_accounts;
            ALTER TABLE transfer ADD CONSTRAINT ck_transfer_two_accounts CHECK (debit <> credit) NOT VALID;
            """,
            "ck_transfer_two_accounts",
        ),
    ],
)
def test_a_guard_put_to_sleep_is_found(opened: Callable[[], Store], home: Home, statement: str, name: str) -> None:
    opened().close()
    home.edit(statement)
    with pytest.raises(StoreError) as refusal:
        opened()
    assert (refusal.value.code, refusal.value.data) == ("store_guards_missing", {"names": name})


def test_text_sorts_by_its_codes(store: Store) -> None:
    words = ["b", "A", "a", "B", "_", "-a", "覃", "é", "z"]
    with store.writing() as tx:
        insert_rows(tx.connection, STORE_FACT, [{"name": word, "value": ""} for word in words])
        statement = select(STORE_FACT.c.name).where(STORE_FACT.c.name.in_(words)).order_by(STORE_FACT.c.name)
        assert [row.name for row in tx.rows(statement)] == sorted(words)


@on("postgresql")  # SQLite has no other order
def test_no_column_of_text_sorts_as_the_database_was_made_to(store: Store) -> None:
    asked = (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
    )
    with store.reading() as tx:
        assert tx.connection.exec_driver_sql(asked).all() == []


def test_another_key_does_not_open_the_store(
    opened: Callable[[], Store], home: Home, folder: Path, make: Makers
) -> None:
    opened().close()
    create_key_file(folder / "other.key")
    with pytest.raises(UsageError, match="store_other_key"):
        open_store(home.url, folder / "other.key", make.clock)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite:///{folder}/none.db", "store_missing"),
        ("sqlite:///{folder}/letter.txt", "store_not_ours"),
        ("mysql://h/n", "store_url_broken"),
        ("城中", "store_url_broken"),
        ("sqlite:///{folder}/no/such/folder.db", "store_missing"),
        ("postgresql+psycopg://shiqiao@/bank?host={folder}", "store_unreachable"),
        ("postgresql+psycopg://shiqiao@127.0.0.1:1/bank", "store_unreachable"),
    ],
)
def test_what_is_no_store_is_named(folder: Path, make: Makers, url: str, code: str) -> None:
    (folder / "letter.txt").write_text("只是一封信" * 500)
    with pytest.raises(ShiqiaoError) as refusal:
        open_store(url.format(folder=folder), folder / "shiqiao.key", make.clock, create=False)
    assert refusal.value.code == code


def test_who_only_looks_makes_no_store_in_an_empty_database(postgresql: Server, folder: Path, make: Makers) -> None:
    name = postgresql.create("template1")
    for _ in range(2):
        with pytest.raises(UsageError, match="store_missing"):
            open_store(postgresql.url(name), folder / "shiqiao.key", make.clock, create=False)
    postgresql.drop(name)


def test_a_missing_folder_is_unreachable(folder: Path, make: Makers) -> None:
    with pytest.raises(StoreError, match="store_unreachable"):
        open_store(f"sqlite:///{folder}/no/such.db", folder / "shiqiao.key", make.clock)


def test_the_steps_that_are_known_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "local_store:migrations")
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    assert known_steps() == steps[::-1]
