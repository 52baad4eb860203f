"""All that differs between the databases: how to connect, how to begin, how to insert many rows, what guards exist."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Compiled,
    Connection,
    Dialect,
    Engine,
    Table,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import ArgumentError

from domain.errors import UsageError

_SQLITE_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
    "PRAGMA recursive_triggers=ON",  # so that REPLACE cannot slip past the guards against deleting
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
)
_WRITING = "writing"
_POSTGRESQL_GUARDS = (
    "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
    "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
)


def engine_for(url: str) -> Engine:
    """Make the engine for a store's url; statements never show their parameters in errors.

    Raises:
        UsageError: ``store_url_broken``: no url, or of a database we do not speak to.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UsageError("store_url_broken") from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise UsageError("store_url_broken")
    engine = create_engine(parsed, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def for_writing(engine: Engine) -> Engine:
    """Give the same engine, whose transactions hold the right to write from their beginning."""
    return engine.execution_options(**{_WRITING: True})


def sqlite_file(engine: Engine) -> str | None:
    """Give the path of a SQLite store's file, or None for another database."""
    return engine.url.database if engine.dialect.name == "sqlite" else None


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows, alike in their columns, with one statement."""
    if rows:
        _execute(connection, _insertion(table, tuple(rows[0]), connection.dialect), rows)


def upsert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows, or put them in the place of those with the same primary key, with one statement."""
    if rows:
        _execute(connection, _upsertion(table, tuple(rows[0]), connection.dialect), rows)


@lru_cache(maxsize=256)
def _insertion(table: Table, names: tuple[str, ...], dialect: Dialect) -> Compiled:
    return insert(table).compile(dialect=dialect, column_keys=list(names))


@lru_cache(maxsize=256)
def _upsertion(table: Table, names: tuple[str, ...], dialect: Dialect) -> Compiled:
    keys = [column.name for column in table.primary_key]
    statement = (sqlite_insert if dialect.name == "sqlite" else postgresql_insert)(table)
    moved = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=moved).compile(
        dialect=dialect, column_keys=list(names)
    )


def _execute(connection: Connection, compiled: Compiled, rows: Sequence[Mapping[str, Any]]) -> None:
    """Hand rows to the driver as they are: their values need no processing, and this is the hot path of every pull."""
    places = getattr(compiled, "positiontup", None)
    if places:
        values_of = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
        connection.exec_driver_sql(str(compiled), [values_of(row) for row in rows])
    else:
        connection.exec_driver_sql(str(compiled), list(rows))


def guards_in(connection: Connection) -> dict[str, str]:
    """Give the triggers that the database has, by name: what each one does, blanks evened out."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    else:
        found = connection.execute(text(_POSTGRESQL_GUARDS))
    return {name: evened(sql) for name, sql in found}


def checks_in(connection: Connection, table: str) -> dict[str, str]:
    """Give the named CHECKs that the database has on a table; PostgreSQL spells them in its own words."""
    found = inspect(connection).get_check_constraints(table)
    return {str(check["name"]): evened(check["sqltext"]) for check in found}


def are_checks_verbatim(connection: Connection) -> bool:
    """Say whether the database gives CHECKs back as they were written."""
    return connection.dialect.name == "sqlite"


def evened(sql: str) -> str:
    """Give SQL with every run of blanks as one."""
    return re.sub(r"\s+", " ", sql).strip()


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for setting in _SQLITE_SETTINGS:
        connection.execute(setting)


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
