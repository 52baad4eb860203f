"""The two homes of a store, each with a way in for somebody who has a tool of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

from tests.postgresql import OWNER, Server


def on(*names: str) -> pytest.MarkDecorator:
    """Ask for these homes alone, by the database's name."""
    return pytest.mark.parametrize("home", names, indirect=True)


class Home(Protocol):
    """Where a store lives; ``name`` is the database's."""

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str: ...

    def edit(self, *statements: str) -> None:
        """Run statements past the program, under the guards."""

    def edit_unguarded(self, *statements: str) -> None:
        """Run statements past the program and its guards, and put these back after."""

    def files(self) -> dict[str, bytes]:
        """Give everything that lies on the disk of it."""


@dataclass(frozen=True)
class SqliteHome:
    folder: Path
    name: str = "sqlite"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder}/shiqiao.db"

    def edit(self, *statements: str) -> None:
        connection = sqlite3.connect(self.folder / "shiqiao.db")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    def edit_unguarded(self, *statements: str) -> None:
        connection = sqlite3.connect(self.folder / "shiqiao.db")
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        connection.close()
        self.edit(
            *(f"DROP TRIGGER {name}" for name, _ in guards), "PRAGMA ignore_check_constraints = ON", *statements,
            *(sql for _, sql in guards),
        )  # fmt: skip

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.suffix != ".key"}


@dataclass(frozen=True)
class PostgresqlHome:
    server: Server
    database: str
    name: str = "postgresql"

    @property
    def url(self) -> str:
        return self.server.url(self.database)

    def edit(self, *statements: str) -> None:
        self.server.say(*statements, database=self.database)

    def edit_unguarded(self, *statements: str) -> None:
        checks = self._asked(
            "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
        self.edit(
            "SET session_replication_role = replica",
            *(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in checks),
            *statements,
            *(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule} NOT VALID" for table, name, rule in checks),
            "UPDATE pg_constraint SET convalidated = true",
        )

    def files(self) -> dict[str, bytes]:
        self.edit("CHECKPOINT")
        paths = self._asked("SELECT pg_relation_filepath(oid) FROM pg_class WHERE oid >= 16384 AND relkind <> 'v'")
        ((segment,),) = self._asked("SELECT 'pg_wal/' || pg_walfile_name(pg_current_wal_lsn())")
        home = self.server.folder / "data"
        names = [*(path for (path,) in paths if path), segment, "../log"]
        return {name: (home / name).read_bytes() for name in names}

    def _asked(self, question: str) -> Sequence[tuple[str, ...]]:
        with psycopg.connect(host=str(self.server.folder), dbname=self.database, user=OWNER) as connection:
            return connection.execute(question).fetchall()
