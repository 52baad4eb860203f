"""All that differs between the databases: how to connect, how to begin, how to insert many rows, what guards exist."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Compiled,
    Connection,
    Dialect,
    Engine,
    Table,
    bindparam,
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
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import NullType, TypeDecorator

from domain.errors import UsageError

_SQLITE_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
    "PRAGMA recursive_triggers=ON",  # so that REPLACE cannot slip past the guards against deleting
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-8192",  # the system keeps the file's pages as well
)
_POSTGRESQL_SETTINGS = {
    "application_name": "shiqiao",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    # What waits for a lock as SQLite's busy time-out does; and a writer whose machine went away must not keep the lock.
    "options": "-c lock_timeout=30s -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
}
_WRITING = "writing"
_WRITERS_LOCK = int.from_bytes(b"shiqiao")
_POSTGRESQL_GUARDS = """
    SELECT t.tgname, pg_get_triggerdef(t.oid, true) || CASE WHEN p.prosecdef THEN ' SECURITY DEFINER' ELSE '' END
        || ' SET ' || coalesce(array_to_string(p.proconfig, ' '), '') || ' ' || p.prosrc
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace
"""
_POSTGRESQL_CHECKS = """
    SELECT k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype = 'c' AND c.relname = :table_name AND c.relnamespace = current_schema()::regnamespace
"""


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
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True, connect_args=_POSTGRESQL_SETTINGS)
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def url_as(url: str, role: str) -> str:
    """Give a PostgreSQL store's url for another role; that of a file, which has no roles, as it is."""
    parsed = make_url(url)
    return url if parsed.get_backend_name() == "sqlite" else parsed.set(username=role).render_as_string()


def for_writing(engine: Engine) -> Engine:
    """Give the same engine, whose transactions hold the right to write from their beginning.

    On PostgreSQL each statement of theirs sees what the writer before committed: a state taken any earlier would be
    taken while waiting for the right to write.
    """
    isolation = {} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    return engine.execution_options(**{_WRITING: True}, **isolation)


def for_reading(engine: Engine) -> Engine:
    """Give the same engine, whose transactions see one state throughout and change nothing."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def sqlite_file(engine: Engine) -> str | None:
    """Give the path of a SQLite store's file, or None for another database."""
    return engine.url.database if engine.dialect.name == "sqlite" else None


class _Listed(TypeDecorator[Any]):
    """A list given as one value: as JSON where the database knows no arrays."""

    impl = NullType
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401 - SQLAlchemy's shape
        return json.dumps(list(value)) if dialect.name == "sqlite" else list(value)


class among(ColumnElement[bool]):  # noqa: N801 - reads as an operator does
    """``column`` is one of the values given as ``name`` when the statement runs.

    However many they are, the statement is the same: it is made and compiled once, where ``IN`` is spelt out anew for
    every number of values.
    """

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's shape
        ("column", InternalTraversal.dp_clauseelement),
        ("given", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        """Compare ``column`` with the values to be given as ``name``."""
        self.column = column
        self.given = bindparam(name, type_=_Listed())

    def self_group(self, against: Any = None) -> among:  # noqa: ANN401, ARG002 - SQLAlchemy's shape
        """Stand as it is: it needs no brackets, and no database asks whether it is true."""
        return self


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: Any, **named: Any) -> str:  # noqa: ANN401 - SQLAlchemy's shape
    column, given = (compiler.process(part, **named) for part in (element.column, element.given))
    return f"{column} IN (SELECT value FROM json_each({given}))"  # noqa: S608 - of compiled parts


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: Any, **named: Any) -> str:  # noqa: ANN401 - SQLAlchemy's shape
    column, given = (compiler.process(part, **named) for part in (element.column, element.given))
    return f"{column} = ANY({given})"


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
    """Give the triggers that the database has, by name: when each fires and what it does, blanks evened out."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    else:
        found = connection.execute(text(_POSTGRESQL_GUARDS))
    return {name: evened(sql) for name, sql in found}


def checks_in(connection: Connection, table: str) -> dict[str, str]:
    """Give the named CHECKs that the database has on a table, as it keeps them."""
    if connection.dialect.name == "sqlite":
        found = inspect(connection).get_check_constraints(table)
        return {str(check["name"]): check["sqltext"] for check in found}
    rows = connection.execute(text(_POSTGRESQL_CHECKS), {"table_name": table})
    return {name: rule.removeprefix("CHECK ") for name, rule in rows}


def is_same_check(dialect: str, kept: str, written: str) -> bool:
    """Say whether a CHECK that a database keeps is the one that was written; PostgreSQL spells it in its own way."""
    if dialect == "sqlite":
        return evened(kept) == evened(written)
    return _words_of_check(kept) == _words_of_check(written)


def _words_of_check(rule: str) -> list[str]:
    """Give the words of a CHECK without brackets and casts, and every ``= ANY (ARRAY[…])`` as ``IN``."""
    bare = re.sub(r"CAST\((\w+) AS \w+\)", r"\1", re.sub(r"::\w+", "", rule))
    words = re.sub(r"\s+", " ", re.sub(r"[][(),]", " ", bare)).replace("= ANY ARRAY", "IN")
    return words.split()


def own_schema(connection: Connection) -> str:
    """Give the schema of a PostgreSQL store, quoted where it has to be."""
    return str(connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one())


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


def _begin_postgresql(connection: Connection) -> None:
    """Let one writer in at a time, as SQLite does; a reader waits for nobody."""
    if connection.get_execution_options().get(_WRITING):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
