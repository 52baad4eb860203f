"""Many new rows at once, as tuples in the order in which a table's class names its columns: the way into the book."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table

from local_store.values import insert_values

_AT_ONCE = 50
"""Rows of one SQLite statement: each that sets off a trigger first copies every page that it will touch."""


def add_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows that hold a value for each column of their table."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        insert_values(connection, table, tuple(column.name for column in table.columns), rows)
        return
    whole = len(rows) - len(rows) % _AT_ONCE
    if whole:
        portions = [rows[start : start + _AT_ONCE] for start in range(0, whole, _AT_ONCE)]
        connection.exec_driver_sql(_insertion(table, _AT_ONCE), [tuple(chain.from_iterable(one)) for one in portions])
    if whole < len(rows):
        connection.exec_driver_sql(_insertion(table, 1), list(rows[whole:]))


@lru_cache(maxsize=64)
def _insertion(table: Table, how_many: int) -> str:
    names = ", ".join(column.name for column in table.columns)
    row = f"({', '.join('?' for _ in table.columns)})"
    return f"INSERT INTO {table.name} ({names}) VALUES {', '.join([row] * how_many)}"  # noqa: S608 - of our own tables
