"""Grow a SQLite store by raw copies of its rows: other people with other records, all of them older than a year.

Only a store that is to be measured may be grown so: what is sealed opens at its first place alone, and the chain of
hashes ends with the rows that the house wrote itself.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Column, Integer, LargeBinary, Table

from local_store.tables.schema import TABLES

_YEAR_SECONDS = 400 * 86_400
_STAYS = {
    "store_fact", "number_line", "run", "rules_activation", "lease", "coverage", "chain_head", "raw_page", "entry",
    "decision", "pair_binding", "person_binding", "outside_binding", "person_merge", "voucher_reason",
    "sweep_asked", "month_summed", "release_use",
}  # fmt: skip
_POINTS_TO = {"voucher": "voucher", "debit": "account", "credit": "account"}  # where no foreign key says so
_NAMES = {"service_id", "external_id", "carried_id", "local_number", "number_token", "token", "code", "key", "hash"}
_NAMES |= {"conflict_id", "content_token"}


def grow(database: Path, times: int) -> None:
    """Let a store hold ``times`` as many people and records as it does."""
    store = sqlite3.connect(database, isolation_level=None)
    store.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000")
    aside = store.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
    ).fetchall()
    tables = [table for table in TABLES if table.name not in _STAYS]
    spans = {table.name: _last_number(store, table) for table in tables}
    store.execute("BEGIN IMMEDIATE")
    for kind, name, _ in aside:
        store.execute(f'DROP {kind} "{name}"')
    for table in tables:
        _copy(store, table, spans, times)
    for name, span in spans.items():
        store.execute("UPDATE number_line SET last = ? WHERE name = ?", (span * times, name))
    store.execute("UPDATE chain_head SET number = (SELECT max(number) FROM voucher)")
    for _, _, statement in aside:
        store.execute(statement)
    store.execute("COMMIT")
    store.execute("PRAGMA journal_mode=WAL")
    store.close()


def _last_number(store: sqlite3.Connection, table: Table) -> int:
    if "number" not in table.c:
        return 0
    last: int | None = store.execute(f'SELECT max(number) FROM "{table.name}"').fetchone()[0]  # noqa: S608
    return last or 0


def _copy(store: sqlite3.Connection, table: Table, spans: dict[str, int], times: int) -> None:
    """Copy the rows there are, each time with all numbers and names moved on."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    moved = ", ".join(_moved(column, spans) for column in table.columns)
    store.execute(f'CREATE TEMPORARY TABLE source AS SELECT * FROM "{table.name}"')  # noqa: S608
    for copy in range(1, times):
        store.execute(f'INSERT INTO "{table.name}" ({names}) SELECT {moved} FROM source', {"copy": copy})  # noqa: S608
    store.execute("DROP TABLE source")


def _moved(column: Column[object], spans: dict[str, int]) -> str:
    """Say what a column holds in copy number ``:copy``."""
    name = f'"{column.name}"'
    target = _target(column)
    if column.name == "due_on":
        return "NULL"
    if column.name == "updated_at":
        return f"{name} - {_YEAR_SECONDS} * :copy"
    if isinstance(column.type, LargeBinary):
        return name
    if target in spans and isinstance(column.type, Integer):
        return f"{name} + {spans[target]} * :copy"
    if column.name in _NAMES:
        return f"CASE {name} WHEN '' THEN '' ELSE printf('%04d~', :copy) || {name} END"
    return name


def _target(column: Column[object]) -> str:
    """Name the table whose rows a column counts or points to, or ""."""
    if column.foreign_keys:
        return str(next(iter(column.foreign_keys)).column.table.name)
    return str(column.table.name) if column.name == "number" else _POINTS_TO.get(column.name, "")
