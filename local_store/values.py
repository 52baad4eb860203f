"""New rows as plain values, in the quickest way that each database has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError


def insert_values(connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
    """Insert many rows, their values in the order of ``names``, in the quickest way that the database has."""
    place = f"{table.name} ({', '.join(names)})"
    if connection.dialect.name != "sqlite":
        _copied(connection, f"COPY {place} FROM STDIN", rows)
    elif rows:
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"INSERT INTO {place} VALUES ({marks})", rows)  # noqa: S608 - of our own names


def _copied(connection: Connection, copy: str, rows: Sequence[Sequence[Any]]) -> None:
    """Hand rows to PostgreSQL in one stream; what it refuses is told as for any other statement."""
    driver: Any = connection.connection.driver_connection
    errors: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(copy) as stream:
            for row in rows:
                stream.write_row(row)
    except errors as error:
        lost = {"connection_invalidated": driver.closed, "dialect": connection.dialect}
        raise DBAPIError.instance(copy, None, error, errors, hide_parameters=True, **lost) from None
